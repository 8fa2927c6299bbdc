"""Schemas of values without end, `Node` that must have a `parent` that is a `Node`: the circle is cut, and said.

Changes a document of 3.1; knows no operation.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.imported.described import items, members
from mockserver.imported.dialect import Loosened
from mockserver.json_types import JsonObject
from mockserver.loader.keywords import nodes

_MOST = 100
"""So many circles are cut."""


class _Step(NamedTuple):
    """From a schema to one that its value must hold, or be: by which word, and for a field by which name."""

    node: JsonObject
    word: str
    to: Any
    name: str = ""


def end(document: JsonObject, loosened: Loosened) -> None:
    """Let each value come to an end, in place: what closes a circle need not be there."""
    found = [(node, at) for node, kind, at in nodes(document) if kind == "schema" and isinstance(node, dict)]
    found.sort(key=lambda row: row[1].startswith("/components"))  # a circle is met where an answer leads to it
    places = {id(node): (node, at) for node, at in found}
    for _ in range(_MOST):
        ended = _ended(document, [node for node, _ in places.values()])
        circle = next((each for own, (node, _) in places.items() if own not in ended
                       if (each := _circle(document, node, ended))), [])  # fmt: skip
        step = next((each for each in reversed(circle) if each.word in ("required", "minItems")), None)
        if step is None:
            return
        at = places[id(step.node)][1] if id(step.node) in places else ""
        if step.word == "required":
            step.node["required"] = [name for name in step.node["required"] if name != step.name]
            loosened.note(f"{step.name} must be there and holds its own kind without end: it need not be there", at)
        else:
            del step.node["minItems"]
            loosened.note("a list that must not be empty holds its own kind without end: it may be empty", at)


def _ended(document: JsonObject, schemas: list[JsonObject]) -> set[int]:
    """The ids of the schemas of which a value comes to an end, found from those on that must hold nothing."""
    ended: set[int] = set()
    left, count = schemas, -1
    while count != len(left):
        count = len(left)
        ended |= {id(node) for node in left if not _open(document, node, ended)}
        left = [node for node in left if id(node) not in ended]
    return ended


def _open(document: JsonObject, node: JsonObject, ended: Collection[int]) -> list[_Step]:
    """The steps to what a value must hold of which it is not known that it ends."""
    kinds = node["type"] if isinstance(node.get("type"), list) else [node.get("type")]
    if "null" in kinds or "enum" in node or "const" in node:
        return []
    properties = dict(members(node.get("properties")))
    steps = [_Step(node, "required", properties[item], item) for item in items(node.get("required"))
             if isinstance(item, str) and item in properties]  # fmt: skip
    steps += [_Step(node, "minItems", node["items"])] if node.get("minItems") and "items" in node else []
    steps += [_Step(node, "allOf", item) for item in items(node.get("allOf"))]
    steps += [_Step(node, "$ref", {"$ref": node["$ref"]})] if isinstance(node.get("$ref"), str) else []
    found = [step for step in steps if not _ends(document, step.to, ended)]
    for word in ("anyOf", "oneOf"):
        choices = [_Step(node, word, item) for item in items(node.get(word))]
        found += choices[:1] if not any(_ends(document, choice.to, ended) for choice in choices) else []
    return found


def _ends(document: JsonObject, schema: Any, ended: Collection[int]) -> bool:
    found, _ = pointers.resolve(document, schema)
    return not isinstance(found, dict) or id(found) in ended


def _circle(document: JsonObject, start: JsonObject, ended: Collection[int]) -> list[_Step]:
    """The steps from a schema that lead round, without those before that; none where it ends."""
    taken: list[_Step] = []
    seen: dict[int, int] = {}
    node = start
    while id(node) not in seen:
        seen[id(node)] = len(taken)
        steps = _open(document, node, ended)
        if not steps:
            return []
        taken.append(steps[0])
        node, _ = pointers.resolve(document, steps[0].to)
    return taken[seen[id(node)] :]
