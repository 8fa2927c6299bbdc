"""Documents of an API that nobody has, as vendors write them: in 3.0 with its older words, in YAML; importing them."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from mockserver.imported.importing import Imported, imported

JOB = {
    "type": "object", "description": "A render.", "required": ["id", "status", "created_at"],
    "properties": {
        "id": {"type": "string", "example": "rnd_1"},
        "status": {"type": "string", "enum": ["done", "waiting", "rendering", "failed", "cancelled"]},
        "prompt": {"type": "string"}, "created_at": {"type": "string", "format": "date-time"},
        "finished_at": {"type": "string", "format": "date-time", "nullable": True},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        "error": {"type": "string", "nullable": True}, "video_url": {"type": "string", "format": "uri",
        "nullable": True},
    },
}  # fmt: skip
ERROR = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}


def _answer(schema: str, status: str = "200") -> dict[str, Any]:
    return {
        status: {
            "description": "Yes",
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        }
    }


_REFUSED = {
    "404": {"description": "No", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
}
_ID = [{"name": "render_id", "in": "path", "required": True, "schema": {"type": "string"}}]
OLD: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Renders", "version": "7", "contact": {"name": "Somebody"}},
    "servers": [{"url": "https://api.renders.example/v1"}],
    "security": [{"key": []}],
    "tags": [{"name": "renders"}],
    "paths": {
        "/renders": {
            "post": {
                "operationId": "createRender", "tags": ["renders"], "description": "Long prose.",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                "responses": {**_answer("Render", "201"), "422": _REFUSED["404"], "default": _REFUSED["404"]},
            },
            "get": {
                "operationId": "listRenders",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100,
                    "default": 20}},
                    {"name": "cursor", "in": "query", "schema": {"type": "string"}},
                    {"name": "status", "in": "query", "schema": {"$ref": "#/components/schemas/State"}},
                ],
                "responses": _answer("Page"),
            },
        },
        "/renders/{render_id}": {
            "parameters": _ID,
            "get": {"operationId": "getRender", "responses": {**_answer("Render"), **_REFUSED}},
            "delete": {"operationId": "deleteRender", "responses": {"204": {"description": "Gone"}, **_REFUSED}},
        },
        "/renders/{render_id}/cancel": {
            "parameters": _ID, "post": {"operationId": "cancelRender", "responses": {**_answer("Render"), **_REFUSED}},
        },
        "/renders/{render_id}/file": {
            "parameters": _ID,
            "get": {"operationId": "getFile", "responses": {"200": {"description": "Bytes", "content": {"video/mp4": {
                "schema": {"type": "string", "format": "binary"}}}}, **_REFUSED}},
        },
        "/fonts": {"get": {"operationId": "listFonts", "responses": {"200": {"description": "Fonts", "content": {
            "application/json": {"schema": {"type": "array", "items": {"type": "string"}}}}}}}},
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "schemas": {
            "State": JOB["properties"]["status"], "Render": JOB, "Error": ERROR,
            "Order": {"type": "object", "required": ["prompt"], "properties": {
                "prompt": {"type": "string", "minLength": 1},
                "seconds": {"type": "number", "minimum": 0, "exclusiveMinimum": True}}},
            "Page": {"type": "object", "required": ["data", "has_more"], "properties": {
                "data": {"type": "array", "items": {"$ref": "#/components/schemas/Render"}},
                "has_more": {"type": "boolean"}, "next_cursor": {"type": "string", "nullable": True}}},
        },
    },
}  # fmt: skip
"""A document of 3.0 with every kind of operation that is about jobs, and one that is not."""


def old() -> dict[str, Any]:
    """The document, to be changed."""
    return deepcopy(OLD)


def put(folder: Path, document: Any, name: str = "vendor.json") -> Path:
    """The document as a file: YAML where its name ends so."""
    path = folder / name
    if name.endswith((".yaml", ".yml")):
        import yaml

        path.write_text(yaml.safe_dump(document, sort_keys=False))
    else:
        path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def of(folder: Path, document: Any, *only: str, name: str = "vendor.json") -> Imported:
    """What becomes of a document."""
    return imported(put(folder, document, name), "renders", only)
