"""Documents of an API that nobody has, as vendors write them: in 3.0 with its older words, in YAML; importing them.

Also what becomes of them on a server.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx

from mockserver import mock
from mockserver.imported.importing import Imported, imported
from mockserver.imported.writing import write

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
    if name.endswith((".yaml", ".yml")) and not isinstance(document, str):
        import yaml

        path.write_text(yaml.safe_dump(document, sort_keys=False))
    else:
        path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def of(folder: Path, document: Any, *only: str, name: str = "vendor.json") -> Imported:
    """What becomes of a document."""
    return imported(put(folder, document, name), "renders", only)


def jobs(job: Any, *, created: Any = None, id_schema: Any = None, **paths: Any) -> dict[str, Any]:
    """A document of jobs that look so: one is posted (`created`: it is answered otherwise), one is shown by its id.

    `paths` are further ones below one job, by the word that ends them.
    """
    one = {"name": "id", "in": "path", "required": True, "schema": id_schema or {"type": "string"}}
    made: dict[str, Any] = {
        "/jobs": {"post": {"operationId": "begin", "responses": said(created or job, "201")}},
        "/jobs/{id}": {"parameters": [one], "get": {"operationId": "look", "responses": said(job)}},
    }
    for word, item in paths.items():
        made.setdefault(f"/jobs/{{id}}{word}", {"parameters": [one]}).update(item)
    return {"openapi": "3.1.0", "info": {"title": "Jobs", "version": "1"}, "paths": made}


def said(schema: Any, status: str = "200") -> dict[str, Any]:
    """An answer of JSON in this form."""
    return {status: {"description": "Yes", "content": {"application/json": {"schema": schema}}}}


def thing(required: Iterable[str] | None = None, **properties: Any) -> dict[str, Any]:
    """An object of these fields, all of which must be there unless it is said which."""
    return {"type": "object", "required": [*(properties if required is None else required)], "properties": properties}


@contextmanager
def serving(folder: Path, made: Imported) -> Iterator[tuple[Any, httpx.Client]]:
    """The contract that was made on a server, and a client of it with the key that it wants."""
    write(folder / "renders", made)
    contracts = str(folder / "renders")
    with (
        mock("renders", contracts=contracts, contract_violations="off") as api,
        httpx.Client(base_url=api.url, headers={"X-Key": api.api_key}, trust_env=False, timeout=60) as http,
    ):
        yield api, http


def passed(folder: Path, made: Imported, field: str = "status") -> list[Any]:
    """What a client that polls each second sees of a job in one field, each value once, until it has ended."""
    with serving(folder, made) as (api, http):
        first = http.post("/jobs").json()
        seen = [first[field]]
        for _ in range(14):
            now = http.get(f"/jobs/{first['id']}").json()[field]
            seen += [now] if now != seen[-1] else []
            api.clock.advance(1)
        return seen
