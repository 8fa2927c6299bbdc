"""What a schema accepts, read off the schema: its JSON types, its items, its properties. Validates nothing.

A schema is followed through `$ref`, `allOf`, `anyOf` and `oneOf` within one document. Types are the words
of JSON Schema; `number` always comes with `integer`, for every integer is a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from mockserver import pointers

Schema = Mapping[str, Any] | bool
Document = Mapping[str, Any]

ANY = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})
_NOTHING: frozenset[str] = frozenset()
_NUMBERS = frozenset({"integer", "number"})
_WAYS = ("allOf", "anyOf", "oneOf")


def resolve(document: Document, ref: str) -> Schema:
    """The schema that a local reference such as `#/components/schemas/Job` points to.

    Raises LookupError when it points outside the document or to nothing.
    """
    if not ref.startswith("#"):
        raise LookupError(ref)
    found = pointers.get(document, unquote(ref[1:]))
    if found is pointers.MISSING:
        raise LookupError(ref)
    return found  # type: ignore[no-any-return]


def sees_types(schema: Schema, document: Document) -> frozenset[str]:
    """The JSON types a value may have under `schema`; all seven when it does not say.

    Raises LookupError for a reference that leads nowhere.
    """
    return _sees(schema, document, {})


def _sees(schema: Schema, document: Document, known: dict[int, frozenset[str]]) -> frozenset[str]:
    """The same; each schema is looked at once, and where one leads back to itself, that adds nothing."""
    if isinstance(schema, bool):
        return ANY if schema else _NOTHING
    if id(schema) in known:
        return known[id(schema)]
    known[id(schema)] = ANY
    types = _own_types(schema)
    for part in (*_referred(schema, document), *schema.get("allOf", ())):
        types &= _sees(part, document, known)
    for branches in _choices(schema):
        types &= _NOTHING.union(*(_sees(branch, document, known) for branch in branches))
    known[id(schema)] = types
    return types


def _referred(schema: Mapping[str, Any], document: Document) -> list[Schema]:
    return [resolve(document, schema["$ref"])] if "$ref" in schema else []


def _own_types(schema: Mapping[str, Any]) -> frozenset[str]:
    types = ANY
    if "type" in schema:
        named = schema["type"]
        types = frozenset([named] if isinstance(named, str) else named)
        types |= _NUMBERS if "number" in types else _NOTHING
    if "const" in schema:
        types &= _types_of_value(schema["const"])
    if "enum" in schema:
        types &= _NOTHING.union(*map(_types_of_value, schema["enum"]))
    return types


def _types_of_value(value: Any) -> frozenset[str]:
    if isinstance(value, bool):
        return frozenset({"boolean"})
    if isinstance(value, int | float):
        return _NUMBERS
    names = {str: "string", list: "array", dict: "object", type(None): "null"}
    return frozenset({names[type(value)]})


def _choices(schema: Mapping[str, Any]) -> list[list[Schema]]:
    return [schema[key] for key in ("anyOf", "oneOf") if key in schema]


def parts_of(schema: Schema, document: Document, through: Sequence[str] = _WAYS) -> Iterator[Mapping[str, Any]]:
    """`schema` and every schema it is put together from, each once, however many ways lead to it.

    `through` are the words that are followed beside references.
    """
    return parts_of_all([schema], document, through)


def parts_of_all(
    said: Iterable[Schema], document: Document, through: Sequence[str] = _WAYS
) -> Iterator[Mapping[str, Any]]:
    """The same of several schemas."""
    waiting, seen = [*said][::-1], set[int]()
    while waiting:
        each = waiting.pop()
        if isinstance(each, bool) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = [*_referred(each, document), *(part for word in through for part in each.get(word, ()))]
        waiting += reversed(inner)


def properties_of(schema: Schema, document: Document) -> dict[str, list[Schema]]:
    """Every property the schema names anywhere, with all that is said about it."""
    return properties_of_all([schema], document)


def properties_of_all(said: Iterable[Schema], document: Document) -> dict[str, list[Schema]]:
    """The same of several schemas about one value."""
    found: dict[str, list[Schema]] = {}
    for part in parts_of_all(said, document):
        for name, inner in part.get("properties", {}).items():
            found.setdefault(name, []).append(inner)
    return found
