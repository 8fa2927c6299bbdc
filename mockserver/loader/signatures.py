"""`sign` of behavior.json → how a webhook is signed: a name of the closed table, or a row of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.lifecycle import NOTHING, Value
from mockserver.loader import resources as parts
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.signatures import HEADERS, MISSING, SCHEMES, Signing, has_ed25519

CARRIED = Value("webhook.signature")


def signing(source: Source, at: str, said: Any) -> Signing | None:
    """How it is signed; None: not at all."""
    name = said.get("scheme") if isinstance(said, dict) else said
    if name is not None:
        named = SCHEMES[name]
        if named is not None and named.algorithm == "ed25519" and not has_ed25519():
            source.say(BEHAVIOR, at, f"{MISSING}.", "Install it.")
        return named
    if said is None:
        return None
    if said["algorithm"] == "ed25519" and not has_ed25519():
        source.say(BEHAVIOR, f"{at}/algorithm", f"{MISSING}.", "Install it.")
    usual = Signing(said["algorithm"])
    return usual._replace(
        encoding=said.get("encoding", usual.encoding),
        over=parts.value(said["over"]) if "over" in said else usual.over,
        key=said.get("key", usual.key),
        each=said.get("each", usual.each),
        between=said.get("between", usual.between),
        overlap=float(said.get("overlap", usual.overlap)),
        secret=parts.value(said["secret"]) if "secret" in said else None,
    )


def headers_of(said: Any) -> Mapping[str, Value]:
    """The headers that a named scheme brings along."""
    if isinstance(said, dict) and "scheme" in said:  # the form of earlier versions: it names its header itself
        own = {said["header"]: CARRIED} if said.get("header") and said["scheme"] == "hmac-sha256-hex" else NOTHING
        return {**HEADERS.get(said["scheme"], NOTHING), **own}
    return HEADERS.get(said, NOTHING) if isinstance(said, str) else NOTHING
