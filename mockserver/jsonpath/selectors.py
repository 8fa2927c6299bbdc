"""The places that the selectors of a JSONPath select below one, and comparisons of filters. Reads no query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from mockserver import pointers


class Node(NamedTuple):
    """A place, as a JSON pointer, and what stands there."""

    pointer: str
    value: Any


NodeSelector = Callable[[Node, Any], Iterator[Node]]
"""The places below one that are selected, given the document."""
NodeTest = Callable[[Any, Any], Any]
"""What an expression has of the value under test, given the document."""


def walk(steps: Sequence[NodeSelector], value: Any, document: Any) -> Iterator[Node]:
    nodes: list[Node] = [Node("", value)]
    for step in steps:
        nodes = [below for node in nodes for below in step(node, document)]
    return iter(nodes)


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node.value, dict):
        yield from (Node(pointers.join(node.pointer, name), each) for name, each in node.value.items())
    elif isinstance(node.value, list):
        yield from (Node(pointers.join(node.pointer, index), each) for index, each in enumerate(node.value))


def _below(node: Node) -> Iterator[Node]:
    """A place and all below it."""
    yield node
    for child in _children(node):
        yield from _below(child)


def member(name: str) -> NodeSelector:
    def found(node: Node, document: Any) -> Iterator[Node]:
        if isinstance(node.value, dict) and name in node.value:
            yield Node(pointers.join(node.pointer, name), node.value[name])

    return found


def item(index: int) -> NodeSelector:
    def found(node: Node, document: Any) -> Iterator[Node]:
        if isinstance(node.value, list) and -len(node.value) <= index < len(node.value):
            at = index % len(node.value)
            yield Node(pointers.join(node.pointer, at), node.value[at])

    return found


def items(bounds: slice) -> NodeSelector:
    def found(node: Node, document: Any) -> Iterator[Node]:
        if isinstance(node.value, list) and bounds.step != 0:
            yield from (Node(pointers.join(node.pointer, i), node.value[i]) for i in range(len(node.value))[bounds])

    return found


def every(node: Node, document: Any) -> Iterator[Node]:
    return _children(node)


def those(test: NodeTest) -> NodeSelector:
    return lambda node, document: (child for child in _children(node) if test(child.value, document))


def any_of(several: Sequence[NodeSelector], *, deep: bool) -> NodeSelector:
    def found(node: Node, document: Any) -> Iterator[Node]:
        for place in _below(node) if deep else (node,):
            for one in several:
                yield from one(place, document)

    return found
