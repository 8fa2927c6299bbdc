"""Which operation a path and a method mean: exact paths first, then a small tree. One route per path."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from mockserver.contract import Operation

Match = tuple["PathRoute", tuple[str, ...]]


@dataclass(slots=True)
class PathRoute:
    """All operations of one path; `names` are those of its parameters, in order."""

    path: str
    names: tuple[str, ...]
    methods: dict[str, Operation] = field(default_factory=dict)
    allow: bytes = b""

    def add(self, operation: Operation) -> None:
        self.methods[operation.method] = operation
        if operation.method == "GET":
            self.methods.setdefault("HEAD", operation)
        self.allow = ", ".join(sorted(self.methods)).encode()


class Routes:
    """The paths of one contract."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._exact: dict[str, PathRoute] = {}
        self._tails: dict[str, PathRoute] = {}  # paths whose one parameter is their last part
        self._tree: dict[str | None, Any] = {}
        for operation in operations:
            self._route(operation.path).add(operation)

    def _route(self, path: str) -> PathRoute:
        parts = path.split("/")[1:]
        names = tuple(p[1:-1] for p in parts if p.startswith("{"))
        if not names:
            return self._exact.setdefault(path, PathRoute(path, ()))
        node = self._tree
        for part in parts:
            node = node.setdefault(None if part.startswith("{") else part, {})
        route: PathRoute = node.setdefault("", PathRoute(path, names))
        head, _, last = path.rpartition("/")
        if last.startswith("{") and len(names) == 1:
            self._tails[head] = route
        return route

    def match(self, path: str) -> Match | None:
        """The route of a decoded path, with its parameters; None when there is none."""
        exact = self._exact.get(path)
        if exact is not None:
            return exact, ()
        head, _, last = path.rpartition("/")
        tail = self._tails.get(head)
        if tail is not None and last:
            return tail, (last,)
        return self.match_parts(path.split("/")[1:])

    def match_parts(self, parts: list[str]) -> Match | None:
        """The same for a path split before it was decoded, so that an encoded slash stays in its part."""
        found = _walk(self._tree, parts, 0, ())
        if found is None:
            exact = self._exact.get("/" + "/".join(parts)) if not any("/" in part for part in parts) else None
            return (exact, ()) if exact is not None else None
        return found


def encoded_parts(raw: bytes, name: str | None, path: str, rest: str) -> list[str]:
    """The parts of the vendor's path, split before decoding: `%2F` stays inside its part."""
    parts = raw.split(b"?", 1)[0].split(b"/")[1:]
    before = 0 if name is None else len(name) + 2
    by_prefix = path[before:] != rest  # else by host
    own = parts[(name is not None) + by_prefix :]
    return [unquote_to_bytes(p).decode("utf-8", "replace") for p in own]


def _walk(node: dict[str | None, Any], parts: list[str], index: int, values: tuple[str, ...]) -> Match | None:
    if index == len(parts):
        route = node.get("")
        return (route, values) if isinstance(route, PathRoute) else None
    part = parts[index]
    if part and part in node:
        found = _walk(node[part], parts, index + 1, values)
        if found is not None:
            return found
    if part and None in node:
        return _walk(node[None], parts, index + 1, (*values, part))
    return None
