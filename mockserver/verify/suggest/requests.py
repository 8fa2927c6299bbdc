"""Which change of a contract lets a request through that a server takes. Raises NoWay where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import pointers
from mockserver.json_patch import PatchOperation, patched
from mockserver.verify.suggest.draft import PatchDraft, SeenDrift
from mockserver.verify.suggest.inferred import OBSERVED
from mockserver.verify.suggest.responses import NoWay
from mockserver.verify.suggest.schemas import not_required
from mockserver.verify.walker import Invalid


def accepted(draft: PatchDraft, seen: SeenDrift) -> list[PatchOperation]:
    """Fields that need not be there, or a parameter that may be any text."""
    taken = [value for value in seen.values if isinstance(value, Invalid)]
    parameters = {each.parameter for each in taken if each.parameter}
    fields = [each.field for each in taken if each.field]
    if parameters:
        return _any_text(draft.openapi, parameters)
    if not fields:
        raise NoWay(
            'ambiguous: either the server reads such a body as one without fields ("other_bodies": "empty"), or it'
            " takes a media type that the contract has to declare"
        )
    changes: list[PatchOperation] = []
    document = draft.openapi
    for name in fields:
        holders = list(dict.fromkeys(_requiring(document, seen.drift.pointer, name)))
        if len(holders) != 1:
            places = " or ".join(f"{holder}/required" for holder in holders) or "no place that requires it alone"
            raise NoWay(f"ambiguous: that {name!r} is required is said at {places}")
        changes += not_required(pointers.get(document, holders[0]), holders[0], name)
        document = patched(draft.openapi, changes)
    return changes


def _any_text(document: Any, parameters: set[str]) -> list[PatchOperation]:
    there = [parameter for parameter in sorted(parameters) if pointers.get(document, parameter) is not pointers.MISSING]
    if not there:
        raise NoWay("the file says nothing of it at that place")
    return [PatchOperation("replace", each, {"type": "string", **OBSERVED}) for each in there]


def _requiring(document: Any, pointer: str, name: str) -> Iterator[str]:
    """Where a schema says that a property of its value is required; of alternatives, where each says so."""
    schema, at = pointers.resolve(document, pointers.get(document, pointer), pointer)
    if not isinstance(schema, dict):
        return
    if name in schema.get("required", ()):
        yield at
    for word in ("allOf", "anyOf", "oneOf"):
        for index in range(len(schema.get(word, ()))):
            yield from _requiring(document, pointers.join(at, word, index), name)
