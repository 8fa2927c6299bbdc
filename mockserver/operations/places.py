"""Places in a request: a pointer into its body, or `path.`, `query.`, `header.`, `cookie.` and a parameter's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from mockserver import pointers
from mockserver.contract import Operation


class RequestValues(Protocol):
    """A request, as far as its values are concerned."""

    operation: Operation
    path: Sequence[str]
    query: Mapping[str, Any]
    sent: Mapping[str, Mapping[str, Any]]
    values: Any


def value_at(call: RequestValues, place: str) -> Any:
    """What stands at a place; MISSING when nothing does."""
    if place[:1] in ("/", ""):
        return pointers.get(call.values, place)
    where, _, name = place.partition(".")
    if where == "body":
        return call.values
    if where == "path":
        names = call.operation.names
        return call.path[names.index(name)] if name in names else pointers.MISSING
    parameters = call.query if where == "query" else call.sent.get(where, {})
    return parameters[name] if name in parameters else _within(parameters, name)


def _within(parameters: Mapping[str, Any], name: str) -> Any:
    """A member of a parameter that is an object, by the name it has in a query: `created[gte]`."""
    outer, bracket, inner = name.partition("[")
    return (
        pointers.get(parameters.get(outer), "/" + inner.rstrip("]").replace("][", "/")) if bracket else pointers.MISSING
    )


def values_at(call: RequestValues, place: str) -> Iterator[tuple[str, Any]]:
    """Each (name of the field, value) at a place; a pointer may have `*` parts."""
    if place[:1] in ("/", ""):
        yield from ((pointer.lstrip("/"), value) for pointer, value in pointers.find(call.values, place))
    else:
        value = value_at(call, place)
        if value is not pointers.MISSING:
            yield place.partition(".")[2], value
