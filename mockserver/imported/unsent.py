"""The webhooks that a document tells of: none is made of them, which is told. Knows no behavior."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mockserver.imported.described import operations
from mockserver.imported.facts import Guess, Lifecycle, OperationFacts, listing
from mockserver.imported.lexicon import is_callback
from mockserver.json_types import JsonObject

_BECAME = "no webhook is sent"
_LOOK = "write it under `webhooks` of both files, where clients wait for it"


def unsent(document: JsonObject, lives: Sequence[Lifecycle], facts: Mapping[str, OperationFacts]) -> list[Guess]:
    """The webhooks of the document, the callbacks of what creates, and the fields of its requests that name a URL."""
    found: list[Guess] = []
    if isinstance(webhooks := document.get("webhooks"), dict) and webhooks:
        found.append(Guess("webhooks", _BECAME, f"the document describes {listing(webhooks)}", _LOOK))
    makers = dict.fromkeys(role.operation for life in lives for role in life.of("create"))
    described = {each["operationId"]: each.get("callbacks") for *_, each, _ in operations(document)}
    for name in makers:
        why = "; ".join(_told(described.get(name), facts[name]))
        found += [Guess(name, _BECAME, why, _LOOK)] if why else []
    return found


def _told(callbacks: object, facts: OperationFacts) -> Iterator[str]:
    if isinstance(callbacks, dict) and callbacks:
        yield f"the document describes {listing(callbacks)}"
    fields = [at for at, send in facts.sends.items() if send.kind in ("string", "") and is_callback(at)]
    fields += [f"query.{each}" for each in facts.query if is_callback(each)]
    if fields:
        yield f"{listing(fields)} of the request may be where to"
