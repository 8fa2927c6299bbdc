"""What a request leaves out although it names it: null for a field that may be missing, empty text where that is said.

Knows schemas and values, not where they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.validation.shapes import Document, Schema, parts_of, properties_of, sees_types

_LEVELS = 4  # of objects within objects


class Fields(NamedTuple):
    """The fields of an object that may be missing, and the objects within it."""

    optional: frozenset[str]
    inner: Mapping[str, Fields]


def fields_of(schema: Schema, document: Document, *, says_null: bool = False) -> Fields:
    """What may be missing under a schema, and in objects described within it (not in those it refers to).

    That one of several ways wants a field all the same is for the validator. Where a request `says_null`, a field whose
    schema allows that is not left out by it.
    """
    return _fields(schema, document, _LEVELS, says_null, {})


def _fields(
    schema: Schema, document: Document, levels: int, says_null: bool, known: dict[tuple[int, int], Fields]
) -> Fields:
    """The same of so many levels; each schema is looked at once for each level."""
    key = (id(schema), levels)
    if key not in known:
        properties = properties_of(schema, document) if levels else {}
        own = {n: said[0] for n, said in properties.items() if isinstance(said[0], Mapping) and "$ref" not in said[0]}
        inner = {name: _fields(said, document, levels - 1, says_null, known) for name, said in own.items()}
        optional = frozenset(properties) - required(schema, document)
        if says_null:
            optional = frozenset(n for n in optional if not _allows_null(properties[n], document))
        known[key] = Fields(optional, {name: each for name, each in inner.items() if each.optional or each.inner})
    return known[key]


def _allows_null(said: Iterable[Schema], document: Document) -> bool:
    return all("null" in sees_types(each, document) for each in said)


def required(schema: Schema, document: Document) -> frozenset[str]:
    """The fields that must be there, whichever of several ways is taken."""
    parts = parts_of(schema, document, ("allOf",))
    return frozenset().union(*(part.get("required", ()) for part in parts))


def without_nulls(value: Any, fields: Fields) -> Any:
    """The value without the nulls that stand for fields left out."""
    if not isinstance(value, dict):
        return value
    kept = {name: each for name, each in value.items() if each is not None or name not in fields.optional}
    for name in fields.inner.keys() & kept.keys():
        kept[name] = without_nulls(kept[name], fields.inner[name])
    return kept


def without_blanks(value: Any, blank: Sequence[str]) -> Any:
    """The value without the empty texts that stand for fields left out; the object itself is changed."""
    for pointer in blank:
        above, _, name = pointer.rpartition("/")
        parent = pointers.get(value, above)
        if isinstance(parent, dict) and parent.get(name) == "":
            del parent[name]
    return value
