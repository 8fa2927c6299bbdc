"""A contract's document as one sandbox answers for it: where it is served, and where its tokens come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver import pointers
from mockserver.completion import complete
from mockserver.contract import Contract
from mockserver.json_types import JsonObject
from mockserver.validation.nullable import with_nulls
from mockserver.webhooks.relaxed import relaxed


def addressed(contract: Contract, url: str, *, insecure: bool = False) -> JsonObject:
    """The document, with nulls for what may be left out, its server and the token URLs of its flows at `url`; without
    the https rule of webhook targets where they are `insecure`."""
    document: JsonObject = with_nulls(relaxed(contract) if insecure else complete(contract))
    described = {k: v for server in document.get("servers", [])[:1] for k, v in server.items() if k != "url"}
    document["servers"] = [{"url": url + contract.base, **described}]
    _here(document, contract, url)
    token = next((o.path for o in contract.operations.values() if o.verb == "token"), None)
    components = document.get("components", {})
    if token is not None and "securitySchemes" in components:
        schemes = {name: _flows_at(said, url + token) for name, said in components["securitySchemes"].items()}
        document["components"] = {**components, "securitySchemes": schemes}
    return document


def _here(document: JsonObject, contract: Contract, url: str) -> None:
    """Let the operations that have servers of their own be at this one, too."""
    for item in document.get("paths", {}).values():
        item.pop("servers", None)
    for operation in contract.operations.values():
        said = pointers.get(document, operation.pointer)
        if said is pointers.MISSING:
            continue
        raw = pointers.split(operation.pointer)[1]
        before = operation.path.removesuffix(raw)
        if before == contract.base:
            said.pop("servers", None)
        else:
            said["servers"] = [{"url": url + before}]


def _flows_at(scheme: Mapping[str, Any], token_url: str) -> JsonObject:
    if "flows" not in scheme:
        return {**scheme}
    flows = {
        name: {**flow, "tokenUrl": token_url} if "tokenUrl" in flow else flow for name, flow in scheme["flows"].items()
    }
    return {**scheme, "flows": flows}
