"""A good contract to break: a small one in the older words, and a list, a webhook, a quirk, an upload and a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from mockserver import pointers
from mockserver.check import check

OPENAPI, BEHAVIOR = "openapi.json", "behavior.json"
SMALL = Path(__file__).parent / "small"
Documents = dict[str, Any]  # file name → document
Mutation = Callable[[Documents], None]
Row = tuple[str, Mutation, str, str, str]  # what is wrong, how it is made, file, pointer, a word of the sentence

JOB = "#/components/schemas/Job"
KEYS = {
    "401": {"$ref": "#/components/responses/Unauthorized"},
    "403": {"$ref": "#/components/responses/Deactivated"},
    "429": {"$ref": "#/components/responses/RateLimited"},
}
LIST = {
    "operationId": "listJobs",
    "parameters": [
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 50}},
        {"name": "after", "in": "query", "schema": {"type": "string"}},
        {"name": "status", "in": "query", "schema": {"type": "string"}},
    ],
    "responses": {
        "200": {
            "description": "A page",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "items": {"type": "array", "items": {"$ref": JOB}},
                            "next": {"type": ["string", "null"]},
                            "more": {"type": "boolean"},
                        },
                        "required": ["items", "next", "more"],
                    },
                    "examples": {"ok": {"value": {"items": [], "next": "cm42ab3ou0008aggajj0jy5e2", "more": True}}},
                }
            },
        },
        "400": {"$ref": "#/components/responses/BadRequest"},
        **KEYS,
    },
}
LIST_BEHAVIOR = {
    "verb": "list",
    "resource": "job",
    "items": "/items",
    "item_state": "/status",
    "filters": {"status": "state"},
    "limit": {"parameter": "limit", "default": 20},
    "cursor": {"parameter": "after"},
    "page": {"/next": "page.next", "/more": "page.more"},
    "bindings": {"/id": "id", "/created_at": "created", "/error": "error", "/picture_url": "result.picture"},
}
WEBHOOK = {
    "resource": "job",
    "target": "/callback",
    "states": ["succeeded", "failed"],
    "like": "getJob",
    "sign": {"scheme": "none"},
    "timeout": 10,
    "retries": [5],
}


def good() -> Documents:
    """A contract without a mistake, anew each time."""
    documents = {path.name: json.loads(path.read_text()) for path in SMALL.glob("*.json")}
    openapi, behavior = documents[OPENAPI], documents[BEHAVIOR]
    examples = openapi["components"]["examples"]
    states = ("Queued", "Running", "Succeeded", "Failed", "Cancelled")
    listed = json.loads(json.dumps(LIST))
    page = listed["responses"]["200"]["content"]["application/json"]["examples"]["ok"]["value"]
    page["items"] = [json.loads(json.dumps(examples[name]["value"])) for name in states]
    openapi["paths"]["/v1/jobs"]["get"] = listed
    openapi["components"]["schemas"]["JobRequest"]["properties"]["callback"] = {"type": "string", "format": "uri"}
    openapi["webhooks"] = {
        "ended": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": JOB}}}}}}
    }
    shown = openapi["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]["200"]["content"]["application/json"]["examples"]
    shown["failed.loud-off"] = {"$ref": "#/components/examples/Failed"}
    behavior["operations"]["listJobs"] = json.loads(json.dumps(LIST_BEHAVIOR))
    behavior["webhooks"] = {"ended": json.loads(json.dumps(WEBHOOK))}
    behavior["quirks"] = {"loud": {"default": True, "title": "Failures are loud"}}
    return documents


def put(document: Any, pointer: str, value: Any) -> None:
    """Write a copy at a pointer, a new key or past the end of a list included."""
    value = deepcopy(value)  # others may write into it
    above, _, name = pointer.rpartition("/")
    parent = pointers.get(document, above)
    if isinstance(parent, list):
        parent[int(name) :] = [value]
    else:
        parent[pointers.split(f"/{name}")[0]] = value


def drop(document: Any, pointer: str) -> None:
    """Remove what stands at a pointer."""
    above, _, name = pointer.rpartition("/")
    del pointers.get(document, above)[pointers.split(f"/{name}")[0]]


def write(folder: Path, documents: Documents) -> Path:
    """A contract's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document))
    return folder


def behave(pointer: str, value: Any) -> Mutation:
    """Write into behavior.json."""
    return lambda documents: put(documents[BEHAVIOR], pointer, value)


def show(pointer: str, value: Any) -> Mutation:
    """Write into openapi.json."""
    return lambda documents: put(documents[OPENAPI], pointer, value)


def without(file: str, pointer: str) -> Mutation:
    return lambda documents: drop(documents[file], pointer)


def both(*mutations: Mutation) -> Mutation:
    def all_of_them(documents: Documents) -> None:
        for mutation in mutations:
            mutation(documents)

    return all_of_them


def assert_named(folder: Path, row: Row) -> None:
    """Break the good contract; the mistake must be named at its place."""
    _, mutation, file, pointer, word = row
    documents = good()
    mutation(documents)
    findings = check(write(folder, documents))
    assert [
        f for f in findings if (f.file, f.pointer) == (f"{folder.name}/{file}", f"#{pointer}") and word in f.sentence
    ], "\n".join(map(str, findings)) or "nothing was found"
    assert all(f.sentence.endswith(".") and f.remedy for f in findings)
