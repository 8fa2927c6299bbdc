"""Which operation a path and a method mean: exact paths first, then a small tree. One route per path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from mockserver.contract import Operation
from mockserver.intake import PARAMETER

RouteMatch = tuple["PathRoute", tuple[str, ...]]
RouteWords = Mapping[str, Sequence[str]]
"""The words that parameters may be, by their names."""


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


class RouteNode:
    """What may follow in a path: parts as they stand, parts with text around parameters, any part."""

    __slots__ = ("any", "literal", "route", "shaped")

    def __init__(self) -> None:
        self.literal: dict[str, RouteNode] = {}
        self.shaped: list[tuple[re.Pattern[str], RouteNode]] = []
        self.any: RouteNode | None = None
        self.route: PathRoute | None = None

    def below(self, part: str, words: RouteWords) -> RouteNode:
        """The node behind a part of a path as the document writes it."""
        if "{" not in part:
            return self.literal.setdefault(part, RouteNode())
        shape = _shape(part, words)
        if shape.pattern == _ANY:
            self.any = self.any or RouteNode()
            return self.any
        child = next((node for pattern, node in self.shaped if pattern == shape), None)
        if child is None:
            child = RouteNode()
            self.shaped.append((shape, child))
            self.shaped.sort(key=lambda each: -len(each[0].pattern.replace(_ANY, "")))  # the most text first
        return child


_ANY = "(.+)"


def _shape(part: str, words: RouteWords) -> re.Pattern[str]:
    """`{model}:predict` → what a part of that shape is matched by; a parameter of listed words by these alone."""
    pieces = PARAMETER.split(part)
    for index, piece in enumerate(pieces):
        choices = words.get(piece, ()) if index % 2 else ()
        any_of = f"({'|'.join(map(re.escape, choices))})" if choices else _ANY
        pieces[index] = any_of if index % 2 else re.escape(piece)
    return re.compile("".join(pieces), re.S)


def _words(operation: Operation) -> RouteWords:
    return {parameter.name: parameter.words for parameter in operation.parameters if parameter.words}


class RouteTable:
    """The paths of one contract."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._exact: dict[str, PathRoute] = {}
        self._tails: dict[str, tuple[PathRoute, RouteNode]] = {}  # paths whose one parameter is their last part
        self._tree = RouteNode()
        several = list(operations)
        for operation in several:
            self._route(operation.path, _words(operation)).add(operation)
        for operation in several:
            for path in operation.paths:
                route = self._route(path, _words(operation))
                if operation.method not in route.methods:
                    route.add(operation)
        self._tails = {head: (route, above) for head, (route, above) in self._tails.items() if not above.shaped}

    def _route(self, path: str, words: RouteWords) -> PathRoute:
        names = tuple(PARAMETER.findall(path))
        if not names:
            return self._exact.setdefault(path, PathRoute(path, ()))
        above = node = self._tree
        for part in path.split("/")[1:]:
            above, node = node, node.below(part, words)
        node.route = route = node.route or PathRoute(path, names)
        head, _, last = path.rpartition("/")
        if PARAMETER.fullmatch(last) and len(names) == 1 and not words:
            self._tails[head] = (route, above)
        return route

    def match(self, path: str) -> RouteMatch | None:
        """The route of a decoded path, with its parameters; None when there is none."""
        exact = self._exact.get(path)
        if exact is not None:
            return exact, ()
        head, _, last = path.rpartition("/")
        tail = self._tails.get(head)
        if tail is not None and last:
            return tail[0], (last,)
        return self.match_parts(path.split("/")[1:])

    def match_parts(self, parts: list[str]) -> RouteMatch | None:
        """The same for a path split before it was decoded, so that an encoded slash stays in its part."""
        match = _walk(self._tree, parts, 0, ())
        if match is None:
            exact = self._exact.get("/" + "/".join(parts)) if not any("/" in part for part in parts) else None
            return (exact, ()) if exact is not None else None
        return match


def encoded_parts(raw: bytes, name: str | None, path: str, rest: str) -> list[str]:
    """The parts of the vendor's path, split before decoding: `%2F` stays inside its part."""
    own_path = path[0 if name is None else len(name) + 2 :]
    before = _before(own_path, rest)
    skipped = (name is not None) + (before is None and own_path != rest)  # by prefix, else by host
    return [*(before or "").split("/")[1:], *_decoded(raw, 1 + skipped)]


def _before(path: str, rest: str) -> str | None:
    """What a host puts before the path of a request; None where it puts nothing there."""
    return rest[: -len(path)] if path and len(rest) > len(path) else None


def _decoded(raw: bytes, start: int) -> list[str]:
    parts = raw.split(b"?", 1)[0].split(b"/")[start:]
    return [unquote_to_bytes(part).decode("utf-8", "replace") for part in parts]


def parts_below(scope: Any, rest: str) -> list[str] | None:
    """The parts of the end of a path, split before it was decoded; None where nothing in it is encoded."""
    raw, path = scope.get("raw_path") or b"", scope["path"]
    if b"%" not in raw:
        return None
    before = _before(path, rest)
    if before is not None:
        return [*before.split("/")[1:], *_decoded(raw, 1)]
    return _decoded(raw, 1 + path.removesuffix(rest).count("/"))


def _walk(node: RouteNode, parts: list[str], index: int, values: tuple[str, ...]) -> RouteMatch | None:
    if index == len(parts):
        return None if node.route is None else (node.route, values)
    for below, more in _fitting(node, parts[index]):
        match = _walk(below, parts, index + 1, (*values, *more))
        if match is not None:
            return match
    return None


def _fitting(node: RouteNode, part: str) -> Iterator[tuple[RouteNode, tuple[str, ...]]]:
    """The nodes behind a part, with the values of its parameters; the most definite first. An empty one has none."""
    if part in node.literal:
        yield node.literal[part], ()
    for shape, below in node.shaped:
        match = shape.fullmatch(part)
        if match is not None:
            yield below, match.groups()
    if node.any is not None and part:
        yield node.any, (part,)
