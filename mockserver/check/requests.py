"""Sample requests: what clients may lawfully send to create a resource, the shortest and the longest included."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mockserver import pointers
from mockserver.contract import Contract, Operation
from mockserver.intake import RequestBody
from mockserver.json_types import JsonValue
from mockserver.lifecycle import NONE, NOTHING
from mockserver.loader.declared import declares, within
from mockserver.validation import FORMS, Schemas, is_json, properties_of
from mockserver.validation.absence import required, without_blanks
from mockserver.validation.shapes import parts_of, parts_of_all, properties_of_all, sees_types

TestedValues = Mapping[str, Sequence[JsonValue]]
"""By pointer: values that something depends on."""
LONG = 2000  # characters of a text whose schema sets no bound
MOST = 20_000  # characters of a text whose schema sets a bound beyond all reason
NAMED = 2000  # fields of a body that are looked through for the one that was meant
VALUES = 1000  # values in a request that is made up: schemas that refer to each other again and again have no end
ODD = 'A "quoted" \\ text,\nwith é and 😀'


@dataclass(frozen=True, slots=True)
class SampleBody:
    """A body, or the fields of a form, and the parts that were uploaded with it."""

    operation: str
    values: JsonValue
    parts: frozenset[str] = NONE


def requests(
    contract: Contract, schemas: Schemas, operation: Operation, wanted: frozenset[str], tested: TestedValues = NOTHING
) -> list[SampleBody]:
    """Requests that vary in what stands at the `wanted` pointers, `tested` values too; each is valid."""
    wanted = frozenset(place for place in wanted if place[:1] in ("/", ""))
    found = [each for body in operation.bodies for each in _of_body(contract, schemas, operation, body, wanted, tested)]
    return found or [SampleBody(operation.id, {})]


def _of_body(
    contract: Contract,
    schemas: Schemas,
    operation: Operation,
    body: RequestBody,
    wanted: frozenset[str],
    tested: TestedValues,
) -> Iterator[SampleBody]:
    if is_raw(body):
        yield SampleBody(operation.id, None, frozenset({"body"}))
        return
    valid = schemas.at(body.pointer).is_valid
    files = file_parts(contract, operation, body)
    for base in _examples(contract.document, body) or [least(contract.document, body.schema)]:
        for values in _variants(contract.document, body, base, wanted | {f"/{name}" for name in files}, tested):
            values = without_blanks(copy.deepcopy(values), operation.blank)
            if valid(values) and _names_what_exists(operation, values):
                yield SampleBody(operation.id, values, files & set(values) if isinstance(values, dict) else NONE)


def _names_what_exists(operation: Operation, values: JsonValue) -> bool:
    """A request that names what is not there is refused, so no answer will ever show it."""
    return all(
        reference.named(named) in reference.listed
        if reference.listed
        else isinstance(named, str) and named not in ("", ODD)
        for reference in operation.references
        if reference.at[:1] in ("/", "")
        for _, named in pointers.find(values, reference.at)
        if reference.names(named)
    )


def is_raw(body: RequestBody) -> bool:
    """Whether a body is a file itself, and neither JSON nor a form."""
    return not is_json(body.media_type) and body.media_type not in FORMS


def file_parts(contract: Contract, operation: Operation, body: RequestBody) -> frozenset[str]:
    """The parts of a form that are files."""
    if not body.media_type.startswith("multipart/"):
        return NONE
    properties = properties_of(body.schema, contract.document)
    binary = {name for name, said in properties.items() if any(_is_binary(contract.document, s) for s in said)}
    return frozenset(binary | set(operation.files) & set(properties))


def _is_binary(document: JsonValue, schema: Any) -> bool:
    return any(part.get("format") == "binary" or "contentMediaType" in part for part in parts_of(schema, document))


def _examples(document: JsonValue, body: RequestBody) -> list[JsonValue]:
    holder = pointers.get(document, body.pointer.removesuffix("/schema"))
    nodes = [pointers.resolve(document, node)[0] for node in holder.get("examples", {}).values()]
    values = [node["value"] for node in nodes if isinstance(node, dict) and "value" in node]
    return [*values, *([holder["example"]] if "example" in holder else [])]


def least(document: JsonValue, schema: Any) -> JsonValue:
    """A small value of a schema, as a rule: what is required, each with the first value that comes to mind."""
    return _Least(document).of([schema], 8)


class _Least:
    """Makes one such value; `left` are the values that may still stand in it."""

    def __init__(self, document: JsonValue) -> None:
        self._document = document
        self._left = VALUES

    def of(self, said: Sequence[Any], levels: int) -> JsonValue:
        """A value of which all this is said, with so many levels of values within values."""
        parts = list(parts_of_all(said, self._document))
        types = sees_types({"allOf": list(said)}, self._document)
        self._left -= 1
        levels = levels if self._left > 0 else 0
        named = [*(p["const"] for p in parts if "const" in p), *(p["default"] for p in parts if "default" in p)]
        named += [value for part in parts for value in part.get("enum", ())]
        if named:
            return named[0]
        if "object" in types or any("properties" in part for part in parts):
            return self._object(said, levels)
        if "array" in types:
            return self._array(parts, levels)
        if types & {"integer", "number"}:
            return max((part["minimum"] for part in parts if "minimum" in part), default=1)
        return True if types == {"boolean"} else None if types == {"null"} else _text(parts)

    def _object(self, said: Sequence[Any], levels: int) -> JsonValue:
        known = properties_of_all(said, self._document) if levels else {}
        names = sorted(required({"allOf": list(said)}, self._document)) if levels else ()
        return {name: self.of(known.get(name, []), levels - 1) for name in names}

    def _array(self, parts: Sequence[Any], levels: int) -> JsonValue:
        items = [part["items"] for part in parts if isinstance(part.get("items"), dict)]
        count = max((part["minItems"] for part in parts if "minItems" in part), default=0)
        return [self.of(items, levels - 1)] * min(count, 10) if levels else []


def _text(parts: Sequence[Any]) -> str:
    """A text of some length."""
    shortest = max((part["minLength"] for part in parts if "minLength" in part), default=1)
    return "x" * min(max(shortest, 1), MOST)


def _variants(
    document: JsonValue, body: RequestBody, base: JsonValue, wanted: frozenset[str], tested: TestedValues
) -> Iterator[JsonValue]:
    yield base
    least = base
    for pointer in sorted(wanted):
        if pointers.get(base, pointer) is not pointers.MISSING:
            yield _without(base, pointer)
            least = _without(least, pointer)
        said = candidates(document, _said(document, body.schema, pointer))
        for candidate in (*tested.get(pointer, ()), *said):
            yield _with(base, pointer, candidate)
    yield least


def _without(value: JsonValue, pointer: str) -> JsonValue:
    changed = copy.deepcopy(value)
    above, _, name = pointer.rpartition("/")
    parent = pointers.get(changed, above)
    if isinstance(parent, dict):
        parent.pop(pointers.split(f"/{name}")[0], None)
    return changed


def _with(value: JsonValue, pointer: str, new: JsonValue) -> JsonValue:
    changed = copy.deepcopy(value)
    above, _, _ = pointer.rpartition("/")
    if isinstance(pointers.get(changed, above), dict):
        pointers.put(changed, pointer, new)
    return changed


def _said(document: JsonValue, schema: Any, pointer: str) -> Sequence[Any]:
    """All that schemas say of the value at a pointer."""
    found: list[Any] = [schema]
    for part in pointers.split(pointer):
        found = properties_of_all(found, document).get(part, [])
    return found


def said_of(contract: Contract, operation: Operation, place: str) -> Sequence[Any]:
    """All that schemas say of the value at a place, and of its items where it is a list."""
    found, document = said_at(contract, operation, place), contract.document
    items = [part["items"] for part in found if isinstance(part.get("items"), dict)]
    return [*found, *parts_of_all(items, document)]


def said_at(contract: Contract, operation: Operation, place: str) -> Sequence[Any]:
    """All that schemas say of the value at a place."""
    document = contract.document
    if place[:1] in ("/", ""):
        found = [said for body in operation.bodies for said in _said(document, body.schema, place)]
    else:
        where, _, name = place.partition(".")
        outer, inner = within(operation, where, name)
        named = [p.schema for p in operation.parameters if (p.where, p.name) == (where, outer)]
        found = [said for each in named for said in _said(document, each, inner)]
    return list(parts_of_all(found, document))


def places_of(contract: Contract, operation: Operation) -> Iterator[str]:
    """The places of its requests that have a name: parameters, and the first fields of bodies to three levels."""
    yield from (f"{p.where}.{p.name}" for p in operation.parameters)
    for body in operation.bodies:
        yield from islice(_fields(contract.document, body.schema, "", 3), NAMED)


def _fields(document: JsonValue, schema: Any, above: str, levels: int) -> Iterator[str]:
    for name, said in properties_of(schema, document).items() if levels else ():
        at = pointers.join(above, name)
        yield at
        for each in said:
            yield from _fields(document, each, at, levels - 1)
            items = [part["items"] for part in parts_of(each, document) if isinstance(part.get("items"), dict)]
            for item in items:
                yield f"{at}/*"
                yield from _fields(document, item, f"{at}/*", levels - 1)


def is_of_body(place: str) -> bool:
    """Whether a place is in the body of a request, or the body itself."""
    return place[:1] in ("/", "") or place == "body"


def is_declared(contract: Contract, operation: Operation, place: str) -> bool:
    """Whether a request of an operation can hold something at a place; `*` stands for every item of a list."""
    return declares(contract.document, operation, place)


def candidates(document: JsonValue, said: Sequence[Any]) -> Iterator[JsonValue]:
    """Values at the edges of what schemas say; some of them may break other words of the schemas."""
    parts = list(parts_of_all(said, document))
    for part in parts:
        yield from part.get("enum", ())
        yield from (part[word] for word in ("const", "default", "minimum", "maximum") if word in part)
    types = {t for p in parts for t in ([p["type"]] if isinstance(p.get("type"), str) else p.get("type", ()))}
    if "string" in types:
        least = max((p["minLength"] for p in parts if "minLength" in p), default=0)
        most = min((p["maxLength"] for p in parts if "maxLength" in p), default=LONG)
        yield from (ODD, "x" * least, "x" * min(most, MOST))
    if "boolean" in types:
        yield from (True, False)
    if "null" in types:
        yield None
