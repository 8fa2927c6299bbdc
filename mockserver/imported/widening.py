"""Schemas and examples of a contract in the making, mended at one place: a plain value there, or anything at all.

Knows no behavior: what was found wrong, and what follows from a change, is for others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import pointers
from mockserver.imported.described import items, members
from mockserver.imported.refusals import fits
from mockserver.imported.sampling import Sampler
from mockserver.json_types import JsonObject

_MOST = 300
"""So many schemas are looked at for one place."""


def widened(openapi: JsonObject, schema: str, at: str) -> bool:
    """Let anything stand at a place of what the schema at a pointer describes; whether that is new.

    Where no schema of the place itself is found, the one of what is around it gives way.
    """
    holder, key = pointers.get(openapi, schema.rpartition("/")[0]), pointers.split(schema)[-1]
    if not isinstance(holder, dict) or key not in holder:
        return False
    parts = pointers.split(at)
    for count in range(len(parts), -1, -1):
        found = [*places(openapi, holder, key, parts[:count])]
        narrow = [(above, word) for above, word in found if above[word] not in ({}, True)]
        for above, word in narrow:
            above[word] = {}
        if found:
            return bool(narrow)
    return False


def places(openapi: JsonObject, holder: Any, key: Any, parts: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    """Where the schemas of a place stand: what holds them, under which name."""
    waiting, seen = [(holder, key, parts)], set[tuple[int, int]]()
    while waiting and len(seen) < _MOST:
        above, word, left = waiting.pop()
        if not left:
            yield above, word
            continue
        node, _ = pointers.resolve(openapi, above[word])
        if not isinstance(node, dict) or (id(node), len(left)) in seen:
            continue
        seen.add((id(node), len(left)))
        for several in (node.get("allOf"), node.get("anyOf"), node.get("oneOf")):
            waiting += [(several, index, left) for index in range(len(items(several)))]
        waiting += _below(node, left)


def _below(node: JsonObject, left: tuple[str, ...]) -> Iterator[tuple[Any, Any, tuple[str, ...]]]:
    """The schemas one step down a place: of a property, else of all others; of an item."""
    properties = node.get("properties")
    if isinstance(properties, dict) and left[0] in properties:
        yield properties, left[0], left[1:]
    elif isinstance(node.get("additionalProperties"), dict):
        yield node, "additionalProperties", left[1:]
    if left[0].isdigit() and "items" in node:
        yield node, "items", left[1:]


def shown_anew(openapi: JsonObject, content: JsonObject, example: JsonObject, at: str, *, may_go: bool = True) -> bool:
    """Put a plain value of its schema at one place of an example, or none if it `may_go`; whether that is done."""
    sampler = Sampler(openapi)
    schema = content.get("schema", {})
    said, must = sampler.shapes.at(schema, at)
    before = pointers.get(example.get("value"), at)
    if not at or before is pointers.MISSING or not said.keys() - {"properties", "required", "null"}:
        return False
    plain = {word: each for word, each in said.items() if word not in ("null", "required", "properties")}
    plain |= {"properties": dict(members(said["properties"])), "required": said["required"]}
    made = sampler.value(plain)
    for value in (made, sampler.value(plain, is_least=True), *([None] if said["null"] else [])):
        if value != before and fits(openapi, plain, value):
            pointers.put(example["value"], at, value)
            return True
    if may_go and not must and at.rpartition("/")[2] and not at.rpartition("/")[2].isdigit():
        pointers.remove(example["value"], at)
        return True
    return False
