"""What a schema accepts, read off the schema: its JSON types, its items, its properties. Validates nothing.

A schema is followed through `$ref`, `allOf`, `anyOf` and `oneOf` within one document. Types are the words
of JSON Schema; `number` always comes with `integer`, for every integer is a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any
from urllib.parse import unquote

from mockserver import pointers

Schema = Mapping[str, Any] | bool
Document = Mapping[str, Any]

ANY = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})
_NOTHING: frozenset[str] = frozenset()
_NUMBERS = frozenset({"integer", "number"})


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


def sees_types(schema: Schema, document: Document, _seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """The JSON types a value may have under `schema`; all seven when it does not say.

    Raises LookupError for a reference that leads nowhere.
    """
    if isinstance(schema, bool):
        return ANY if schema else _NOTHING
    types = _own_types(schema)
    ref = schema.get("$ref")
    if ref is not None and ref not in _seen:
        _seen = _seen | {ref}
        types &= sees_types(resolve(document, ref), document, _seen)
    for part in schema.get("allOf", ()):
        types &= sees_types(part, document, _seen)
    for branches in _choices(schema):
        types &= _NOTHING.union(*(sees_types(branch, document, _seen) for branch in branches))
    return types


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


def parts_of(schema: Schema, document: Document, _seen: frozenset[str] = frozenset()) -> Iterator[Mapping[str, Any]]:
    """`schema` and every schema it is put together from, each once per way that leads to it."""
    if isinstance(schema, bool):
        return
    yield schema
    ref = schema.get("$ref")
    if ref is not None and ref not in _seen:
        _seen = _seen | {ref}
        yield from parts_of(resolve(document, ref), document, _seen)
    for part in reduce(list.__add__, _choices(schema), list(schema.get("allOf", ()))):
        yield from parts_of(part, document, _seen)


def properties_of(schema: Schema, document: Document) -> dict[str, list[Schema]]:
    """Every property the schema names anywhere, with all that is said about it."""
    found: dict[str, list[Schema]] = {}
    for part in parts_of(schema, document):
        for name, said in part.get("properties", {}).items():
            found.setdefault(name, []).append(said)
    return found
