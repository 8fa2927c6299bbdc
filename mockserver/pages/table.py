"""The table of APIs: name, where it answers, demo credentials, documents, and a first command to try."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Any
from urllib.parse import urlencode

from mockserver import pointers
from mockserver.contract import Contract, Operation
from mockserver.control.serialize import show_credentials
from mockserver.sandboxes import Sandboxes

_FILES = (("image/", "portrait.png"), ("audio/", "voice.mp3"), ("video/", "film.mp4"))


def table(sandboxes: Sandboxes) -> list[dict[str, Any]]:
    """One row per API of the default sandbox."""
    return [_row(sandboxes, contract) for contract in sandboxes.contracts]


def _row(sandboxes: Sandboxes, contract: Contract) -> dict[str, Any]:
    url = f"{sandboxes.base_url}/{contract.name}"
    credentials = show_credentials(sandboxes.default.apis[contract.name])
    return {
        "name": contract.name,
        "title": contract.title,
        "version": contract.version,
        "url": url,
        "credentials": credentials,
        "docs": f"{url}/docs",
        "openapi": f"{url}/openapi.json",
        "curl": curl(contract, url, credentials),
    }


def curl(contract: Contract, url: str, credentials: Mapping[str, str]) -> str:
    """A command that shows the API at work: a list, else a token, else a job made from the contract's example."""
    operation = _telling(contract)
    words = ["curl", *_header(operation, credentials)]
    if operation.method != "GET":
        words += [] if operation.bodies else ["-X", operation.method]
        words += _body(contract, operation, credentials)
    return " ".join([*words, quote(url + operation.path + _query(operation, credentials))])


def _telling(contract: Contract) -> Operation:
    plain = [o for o in contract.operations.values() if "{" not in o.path]
    wanted = (
        [o for o in plain if o.method == "GET" and o.security.kind == "key"],
        [o for o in plain if o.verb == "token"],
        [o for o in plain if o.verb == "create"],
    )
    return next((found[0] for found in wanted if found), next(iter(plain or contract.operations.values())))


def _header(operation: Operation, credentials: Mapping[str, str]) -> list[str]:
    if operation.security.kind == "token":
        return ["-H", "'Authorization: Bearer TOKEN'"]
    way = next((each for each in operation.security.ways if each.where != "query"), None)
    if way is None:
        return []
    key = credentials["api_key"]
    if way.where == "cookie":
        return ["-b", quote(f"{way.name}={key}")]
    if way.scheme.lower() == "basic":
        return ["-u", quote(f"{key}:")]
    return ["-H", quote(f"{way.name}: {way.scheme} {key}" if way.scheme else f"{way.name}: {key}")]


def _query(operation: Operation, credentials: Mapping[str, str]) -> str:
    way = operation.security.ways[0] if operation.security.ways else None
    if way is None or way.where != "query":
        return ""
    return "?" + urlencode({way.name: credentials["api_key"]})


def _body(contract: Contract, operation: Operation, credentials: Mapping[str, str]) -> list[str]:
    """The first example of the simplest body an operation takes, as arguments."""
    bodies = sorted(operation.bodies, key=lambda b: (b.media_type != "application/json", b.media_type))
    if not bodies:
        return []
    content = pointers.get(contract.document, bodies[0].pointer.removesuffix("/schema"))
    value = {**_example(contract, content), **({k: v for k, v in credentials.items() if operation.verb == "token"})}
    if bodies[0].media_type == "multipart/form-data":
        return [word for name, each in value.items() for word in ("-F", quote(_part(content, name, each)))]
    return ["-H", f"'Content-Type: {bodies[0].media_type}'", "-d", quote(json.dumps(value, ensure_ascii=False))]


def _example(contract: Contract, content: Any) -> Any:
    named: Sequence[Any] = list((content.get("examples") or {}).values()) if isinstance(content, Mapping) else []
    found, _ = pointers.resolve(contract.document, named[0], "") if named else ({}, "")
    value = found.get("value", {})
    return value if isinstance(value, dict) else {}


def _part(content: Any, name: str, value: Any) -> str:
    kind = content.get("encoding", {}).get(name, {}).get("contentType", "")
    file = next((file for prefix, file in _FILES if kind.startswith(prefix)), None)
    return f"{name}=@{file}" if file else f"{name}={value if isinstance(value, str) else json.dumps(value)}"
