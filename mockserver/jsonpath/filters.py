"""What filters of a JSONPath reckon with: operands, comparisons, functions. Reads no query."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.jsonpath.selectors import Node, NodeTest

NOTHING: Any = object()
"""What a comparison has where nothing was selected."""


class Operand:
    """Places that a query within a filter selects, or a value that is known or reckoned."""

    def __init__(
        self, nodes: Callable[[Any, Any], Iterator[Node]] | None = None, apply: NodeTest | None = None,
        *, is_value: bool = False,
    ) -> None:  # fmt: skip
        self._nodes, self._apply, self.is_value = nodes, apply, is_value

    def given(self, value: Any, document: Any) -> Any:
        """Places as a tuple of nodes, which no value of JSON is, or the value."""
        if self._nodes is not None:
            return tuple(self._nodes(value, document))
        assert self._apply is not None, "it is one or the other"
        return self._apply(value, document)

    def exists(self, value: Any, document: Any) -> bool:
        """Whether something is selected, or what a function says."""
        found = self.given(value, document)
        return bool(found) if self._nodes is not None else found is True


def constant(value: Any) -> Operand:
    return Operand(apply=lambda _, __: value, is_value=True)


def single(operand: Operand) -> NodeTest:
    """The one value of an operand."""
    return lambda value, document: _one(operand.given(value, document))


def _one(given: Any) -> Any:
    if isinstance(given, tuple):
        return given[0].value if len(given) == 1 else NOTHING
    return given


def _same(a: Any, b: Any) -> bool:
    """Whether two values are one; true is not 1, however deep."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(each, b[name]) for name, each in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a is b or (NOTHING not in (a, b) and bool(a == b))


def _before(a: Any, b: Any, less: Callable[[Any, Any], bool]) -> bool:
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (a, b))
    return (numbers or (isinstance(a, str) and isinstance(b, str))) and less(a, b)


def compared(word: str, left: NodeTest, right: NodeTest) -> NodeTest:
    ways: Mapping[str, Callable[[Any, Any], bool]] = {
        "==": _same,
        "!=": lambda a, b: not _same(a, b),
        "<": lambda a, b: _before(a, b, operator.lt),
        ">": lambda a, b: _before(a, b, operator.gt),
        "<=": lambda a, b: _before(a, b, operator.lt) or _same(a, b),
        ">=": lambda a, b: _before(a, b, operator.gt) or _same(a, b),
    }
    return lambda value, document: ways[word](left(value, document), right(value, document))


def _length(given: Any) -> Any:
    value = _one(given)
    return len(value) if isinstance(value, str | list | dict) else NOTHING


def _matches(how: Callable[[str, str], Any]) -> Callable[[Any, Any], bool]:
    def found(given: Any, pattern: Any) -> bool:
        text, written = _one(given), _one(pattern)
        try:
            return isinstance(text, str) and isinstance(written, str) and how(written, text) is not None
        except (re.error, OverflowError, RecursionError):  # all of them say that the pattern is none
            return False

    return found


FUNCTIONS: Mapping[str, tuple[int, Callable[..., Any]]] = {
    "length": (1, _length),
    "count": (1, lambda given: len(given) if isinstance(given, tuple) else NOTHING),
    "value": (1, _one),
    "match": (2, _matches(re.fullmatch)),
    "search": (2, _matches(re.search)),
}
