"""Schemas that are put together from each other again and again: of some dozen a value is compared with millions.

Such a document would hold whoever reads it, and each request that is judged by it. Knows OpenAPI documents alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.loader.keywords import nodes
from mockserver.loader.source import OPENAPI, Source

MOST = 10_000
"""With so many schemas one value may be compared."""
DEEPEST = 100
"""So many of them may lead one to another: validators go down on the stack."""
_LISTS = ("allOf", "anyOf", "oneOf")
_ONES = ("not", "if", "then", "else")
_REMEDY = "Let each schema stand once among those that are put together: refer to it from one of them alone."


class Size(NamedTuple):
    """With how many schemas a value is compared by one of them, itself included, and how many lead to the last."""

    several: float
    depth: float


def check_spread(source: Source) -> None:
    """Note the schemas by which one value is compared with too many, each at the first that comes to that."""
    sizes, told = _Sizes(source.openapi), set[int]()
    for node, kind, at in nodes(source.openapi):
        if kind != "schema" or id(node) in told or not _is_too_much(sizes.of(node)):
            continue
        told.add(id(node))
        if id(node) in sizes.circles:
            sentence = "the schema leads back to itself, whatever the value is."
            source.say(OPENAPI, at, sentence, "Take it out of allOf, anyOf, oneOf or $ref below itself.")
        elif not any(_is_too_much(sizes.of(each)) for each in sizes.inner(node)):
            count, depth = sizes.of(node)
            sentence = f"a value is compared with {count:,.0f} schemas here, {depth:.0f} of which lead to one another."
            source.say(OPENAPI, at, sentence, _REMEDY)


def _is_too_much(size: Size) -> bool:
    return size.several > MOST or size.depth > DEEPEST


class _Sizes:
    """The sizes of the schemas of one document, each reckoned once; `circles` are those that lead to themselves."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._known: dict[int, Size] = {}
        self.circles: set[int] = set()

    def of(self, schema: Mapping[str, Any]) -> Size:
        """The size of a schema. Goes down without the stack, which is short."""
        waiting, begun = [schema], set[int]()
        while waiting:
            node = waiting[-1]
            inner = [*self.inner(node)] if id(node) not in self._known else []
            left = [each for each in inner if id(each) not in self._known]
            if left and id(node) not in begun:
                begun.add(id(node))
                waiting += left
                continue
            waiting.pop()
            if left:  # it came back before they were done
                self.circles.add(id(node))
                self._known[id(node)] = Size(inf, inf)
            elif id(node) not in self._known:
                sizes = [self._known[id(each)] for each in inner]
                count, depth = sum(size.several for size in sizes), max((size.depth for size in sizes), default=0)
                self._known[id(node)] = Size(1 + count, 1 + depth)
        return self._known[id(schema)]

    def inner(self, node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """The schemas by which the same value is judged as well."""
        named = node.get("dependentSchemas")
        several = [each for word in _LISTS for each in _listed(node.get(word))]
        several += [node.get(word) for word in _ONES] + _listed([*named.values()] if isinstance(named, dict) else None)
        if isinstance(node.get("$ref"), str):
            several.append(pointers.get(self._document, node["$ref"].removeprefix("#")))
        yield from (each for each in several if isinstance(each, dict))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
