"""Schemas of a document, read for one who makes a value: what is said of a place in all. Knows no operation.

References, `allOf` and the first choice of `anyOf` and `oneOf` are followed; circles end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver import pointers
from mockserver.imported.described import items, members

SchemaObject = dict[str, Any]
_MOST = 200
"""So many schemas are read for one place."""
_NULL = ("null", ["null"])


class Shapes:
    """What the schemas of a document say."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.choice = 0
        """Which of several forms is read, counted from the first again behind the last."""

    def said(self, schema: Any) -> SchemaObject:
        """All that is said of one value, as one flat schema: its type, properties, what is required, its bounds."""
        found: SchemaObject = {"properties": {}, "required": [], "null": False}
        waiting, seen = [schema], set[int]()
        while waiting and len(seen) < _MOST:
            node = waiting.pop(0)
            target, _ = pointers.resolve(self._document, node)
            if not isinstance(target, dict) or id(target) in seen:
                continue
            seen.add(id(target))
            self._take(found, target)
            waiting += items(target.get("allOf"))
            for word in ("anyOf", "oneOf"):
                waiting += self._chosen(found, items(target.get(word)), target)
        return found

    def _take(self, found: SchemaObject, node: Mapping[str, Any]) -> None:
        for name, each in members(node.get("properties")):
            held = found["properties"].setdefault(name, each)
            if held is not each and held != each:  # a form often narrows what it inherits: a kind to its own word
                found["properties"][name] = {"allOf": [held, each]}
        found["required"] += [item for item in items(node.get("required")) if item not in found["required"]]
        kinds = node["type"] if isinstance(node.get("type"), list) else [node["type"]] if "type" in node else []
        if "type" in node:
            found["null"] = found["null"] or "null" in kinds
            found.setdefault("type", next((kind for kind in kinds if kind != "null"), "null"))
        if isinstance(node.get("enum"), list) and isinstance(found.get("enum"), list):  # of two lists what both have
            found["enum"] = [each for each in found["enum"] if each in node["enum"]] or found["enum"]
        for word, each in node.items():
            if word not in ("properties", "required", "type", "allOf", "anyOf", "oneOf"):
                found.setdefault(word, each)

    def _chosen(self, found: SchemaObject, choices: list[Any], beside: Mapping[str, Any]) -> list[Any]:
        """The first choice that is not null; an object before a text, where both may stand."""
        kept = []
        for choice in choices:
            target, _ = pointers.resolve(self._document, choice)
            if isinstance(target, dict) and (target.get("type") in _NULL or target.get("const", 0) is None):
                found["null"] = True
            elif isinstance(target, dict):
                kept.append(choice)
        if "properties" in beside and not any({"properties", "$ref", "allOf"} & {*each} for each in kept):
            return []  # they say which of its fields are required together
        return [kept[self.choice % len(kept)]] if kept else []

    def asked(self, schema: Any) -> SchemaObject:
        """The same of what a request says: without the fields that only answers have."""
        found = self.said(schema)
        kept = {name: each for name, each in found["properties"].items() if self.said(each).get("readOnly") is not True}
        return {**found, "properties": kept}

    def forms(self, schema: Any) -> list[SchemaObject]:
        """The first few forms of a value, where it may have several."""
        found = []
        for self.choice in range(3):
            found.append(self.said(schema))
        self.choice = 0
        return found

    def at(self, schema: Any, pointer: str) -> tuple[SchemaObject, bool]:
        """What is said of a place in a value, and whether it must be there with all above it."""
        must = True
        for part in pointers.split(pointer):
            said = self.said(schema)
            if part.isdigit() and "items" in said and part not in said["properties"]:
                schema = said["items"]
                continue
            must = must and part in said["required"]
            schema = said["properties"].get(part, {})
        return self.said(schema), must
