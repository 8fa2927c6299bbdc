"""What a request leaves out although it names it: null for a field that may be missing, empty text where that is said.

Knows schemas and values, not where they come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.validation.shapes import Document, Schema, properties_of, resolve

_LEVELS = 4  # of objects within objects


class Fields(NamedTuple):
    """The fields of an object that may be missing, and the objects within it."""

    optional: frozenset[str]
    inner: Mapping[str, Fields]


def fields_of(schema: Schema, document: Document, levels: int = _LEVELS) -> Fields:
    """What may be missing under a schema, and in objects described within it (not in those it refers to).

    That one of several ways wants a field all the same is for the validator.
    """
    properties = properties_of(schema, document) if levels else {}
    own = {name: said[0] for name, said in properties.items() if isinstance(said[0], Mapping) and "$ref" not in said[0]}
    inner = {name: fields_of(said, document, levels - 1) for name, said in own.items()}
    return Fields(
        frozenset(properties) - required(schema, document),
        {name: each for name, each in inner.items() if each.optional or each.inner},
    )


def required(schema: Schema, document: Document, _seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """The fields that must be there, whichever of several ways is taken."""
    if isinstance(schema, bool):
        return frozenset()
    found = frozenset(schema.get("required", ()))
    ref = schema.get("$ref")
    if ref is not None and ref not in _seen:
        found |= required(resolve(document, ref), document, _seen | {ref})
    return found.union(*(required(part, document, _seen) for part in schema.get("allOf", ())))


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
