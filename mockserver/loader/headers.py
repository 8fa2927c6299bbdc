"""`x-headers` of openapi.json → the same headers at each response of an operation. Knows no request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import pointers
from mockserver.loader.document import operations
from mockserver.loader.responses import example_names
from mockserver.loader.source import Source

X_HEADERS = "x-headers"
COUNTED = frozenset(("unknown_path", "wrong_method"))


def spread(source: Source) -> None:
    """Write them into the document as it is in memory; what a response says of a header itself stands."""
    shared = source.openapi.pop(X_HEADERS, None)
    if not shared:
        return
    for response in [*_responses(source)]:
        response["headers"] = {**shared, **response.get("headers", {})}


def _responses(source: Source) -> Iterator[dict[str, Any]]:
    """The responses of operations and those that all may give, where they are written."""
    holders = [each.get("responses", {}) for _, _, _, each, _ in operations(source)]
    holders.append(source.openapi.get("x-responses", {}))
    if any("under" in each for each in source.behavior.get("limits", ())):
        holders.append(_unrouted(source.openapi))
    for holder in holders:
        for response in holder.values():
            node, _ = pointers.resolve(source.openapi, response)
            if isinstance(node, dict):
                yield node


def _unrouted(document: Any) -> dict[str, Any]:
    """The responses to requests that no operation takes, which count against a limit as well."""
    known = document.get("components", {}).get("responses", {})
    return {name: each for name, each in known.items() if COUNTED & {*example_names(each)}}
