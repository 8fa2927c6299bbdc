"""Are ids that are made by a pattern many enough at all?"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract import Contract
from mockserver.draws import IdForm, IdKind
from mockserver.id_patterns import LEAST, different
from mockserver.loader.source import BEHAVIOR, Source


def check_ids(source: Source, contract: Contract) -> None:
    """Say of each pattern of ids that gives too few of them, or that is none."""
    for at, kind in _kinds(contract):
        pattern = kind.pattern if isinstance(kind, IdForm) else ""
        try:
            count = different(pattern) if pattern else LEAST
        except ValueError as error:
            source.say(BEHAVIOR, f"{at}/pattern", f"{error}.", "Write it like `[A-Z]{2}-[0-9]{8}`.")
            continue
        if count < LEAST:
            sentence = f"{pattern!r} gives only {count} different ids, and at least {LEAST} are wanted."
            source.say(BEHAVIOR, f"{at}/pattern", sentence, "Let more characters vary.")


def _kinds(contract: Contract) -> Iterator[tuple[str, IdKind | None]]:
    """Every form of ids, of keys and of secrets, with where it is said."""
    yield "/account/id", contract.account_id
    yield "/account/key", contract.account_key
    for resource in contract.resources.values():
        yield f"/resources/{resource.name}/id", resource.id
        yield f"/resources/{resource.name}/secret", resource.secret
    for webhook in contract.webhooks.values():
        yield f"{webhook.pointer}/id", webhook.id
