"""JSONPath (RFC 9535): the places of a document that a query selects. Knows nothing of what stands there."""

from __future__ import annotations

from typing import Any

from mockserver.jsonpath.reading import PathError, compiled
from mockserver.jsonpath.selectors import Node, walk


def select(query: str, document: Any) -> list[Node]:
    """Every place that a query selects. Raises PathError for what is no query."""
    return list(walk(compiled(query), document, document))


__all__ = ["Node", "PathError", "select"]
