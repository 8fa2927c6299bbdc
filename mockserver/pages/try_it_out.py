"""What Swagger UI needs for trying an API at once: credentials that are good, and fields that hide nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver import pointers
from mockserver.api_state import SandboxApi
from mockserver.json_types import JsonObject
from mockserver.operations.token import bearer
from mockserver.validation import FORMS


def authorized(api: SandboxApi, document: Mapping[str, Any]) -> JsonObject:
    """By security scheme the key or token of the account that was there from the beginning, and its OAuth client."""
    account = next(iter(api.accounts.values()))
    found: JsonObject = {"keys": {}, "tokens": {}, "client": {}}
    for name, scheme in document.get("components", {}).get("securitySchemes", {}).items():
        if scheme.get("type") == "apiKey":
            found["keys"][name] = account.key
        elif scheme.get("type") in ("http", "oauth2"):
            token = _token(api)
            found["keys" if scheme["type"] == "http" else "tokens"] |= {name: token} if token else {}
    if found["tokens"]:
        found["client"] = {"clientId": account.client_id, "clientSecret": account.client_secret}
    return found


def _token(api: SandboxApi) -> str | None:
    """As the API issues them; made without a request, which would count."""
    issuer = next((o for o in api.contract.operations.values() if o.verb == "token"), None)
    account = next(iter(api.accounts.values()))
    return None if issuer is None else bearer(api, account, int(api.sandbox.clock.now()), issuer.expires, "docs")


def tryable(document: Mapping[str, Any]) -> JsonObject:
    """A document for Swagger UI, which fills fields of forms by their schemas, and optional filters with examples.

    The fields have what the form's first example has, and the filters, which most things would fail, nothing.
    """
    found = {name: _emptied(value) if name in ("paths", "components") else value for name, value in document.items()}
    for path, item in found.get("paths", {}).items():
        for method, said in item.items():
            content = said.get("requestBody", {}).get("content", {}) if isinstance(said, dict) else {}
            for kind in content.keys() & FORMS:
                found["paths"][path][method]["requestBody"]["content"][kind] = _filled(document, content[kind])
    return found


def _filled(document: Mapping[str, Any], media: Mapping[str, Any]) -> JsonObject:
    """A form whose fields show, each for itself, the form's first example; files are for the person to choose."""
    first, _ = pointers.resolve(document, next(iter(media.get("examples", {}).values()), {}))
    schema, _ = pointers.resolve(document, media.get("schema", {}))
    values = first.get("value") if isinstance(first, Mapping) else None
    if not isinstance(values, Mapping) or not isinstance(schema, Mapping) or "properties" not in schema:
        return {**media}
    files = media.get("encoding", {})
    fields = {
        name: {**{k: v for k, v in said.items() if k != "default"}, "example": values[name]}
        if name in values and name not in files and isinstance(said, Mapping) and "$ref" not in said
        else said
        for name, said in schema["properties"].items()
    }
    return {**media, "schema": {**schema, "properties": fields}}


def _emptied(node: Any) -> Any:
    if isinstance(node, list):
        return [_emptied(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    kept = _without_examples(node) if node.get("in") == "query" and not node.get("required") else node.items()
    return {name: value if name in ("examples", "example", "schemas") else _emptied(value) for name, value in kept}


def _without_examples(parameter: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in parameter.items():
        if name == "schema" and isinstance(value, Mapping):
            yield name, {each: said for each, said in value.items() if each not in ("example", "examples")}
        elif name not in ("example", "examples"):
            yield name, value
