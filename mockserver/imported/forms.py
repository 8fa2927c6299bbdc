"""Schemas that have another form for some states of a job: what is left of one where the state is known.

Knows no operation. Choices by `oneOf` and `anyOf` are read, and conditions by `if`; the document is not changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver import pointers
from mockserver.imported.described import items
from mockserver.imported.shapes import Shapes
from mockserver.json_types import JsonObject


def form_of(document: Mapping[str, Any], schema: Any, pointer: str, value: Any) -> Any:
    """The schema without the choices that have no such value at a place; itself where there are none.

    None where no value of it has that there.
    """
    return _Narrowing(document, value).of(schema, pointers.split(pointer))


class _Narrowing:
    """One walk for one value; what was entered for the same place is not entered again."""

    def __init__(self, document: Mapping[str, Any], value: Any) -> None:
        self._document, self._value = document, value
        self._entered: set[tuple[int, int]] = set()

    def of(self, schema: Any, parts: tuple[str, ...]) -> Any:
        node, _ = pointers.resolve(self._document, schema)
        key = (id(node), len(parts))
        if not isinstance(node, dict) or key in self._entered:
            return schema
        self._entered.add(key)
        try:
            return self._within(schema, node, parts)
        finally:
            self._entered.discard(key)

    def _within(self, schema: Any, node: JsonObject, parts: tuple[str, ...]) -> Any:
        listed = [node["const"]] if "const" in node else node.get("enum")
        if not parts and isinstance(listed, list) and self._value not in listed:
            return None
        made = dict(node)
        below = self._below(node, parts)
        whole = {word: [self.of(item, parts) for item in items(node.get(word))] for word in ("allOf", "anyOf", "oneOf")}
        chosen = {word: self._kept(whole[word], parts) for word in ("anyOf", "oneOf")}
        if below is None or None in whole["allOf"] or any(whole[word] and not kept for word, kept in chosen.items()):
            return None
        made |= below | {word: each for word, each in {"allOf": whole["allOf"], **chosen}.items() if each}
        if parts and "if" in node:
            branch = self.of(node.get("then" if self.of(node["if"], parts) is not None else "else", {}), parts)
            if branch is None:
                return None
            made = {word: each for word, each in made.items() if word not in ("if", "then", "else")}
            made["allOf"] = [*items(made.get("allOf")), branch]
        return schema if _same(made, node) else made

    def _kept(self, several: list[Any], parts: tuple[str, ...]) -> list[Any]:
        """Those choices of which something is left, those that tell of the place where some do."""
        left = [each for each in several if each is not None]
        return [each for each in left if self._tells(each, parts)] or left

    def _tells(self, schema: Any, parts: tuple[str, ...]) -> bool:
        """Whether a schema says anything of a place."""
        said = Shapes(self._document).at(schema, pointers.join("", *parts))[0]
        return bool({*said} - {"properties", "required", "null"} or said["properties"])

    def _below(self, node: JsonObject, parts: tuple[str, ...]) -> JsonObject | None:
        """The words that lead one step down, narrowed; None where no value is left there."""
        properties = node.get("properties")
        if parts and isinstance(properties, dict) and parts[0] in properties:
            inner = self.of(properties[parts[0]], parts[1:])
            return None if inner is None else {"properties": {**properties, parts[0]: inner}}
        if parts and parts[0].isdigit() and "items" in node:
            inner = self.of(node["items"], parts[1:])
            return None if inner is None else {"items": inner}
        return {}


def _same(made: JsonObject, node: JsonObject) -> bool:
    """Whether nothing was narrowed: the same words with the very same schemas."""
    if made.keys() != node.keys():
        return False
    for word, each in made.items():
        pairs = (
            zip(each, node[word], strict=False) if isinstance(each, list)
            else [(each[name], node[word][name]) for name in each] if isinstance(each, dict) else []
        )  # fmt: skip
        if isinstance(each, list) and len(each) != len(node[word]):
            return False
        if any(one is not other for one, other in pairs):
            return False
    return True
