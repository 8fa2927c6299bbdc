"""Which change of a schema lets the values through that break one of its words. Knows schemas alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mockserver import pointers
from mockserver.json_patch import PatchOperation, patched
from mockserver.verify.drift import Drift, holds
from mockserver.verify.schema_drift import NOTHING
from mockserver.verify.suggest.inferred import OBSERVED, kinds_of, schema_of

_CLOSED = ("additionalProperties", "unevaluatedProperties")
_BOUNDS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "minimum": min,
    "maximum": max,
    "minLength": lambda values: min(map(len, values)),
    "maxLength": lambda values: max(map(len, values)),
    "minItems": lambda values: min(map(len, values)),
    "maxItems": lambda values: max(map(len, values)),
    "minProperties": lambda values: min(map(len, values)),
    "maxProperties": lambda values: max(map(len, values)),
}
_EXCLUSIVE = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_BESIDE = {"contains": ("minContains", "maxContains"), "if": ("then", "else")}
"""Words that say nothing without another one."""


def loosened(document: Any, drift: Drift, values: Sequence[Any]) -> list[PatchOperation]:
    """What lets `values` through at the word of a schema that a drift names; none where the file has no such word."""
    said = pointers.get(document, drift.pointer)
    if drift.word == NOTHING and said is False:
        return [PatchOperation("replace", drift.pointer, schema_of(values))]
    holder = drift.pointer.rpartition("/")[0]
    schema = pointers.get(document, holder)
    if not isinstance(schema, dict) or drift.word not in schema:
        return []
    if drift.word in _CLOSED and drift.kind == "unknown_field":
        return described(schema, holder, pointers.split(drift.at)[-1], values)
    if drift.word == "required":
        return not_required(schema, holder, pointers.split(drift.at)[-1])
    return _of_word(schema, holder, drift.word, values)


def described(schema: Any, holder: str, name: str, values: Sequence[Any]) -> list[PatchOperation]:
    """One property more."""
    new = schema_of(values)
    if "properties" in schema:
        return [PatchOperation("add", pointers.join(holder, "properties", name), new)]
    return [PatchOperation("add", f"{holder}/properties", {name: new})]


def not_required(schema: Any, holder: str, name: str) -> list[PatchOperation]:
    """One property less that must be there."""
    names = schema["required"]
    if name not in names:
        return []
    if len(names) == 1:
        return [PatchOperation("remove", f"{holder}/required")]
    at = f"{holder}/required/{names.index(name)}"
    return [PatchOperation("test", at, name), PatchOperation("remove", at)]


def of_its_own(document: Any, drift: Drift, changes: Sequence[PatchOperation]) -> list[PatchOperation]:
    """The same changes of a small schema that others refer to as well, written where the reference stands."""
    said = pointers.get(document, drift.reference) if drift.reference else None
    target = str(said["$ref"]).removeprefix("#") if isinstance(said, dict) and "$ref" in said else ""
    shared = pointers.get(document, target) if target else None
    if not isinstance(said, dict) or not isinstance(shared, dict) or "properties" in shared:
        return []
    if not all(change.path.startswith(f"{target}/") for change in changes):
        return []
    below = [
        change._replace(path=change.path[len(target) :], source=change.source[len(target) :]) for change in changes
    ]
    beside = {word: value for word, value in said.items() if word != "$ref"}
    return [PatchOperation("replace", drift.reference, {**patched(shared, below), **beside})]


def one_more(document: Any, drift: Drift, values: Sequence[Any]) -> list[PatchOperation]:
    """One alternative more, where values are of no type that those which are there have."""
    above, _, word = drift.alternatives.rpartition("/")
    several = pointers.get(document, drift.alternatives)
    if word not in ("anyOf", "oneOf") or not isinstance(several, list):
        return []
    is_strange = all(each.word == "type" and each.at == drift.at for each in (drift, *drift.tied))
    if not is_strange or len(drift.tied) + 1 != len(several):
        return []
    kinds = kinds_of(values)
    new = {"type": kinds[0], **OBSERVED} if kinds == ["null"] else schema_of(values)
    return [PatchOperation("add", pointers.join(above, word, "-"), new)]


def _of_word(schema: Any, holder: str, word: str, values: Sequence[Any]) -> list[PatchOperation]:
    at = pointers.join(holder, word)
    if word == "type":
        return [PatchOperation("replace", at, _types(schema["type"], values))]
    if word == "enum":
        return [PatchOperation("add", f"{at}/-", value) for value in values if not holds(schema["enum"], value)]
    if word == "const":
        listed = [] if "enum" in schema else [PatchOperation("add", f"{holder}/enum", [schema["const"], *values])]
        return [PatchOperation("remove", at), *listed]
    if word in _BOUNDS:
        return [PatchOperation("replace", at, _BOUNDS[word](values))]
    if word in _EXCLUSIVE:
        bound = _EXCLUSIVE[word]
        known = [] if bound in schema else [PatchOperation("add", f"{holder}/{bound}", _BOUNDS[bound](values))]
        return [PatchOperation("remove", at), *known]
    if word == "oneOf" and "anyOf" not in schema:
        return [PatchOperation("move", f"{holder}/anyOf", source=at)]
    beside = [pointers.join(holder, each) for each in _BESIDE.get(word, ()) if each in schema]
    return [PatchOperation("remove", each) for each in (at, *beside)]


def _types(said: Any, values: Sequence[Any]) -> Any:
    """Those that were said, and those of the values."""
    known = [said] if isinstance(said, str) else list(said)
    found = kinds_of(values)
    if "number" in found and "integer" in known:
        known[known.index("integer")] = "number"
    more = [each for each in found if each not in known and not (each == "integer" and "number" in known)]
    several = [*dict.fromkeys([*known, *more])]
    return several[0] if len(several) == 1 else several
