"""What the engine adds to answers by itself, as a document declares it: links, limit headers, Retry-After, Allow.

What a response says itself stands. Knows no request.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from mockserver import pointers
from mockserver.bindings import bound
from mockserver.contract import Contract, Example, Operation
from mockserver.json_types import JsonValue
from mockserver.lifecycle import Value
from mockserver.ratelimit import Hit
from mockserver.ratelimit import headers as limit_headers
from mockserver.rules import Limit

_TAKERS = frozenset({"show", "move", "content", "stream"})
_RETRY_AFTER = "Retry-After"
_SAID = {
    "policy": "How many requests a window has.",
    "limit": "How many requests a window has.",
    "remaining": "How many are left in this one.",
    "reset": "When the next one begins.",
}


def missing(contract: Contract, document: JsonValue) -> Iterator[tuple[str, str, JsonValue]]:
    """What a document lacks: (pointer to the response, word in it, members to be added).

    Responses that stand in components are meant where they are referred to.
    """
    for operation in contract.operations.values():
        spec = pointers.get(document, operation.pointer)
        for status, response in spec.get("responses", {}).items() if isinstance(spec, dict) else ():
            at = pointers.join(operation.pointer, "responses", status)
            node, _ = pointers.resolve(document, response, at)
            yield from _lacking(at, "links", node, _links(contract, operation, status))
            yield from _lacking(at, "headers", node, _headers(contract, operation, status))
    at = next((example.pointer for example in contract.unrouted.get("wrong_method", ())), "")
    at = at.partition("/content/")[0] if at.startswith("/components/") else "/components/responses/WrongMethod"
    node = pointers.get(document, at)
    if isinstance(node, dict):
        yield from _lacking(at, "headers", node, {"Allow": _header("string", "The methods that the path has.")})


def add(document: JsonValue, lacking: tuple[str, str, JsonValue]) -> None:
    """Write into a document what it lacks; a response that others refer to as well is copied."""
    at, word, members = lacking
    above, _, name = at.rpartition("/")
    responses = pointers.get(document, above)
    response, _ = pointers.resolve(document, responses[pointers.split(f"/{name}")[0]], at)
    own = copy.copy(response)
    if word == "headers":
        shared = document.setdefault("components", {}).setdefault("headers", {})
        for header, member in members.items():
            shared.setdefault(header, member)
        members = {header: {"$ref": f"#/components/headers/{header}"} for header in members}
    own[word] = {**own.get(word, {}), **members}
    responses[pointers.split(f"/{name}")[0]] = own


def _lacking(
    at: str, word: str, node: JsonValue, members: Mapping[str, JsonValue]
) -> Iterator[tuple[str, str, JsonValue]]:
    """Of the links none, where a response writes its own; of headers those that it does not declare."""
    if not isinstance(node, dict) or not members or (word == "links" and "links" in node):
        return
    declared_names = {name.lower() for name in node.get(word, {})}
    lacking = {name: value for name, value in members.items() if name.lower() not in declared_names}
    if lacking:
        yield at, word, lacking


# --- links


def _links(contract: Contract, operation: Operation, status: str) -> dict[str, JsonValue]:
    """From each id that a success hands out to every operation that takes it."""
    links: dict[str, JsonValue] = {}
    for pointer, resource in _ids(contract, operation, status):
        for taker in contract.operations.values():
            parameters = _parameters(operation, taker, pointer)
            if taker.verb in _TAKERS and resource in taker.resources and parameters:
                links.setdefault(taker.id, {"operationId": taker.id, "parameters": parameters})
    return links


def _ids(contract: Contract, operation: Operation, status: str) -> Iterator[tuple[str, str]]:
    """Each (pointer, resource) of an id that a status tells: of what was created, or brought forth."""
    for name, example in _shown(operation, status):
        for at, value in bound(operation, name, example.status, title=example.title).items():
            kind, _, product = value.fact.partition(".")
            if not _is_plain(value) or not at.startswith("/") or not isinstance(pointers.get(example.value, at), str):
                continue
            if kind == "id" and operation.verb == "create":
                yield at, operation.resources[0]
            for resource in operation.resources if kind == "produced" and product else ():
                yield from ((at, m.resource) for n, m in contract.resources[resource].makes.items() if n == product)


def _shown(operation: Operation, status: str) -> Iterator[tuple[str, Example]]:
    """The examples of successes under a status, by name."""
    for name, several in operation.examples.items():
        yield from ((name, example) for example in several if str(example.status) == status and example.status < 300)


def _is_plain(value: Value) -> bool:
    return not (value.salt or value.of or value.when or value.parts)


def _parameters(operation: Operation, taker: Operation, pointer: str) -> dict[str, str]:
    """What the link says of the parameters: the id, and those that both paths have; empty where it cannot say all."""
    if taker.id_after:
        return {}
    parameter = taker.names[taker.id_index] if taker.id_index is not None else taker.id_in_query
    shared = [name for name in taker.names if name != parameter]
    if not parameter or not set(shared) <= set(operation.names):
        return {}
    return {parameter: f"$response.body#{pointer}", **{name: f"$request.path.{name}" for name in shared}}


# --- headers


def _headers(contract: Contract, operation: Operation, status: str) -> dict[str, JsonValue]:
    """Those of the limits that cover an operation, and when to come again where a limit refuses."""
    scenarios = [limit for scenario in contract.scenarios.values() for limit in scenario.limits or ()]
    if not status.isdigit() or not any(operation.id in limit.operations for limit in (*contract.limits, *scenarios)):
        return {} if status != "405" else {"Allow": _header("string", "The methods that the path has.")}
    headers = {**_of_limits(contract.limit_headers)}
    refusing = [example for example in operation.examples.get("rate_limited", ()) if str(example.status) == status]
    if any(example.tells_when for example in refusing):
        headers[_RETRY_AFTER] = _header("integer", "After how many seconds to come again.")
    return headers


@cache
def _of_limits(style: str) -> Mapping[str, JsonValue]:
    """The headers of a style, each with what it holds."""
    headers = limit_headers(style, Hit(Limit("any", "ip", frozenset(), 1, 60), 0, 60.0, False), 0.0)
    return {_written(name.decode()): _of_limit(name.decode(), value) for name, value in headers}


def _of_limit(name: str, value: bytes) -> JsonValue:
    description = _SAID.get(name.rpartition("-")[2], "What is left of the limit.")
    return _header("integer" if value.isdigit() else "string", description)


def _header(kind: str, description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}


def _written(name: str) -> str:
    """A header's name as documents write it."""
    return "-".join("RateLimit" if part == "ratelimit" else part.capitalize() for part in name.split("-"))
