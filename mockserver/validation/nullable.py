"""The document as it is shown to others: null is allowed wherever a JSON request may leave a field out.

That is how such requests are read (`absence`). Schemas that answers use as well stay as they are: where a request
shares one, it gets a copy. Knows OpenAPI documents, not contracts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.json_types import JsonValue
from mockserver.validation.absence import required
from mockserver.validation.media_types import is_json
from mockserver.validation.shapes import resolve, sees_types

_WAYS = ("anyOf", "oneOf", "allOf")
_ABOUT = ("description", "summary", "deprecated", "x-evidence")
_NOT_NULL = {"not": {"type": "null"}}


def with_nulls(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document whose JSON request bodies may hold null for fields that may be missing; the given one is unchanged."""
    text = json.dumps(document)
    shown: dict[str, Any] = json.loads(text)
    bodies = [*_json_bodies(shown)]
    for content in bodies:
        named = content["schema"].get("$ref") if isinstance(content["schema"], dict) else None
        if named is None:
            _loosen(content["schema"], shown)
        elif text.count(json.dumps(named)) == sum(b["schema"].get("$ref") == named for b in bodies):
            _loosen(resolve(shown, named), shown)
        else:
            content["schema"] = json.loads(json.dumps(resolve(shown, named)))
            _loosen(content["schema"], shown)
    return shown


def _json_bodies(document: JsonValue) -> Iterator[dict[str, Any]]:
    """Every place under `paths` where a request's JSON body has its schema."""
    for item in document.get("paths", {}).values():
        for operation in item.values() if isinstance(item, dict) else ():
            body = operation.get("requestBody", {}) if isinstance(operation, dict) else {}
            body = resolve(document, body["$ref"]) if "$ref" in body else body
            several = body.get("content", {}) if isinstance(body, dict) else {}
            shown = (each for kind, each in several.items() if is_json(kind))
            yield from (each for each in shown if isinstance(each.get("schema"), dict))


def _loosen(schema: Any, document: JsonValue, needed: frozenset[str] = frozenset()) -> None:
    """Allow null for what may be missing; `needed` is what must be there for another reason."""
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties", {})
    needed |= required(schema, document)
    for name, said in properties.items():
        if isinstance(said, dict) and "$ref" not in said:
            _loosen(said, document)
        if name not in needed:
            properties[name] = _or_null(said, document)
    ways = [each for word in _WAYS for each in schema.get(word, ()) if isinstance(each, dict)]
    for way in (each for each in ways if "$ref" not in each):
        _loosen(way, document, needed)
        missed = [name for name in way.get("required", ()) if name not in needed and name in properties]
        if missed:
            way["properties"] = {**dict.fromkeys(missed, _NOT_NULL), **way.get("properties", {})}


def _or_null(schema: Any, document: JsonValue) -> Any:
    if not isinstance(schema, dict) or "null" in sees_types(schema, document):
        return schema
    if "type" in schema and not {"$ref", "const", "not", "if", *_WAYS} & schema.keys():
        named = schema["type"]
        types = [named] if isinstance(named, str) else list(named)
        more = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        return {**schema, "type": [*types, "null"], **more}
    about = {word: schema[word] for word in _ABOUT if word in schema}
    rest = {word: value for word, value in schema.items() if word not in _ABOUT}
    return {**about, "anyOf": [rest, {"type": "null"}]}
