"""OpenAPI 3.1 in the words of 3.0, for readers that stop there. Loses what 3.0 cannot say; only for showing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_AS_THEY_ARE = frozenset({"example", "default", "enum", "value"})
_GONE = frozenset({"webhooks", "jsonSchemaDialect", "$schema"})
_NAMED = frozenset({"properties", "patternProperties", "schemas", "responses", "headers", "parameters"})


def in_3_0(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a 3.1 document that claims to be 3.0 and mostly is."""
    kept = {name: value for name, value in document.items() if name not in _GONE}
    return {**_node(kept), "openapi": "3.0.3"}


def _node(node: Any) -> Any:
    if isinstance(node, list):
        return [_node(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    copied = {name: _member(name, value) for name, value in node.items()}
    for reword in (_types, _const, _examples, _bounds, _items):
        reword(copied)
    return copied


def _member(name: str, value: Any) -> Any:
    if name in _AS_THEY_ARE:
        return value
    if name in _NAMED and isinstance(value, Mapping):  # its keys are names of the contract's own, not words of OpenAPI
        return {each: _node(said) for each, said in value.items()}
    return _node(value)


def _types(node: dict[str, Any]) -> None:
    if not isinstance(node.get("type"), list):
        return
    kinds = node.pop("type")
    if "null" in kinds:
        node["nullable"] = True
        kinds = [kind for kind in kinds if kind != "null"]
    if len(kinds) == 1:
        node["type"] = kinds[0]
    elif kinds:
        node["anyOf"] = [{"type": kind} for kind in kinds]


def _const(node: dict[str, Any]) -> None:
    if "const" in node:
        node["enum"] = [node.pop("const")]


def _examples(node: dict[str, Any]) -> None:
    if isinstance(node.get("examples"), list):
        node.setdefault("example", next(iter(node.pop("examples")), None))


def _bounds(node: dict[str, Any]) -> None:
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(exclusive), int | float) and not isinstance(node[exclusive], bool):
            node[bound], node[exclusive] = node[exclusive], True


def _items(node: dict[str, Any]) -> None:
    if "prefixItems" in node:
        node.pop("prefixItems")
        node["items"] = {}
