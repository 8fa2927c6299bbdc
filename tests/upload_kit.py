"""The good contract with files that are uploaded in pieces, in each style; and a client that goes on after a cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from check_kit import Mutation, behave, both, show
from flow_kit import KEY, parameter

DATA = bytes(range(256)) * 40
FILE = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("id", "status", "at")},
        "size": {"type": ["integer", "null"]},
        "digest": {"type": ["string", "null"]},
    },
}
INTEGER = {"type": "integer", "minimum": 0}
AT = "/paths/~1v1~1files"
ONE = f"{AT}~1{{fileId}}"
BYTES = f"{ONE}~1bytes"
HOW: Mapping[str, Mapping[str, Any]] = {
    "range": {},
    "offset": {"announced": {"bytes": "header.Upload-Length"}},
    "commands": {"places": {"command": "header.X-Command", "offset": "header.X-Offset"}},
    "parts": {"places": {"number": "query.part"}},
}
PARAMETERS = {
    "range": [parameter("Content-Range")],
    "offset": [{**parameter("Upload-Offset", schema=INTEGER), "required": True}],
    "commands": [parameter("X-Command"), parameter("X-Offset", schema=INTEGER)],
    "parts": [{**parameter("part", "query", INTEGER), "required": True}],
}


def _json(*names: str) -> dict[str, Any]:
    value = {"id": "x", "status": "x", "at": "https://x", "size": 1, "digest": "x"}
    return {
        "application/json": {"schema": FILE, "examples": {name: {"value": {**value, "status": name}} for name in names}}
    }


def _refused(*names: str) -> dict[str, Any]:
    return {"description": "No", "content": {"application/json": {"examples": {
        name: {"value": {"code": name, "message": name}} for name in names}}}}  # fmt: skip


REFUSALS = {
    "400": _refused("bad_request"), "401": _refused("missing_key", "unknown_key"),
    "403": _refused("deactivated_key", "bad_signature", "expired_link"), "404": _refused("not_found"),
    "409": _refused("size_mismatch", "type_mismatch", "offset_mismatch", "part_mismatch"),
    "413": _refused("too_large"), "415": _refused("unsupported_body"), "429": _refused("rate_limited"),
}  # fmt: skip


def _operation(name: str, **more: Any) -> dict[str, Any]:
    return {"operationId": name, **more}


def uploading(style: str, **words: Any) -> Mutation:
    """Files that are created, uploaded in pieces of a style, shown, read and dropped."""
    there = {"join": ["bytes=0-", {"fact": "received.last"}]}
    upload = {
        "verb": "upload", "resource": "file", "style": style, **HOW[style], "signed": {"expires": 3600},
        "bindings": {"header.Upload-Offset": "received.bytes", "header.Range": there,
                     "header.ETag": {"join": ['"', {"fact": "received.md5"}, '"']}},
        **({} if style == "parts" else {"to": {"waiting": "uploaded"}}), **words,
    }  # fmt: skip
    identity = {"name": "fileId", "in": "path", "required": True, "schema": {"type": "string"}}
    headers = {name: {"schema": {"type": "string"}} for name in ("Upload-Offset", "Range", "ETag")}
    incomplete = {"308": {"description": "Go on", "headers": headers, "x-answers": ["incomplete"]}}
    states = _json("uploaded") if style == "parts" else _json("waiting", "uploaded")
    paths = {
        AT: {"post": _operation("createFile", parameters=[parameter("Upload-Length", schema=INTEGER)], responses={
            "201": {"description": "Made", "content": _json("waiting")}})},
        ONE: {"parameters": [identity], "get": _operation("getFile", responses={
            "200": {"description": "A file", "content": _json("waiting", "uploaded")}}),
            "delete": _operation("dropFile", responses={"204": {"description": "Dropped"}})},
        BYTES: {"parameters": [identity], "put": _operation(
            "putBytes", parameters=PARAMETERS[style],
            requestBody={"content": {"application/octet-stream": {"examples": {"all": {"value": "some bytes"}}}}},
            responses={"200": {"description": "Taken", "headers": headers, "content": states}, **incomplete}),
            "get": _operation("getBytes", responses={"200": {"description": "Bytes", "content": {
                "application/octet-stream": {}}}})},
    }  # fmt: skip
    if style == "parts":
        paths[f"{ONE}~1complete"] = {"parameters": [identity], "post": _operation(
            "joinParts", requestBody={"content": {"application/json": {"schema": {"type": "object", "properties": {
                "parts": {"type": "array", "items": {"type": "object", "properties": {
                    "number": INTEGER, "tag": {"type": "string"}}}}}},
                "examples": {"all": {"value": {"parts": []}}}}}},
            responses={"200": {"description": "Joined", "content": _json("waiting", "uploaded")}})}  # fmt: skip
    resource = {
        "id": "cuid", "states": {"waiting": {}, "uploaded": {}, "dropped": {"gone": True}},
        "bindings": {"/id": "id", "/at": "url.putBytes", "/size": "received.bytes", "/digest": "upload.body.sha256"},
    }  # fmt: skip
    operations = {
        "createFile": {"verb": "create", "resource": "file"}, "getFile": {"verb": "show", "resource": "file"},
        "dropFile": {"verb": "move", "resource": "file", "to": "dropped"},
        "getBytes": {"verb": "content", "resource": "file", "result": "upload.body"}, "putBytes": upload,
    }  # fmt: skip
    if style == "parts":
        joins = {"numbers": "/parts/*/number", "tags": "/parts/*/tag"}
        operations["joinParts"] = {"verb": "move", "resource": "file", "to": "uploaded", "joins": joins}
    return both(
        show("/x-responses", REFUSALS),
        *(show(at, path) for at, path in paths.items()),
        behave("/resources/file", resource),
        *(behave(f"/operations/{name}", said) for name, said in operations.items()),
    )


def made(http: httpx.Client, size: int = len(DATA)) -> Any:
    """A file that waits for its bytes."""
    answer = http.post("/v1/files", headers={**KEY, "Upload-Length": str(size)})
    assert answer.status_code == 201, answer.text
    return answer.json()
