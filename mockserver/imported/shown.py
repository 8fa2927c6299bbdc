"""Schemas of bodies that a document shows and does not describe, read off its examples. Changes the document.

Only names and kinds of values are taken; nothing is required of what was only shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mockserver.imported.described import followed, items, members, operations

_DEEPEST = 6
_MOST = 200
"""So many members of one object are taken."""


def describe_shown(document: Any, name: str) -> None:
    """Give each body of JSON that has examples alone, and no schema that says a thing, one that they fit."""
    for content in [each for *_, operation, _ in operations(document, name) for each in _contents(document, operation)]:
        schema = followed(document, content.get("schema"))
        if _says_nothing(schema) and (shown := _shown(document, content, schema)) is not None:
            content["schema"] = shape_of(shown)


def _contents(document: Any, operation: Any) -> Iterator[dict[str, Any]]:
    bodies = [operation.get("requestBody"), *(each for _, each in members(operation.get("responses")))]
    for body in bodies:
        node = followed(document, body)
        for kind, content in members(node.get("content") if isinstance(node, dict) else None):
            if isinstance(content, dict) and ("json" in kind or kind == "*/*"):
                yield content


def _says_nothing(schema: Any) -> bool:
    """Whether a schema leaves open what there is: no schema, any object, a text in the place of one."""
    if not isinstance(schema, dict):
        return True
    telling = {"properties", "items", "allOf", "anyOf", "oneOf", "enum", "const", "$ref", "additionalProperties"}
    kept = [word for word in schema if word in telling and schema[word] not in ({}, [], True, False)]
    return not kept and schema.get("type", "object") in ("object", "string", "array")


def _shown(document: Any, content: dict[str, Any], schema: Any) -> Any:
    """The first example that is an object or a list, also one that was written as a text."""
    named = [followed(document, each) for _, each in members(content.get("examples"))]
    own = [schema.get("example"), *items(schema.get("examples"))] if isinstance(schema, dict) else []
    several = [content.get("example"), *(each.get("value") for each in named if isinstance(each, dict)), *own]
    return next((value for each in several if isinstance(value := _read(each), dict | list) and value), None)


def _read(value: Any) -> Any:
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def shape_of(value: Any, depth: int = 0) -> dict[str, Any]:
    """A schema of what a value shows; null may be anything."""
    if value is None or depth > _DEEPEST:
        return {}
    if isinstance(value, dict):
        several = [(str(name), each) for name, each in value.items()][:_MOST]
        return {"type": "object", "properties": {name: shape_of(each, depth + 1) for name, each in several}}
    if isinstance(value, list):
        return {"type": "array", "items": shape_of(value[0], depth + 1) if value else {}}
    kinds = ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"))
    kind = next(word for known, word in kinds if isinstance(value, known))
    return {"type": kind, "example": value} if kind == "string" else {"type": kind}
