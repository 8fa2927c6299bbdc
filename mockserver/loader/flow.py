"""Words about how requests and answers go: idempotency keys, answers that are held back. Knows no request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver import pointers
from mockserver.contract import Contract
from mockserver.intake import Idempotency, Parameter, Wait
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.suggestions import mend_word

_BYTES = frozenset({"content", "stream"})
"""The verbs whose answers are not kept."""


def flow(source: Source, data: Any, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """What an operation with these parameters does around its verb."""
    rule, wait = _idempotency(source, parameters), _wait(data.get("wait"))
    has_steps = rule is not None or wait is not None or data["verb"] == "content"
    return {"idempotency": rule, "wait": wait, "has_steps": has_steps}


def _idempotency(source: Source, parameters: Sequence[Parameter]) -> Idempotency | None:
    said = source.behavior.get("idempotency")
    if said is None:
        return None
    named = {each.name.lower() for each in parameters if each.where == "header"}
    if said["header"].lower() not in named:
        return None
    return Idempotency(said["header"], said["ttl"], said["mismatch"], said["busy"], said.get("replayed", ""))


def _wait(said: Any) -> Wait | None:
    return None if said is None else Wait(said["for"], said["most"], said.get("until", "end"))


def check_flow(source: Source, contract: Contract) -> None:
    """Note words that nothing can come of."""
    operations = contract.operations.values()
    said = source.behavior.get("idempotency")
    if said is not None and not any(o.idempotency for o in operations):
        known = sorted({p.name for o in operations for p in o.parameters if p.where == "header"})
        sentence = f"no operation declares the header parameter {said['header']!r}."
        remedy = mend_word(said["header"], known, "Declare it in openapi.json, where a key is taken.")
        source.say(BEHAVIOR, "/idempotency/header", sentence, remedy)
    for operation in operations:
        if operation.idempotency is not None and operation.verb in _BYTES:
            sentence = f"{operation.id} takes idempotency keys, and what it sends is not kept."
            at = pointers.join("/operations", operation.id, "verb")
            source.say(BEHAVIOR, at, sentence, "Remove the header parameter from it in openapi.json.")
