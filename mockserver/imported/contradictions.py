"""Schemas that no value fits, or not each that they list: what contradicts the rest is taken away, and said.

Changes a document of 3.1; knows no operation.
"""

from __future__ import annotations

from collections.abc import Iterator

import jsonschema_rs

from mockserver import pointers
from mockserver.imported.described import items, members
from mockserver.imported.dialect import Loosened
from mockserver.imported.endless import end
from mockserver.json_types import JsonObject
from mockserver.loader.keywords import nodes
from mockserver.validation.schemas import LINEAR

_BOUNDS = ("minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_MOST = 300
"""So many schemas are looked at for what one is put together from."""


def without_contradictions(document: JsonObject, loosened: Loosened) -> None:
    """Take away, in place, what leaves no value, or not all that are listed."""
    for node, kind, at in [*nodes(document)]:
        if kind == "schema" and isinstance(node, dict):
            _bounds_of_listed(node, at, loosened)
            _closed_parts(document, node, at, loosened)
    end(document, loosened)


def _bounds_of_listed(node: JsonObject, at: str, loosened: Loosened) -> None:
    """Bounds that refuse some of the values that are listed beside them."""
    listed = [each for each in (*items(node.get("enum")), node.get("const")) if each is not None]
    for word in [each for each in _BOUNDS if listed and each in node]:
        fits = jsonschema_rs.validator_for({word: node[word]}, pattern_options=LINEAR).is_valid
        if not all(map(fits, listed)):
            loosened.note(f"{word} refuses values that are listed beside it, and was left out", at)
            del node[word]


def _closed_parts(document: JsonObject, node: JsonObject, at: str, loosened: Loosened) -> None:
    """Parts of a whole that allow no other fields than their own, though the whole has some."""
    if not items(node.get("allOf")):
        return
    parts = [*_composed(document, node)]
    every = {name for part in parts for name, _ in members(part.get("properties"))}
    for part in parts:
        own = {name for name, _ in members(part.get("properties"))}
        if part.get("additionalProperties") is False and every - own and "patternProperties" not in part:
            loosened.note("additionalProperties of a part refuses the other parts of the whole, and was left out", at)
            del part["additionalProperties"]


def _composed(document: JsonObject, node: JsonObject) -> Iterator[JsonObject]:
    """A schema and all that it is put together from by `allOf` and references."""
    waiting, seen = [node], set[int]()
    while waiting and len(seen) < _MOST:
        found, _ = pointers.resolve(document, waiting.pop())
        if isinstance(found, dict) and id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += items(found.get("allOf"))
