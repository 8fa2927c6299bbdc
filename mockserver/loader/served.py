"""The part of a document that is served, where behavior.json leaves operations out: `"others": "unserved"`.

What the operations that are named, and all that they refer to, need of it stays at its place; nothing else is there,
for tools that read the served document neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import pointers
from mockserver.loader.examples import UNROUTED
from mockserver.loader.responses import example_names
from mockserver.loader.words import is_readable

METHODS = frozenset(("get", "put", "post", "delete", "patch", "head", "options", "trace"))
_ALWAYS = ("securitySchemes", "examples")
"""What is named by other means than references: schemes of `security`, examples named after states."""


def served(openapi: Any, behavior: Any) -> tuple[Any, tuple[str, ...]]:
    """The document as it is served, and the names of the operations that were left out."""
    if behavior.get("others") != "unserved" or not is_readable(openapi):
        return openapi, ()
    named, hooks = (_names(behavior.get(word)) for word in ("operations", "webhooks"))
    paths = {path: _methods(item, named) for path, item in _members(openapi.get("paths"))}
    left = [op.get("operationId") for _, item in _members(openapi.get("paths")) for op in _operations(item)]
    kept = {**openapi, "paths": {path: item for path, item in paths.items() if any(_operations(item))}}
    if "webhooks" in openapi:
        kept["webhooks"] = {name: item for name, item in _members(openapi["webhooks"]) if name in hooks}
    if isinstance(openapi.get("components"), dict):
        kept["components"] = _components(openapi, kept, behavior)
    others = tuple(each for each in left if isinstance(each, str) and each not in named)
    _cut_links(kept, set(others))
    return kept, others


def _names(data: Any) -> set[str]:
    return set(data) if isinstance(data, dict) else set()


def _members(data: Any) -> list[tuple[str, Any]]:
    return list(data.items()) if isinstance(data, dict) else []


def _operations(item: Any) -> Iterator[dict[str, Any]]:
    yield from (each for method, each in _members(item) if method in METHODS and isinstance(each, dict))


def _methods(item: Any, named: set[str]) -> Any:
    """A path with the methods alone that are named."""
    if not isinstance(item, dict):
        return item
    return {
        word: value
        for word, value in item.items()
        if word not in METHODS or (isinstance(value, dict) and value.get("operationId") in named)
    }


def _components(openapi: Any, kept: Any, behavior: Any) -> dict[str, Any]:
    """The components that what is kept refers to, directly or not."""
    every = openapi["components"]
    found: dict[str, dict[str, Any]] = {kind: every[kind] for kind in _ALWAYS if kind in every}
    waiting = [*_references({word: value for word, value in kept.items() if word != "components"})]
    waiting += _references(list(found.values()))
    waiting += [f"/components/responses/{name}" for name in _unrouted(every, behavior)]
    seen = set(waiting)
    while waiting:
        pointer = waiting.pop()
        parts = pointers.split(pointer)
        if len(parts) < 3 or parts[0] != "components":
            continue
        node = pointers.get(openapi, pointers.join("/components", *parts[1:3]))
        if node is not pointers.MISSING:
            found.setdefault(parts[1], {})[parts[2]] = node
            more = [reference for reference in _references(node) if reference not in seen]
            seen.update(more)
            waiting += more
    return {kind: found[kind] for kind in every if kind in found}  # in their order


def _unrouted(components: Any, behavior: Any) -> Iterator[str]:
    """The responses that answer what no operation takes: those that are named, and those that show such an example."""
    said = dict(_members(behavior.get("unrouted")))
    yield from (each for each in said.values() if isinstance(each, str))
    for name, response in _members(components.get("responses")):
        if {*example_names(response)} & (UNROUTED.keys() - said.keys()):
            yield name


def _references(node: Any) -> Iterator[str]:
    """The pointers that references below a node lead to."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if isinstance(each.get("$ref"), str):
                yield each["$ref"].removeprefix("#")
            discriminator = each.get("discriminator")
            mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
            yield from (str(to).removeprefix("#") for _, to in _members(mapping))
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _cut_links(kept: Any, others: set[str]) -> None:
    """Take away the links of responses to what is not served."""
    holders = [operation.get("responses") for item in kept["paths"].values() for operation in _operations(item)]
    for responses in (*holders, (kept.get("components") or {}).get("responses")):
        for _, response in _members(responses):
            if isinstance(response, dict) and isinstance(response.get("links"), dict):
                led = [name for name, to in _members(response["links"]) if isinstance(to, dict)]
                for name in (each for each in led if response["links"][each].get("operationId") in others):
                    del response["links"][name]
