"""The text of a JSONPath → its steps. Knows no document."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NoReturn

from mockserver.jsonpath.filters import FUNCTIONS, Operand, compared, constant, single
from mockserver.jsonpath.selectors import NodeSelector, NodeTest, any_of, every, item, items, member, those, walk

_DEEPEST = 50


class PathError(ValueError):
    """A query that is none; the message says where it goes wrong."""


def compiled(query: str) -> Sequence[NodeSelector]:
    """The steps of a query. Raises PathError."""
    reader = _Reader(query)
    reader.expect("$")
    steps = reader.segments()
    if reader.rest:
        reader.fail("the query ends here")
    return steps


_NAME = re.compile(r"[A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*")
_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,15})(?![\d.eE])", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_STRING = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
_WORDS = {"true": True, "false": False, "null": None}


class _Reader:
    """Reads a query from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self._depth = text, 0, 0

    @property
    def rest(self) -> str:
        return self.text[self.at :]

    def fail(self, why: str) -> NoReturn:
        """Raises PathError."""
        raise PathError(f"{self.text!r} is no JSONPath: {why}, at character {self.at + 1}")

    def blank(self) -> None:
        while self.text[self.at : self.at + 1] in (" ", "\t", "\n", "\r"):
            self.at += 1

    def takes(self, *words: str) -> str:
        """The first of these words that comes next, behind blanks; empty when none does."""
        before = self.at
        self.blank()
        found = next((word for word in words if self.text.startswith(word, self.at)), "")
        self.at = self.at + len(found) if found else before
        return found

    def expect(self, word: str) -> None:
        if not self.takes(word):
            self.fail(f"{word!r} was due")

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def segments(self) -> list[NodeSelector]:
        steps: list[NodeSelector] = []
        while word := self.takes("..", ".", "["):
            deep = word == ".."
            if deep and self.takes("["):
                word = "["
            several = self._selectors() if word == "[" else [self._short()]
            steps.append(any_of(several, deep=deep))
        return steps

    def _short(self) -> NodeSelector:
        """What follows a dot."""
        if self.text.startswith("*", self.at):
            self.at += 1
            return every
        name = self.match(_NAME)
        if name is None:
            self.fail("a name or * was due")
        return member(name[0])

    def _selectors(self) -> list[NodeSelector]:
        several = [self._selector()]
        while self.takes(","):
            several.append(self._selector())
        self.expect("]")
        return several

    def _selector(self) -> NodeSelector:
        self.blank()
        if self.takes("*"):
            return every
        if self.takes("?"):
            return those(self.either())
        if (text := self.string()) is not None:
            return member(text)
        return self._numbers()

    def _numbers(self) -> NodeSelector:
        first = self.match(_WHOLE)
        if not self.takes(":"):
            if first is None:
                self.fail("a name, a number, a slice, * or ? was due")
            return item(int(first[0]))
        bounds: list[re.Match[str] | None] = [first, None, None]
        for index in (1, 2):
            self.blank()
            bounds[index] = self.match(_WHOLE)
            if index == 1 and not self.takes(":"):
                break
        return items(slice(*(None if bound is None else int(bound[0]) for bound in bounds)))

    def string(self) -> str | None:
        found = self.match(_STRING)
        if found is None:
            return None
        inner = found[2] if found[1] is None else found[1].replace("\\'", "'").replace('"', '\\"')
        try:
            return str(json.loads(f'"{inner}"'))
        except ValueError:
            self.fail("a text is written wrongly")

    # Expressions of a filter ------------------------------------------------------------------------------

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            self.fail("it nests too deep")

    def either(self) -> NodeTest:
        self._deeper()
        several = [self._both()]
        while self.takes("||"):
            several.append(self._both())
        self._depth -= 1
        return several[0] if len(several) == 1 else lambda value, document: any(t(value, document) for t in several)

    def _both(self) -> NodeTest:
        several = [self._basic()]
        while self.takes("&&"):
            several.append(self._basic())
        return several[0] if len(several) == 1 else lambda value, document: all(t(value, document) for t in several)

    def _basic(self) -> NodeTest:
        if self.takes("!"):
            self._deeper()
            denied = self._basic()
            self._depth -= 1
            return lambda value, document: not denied(value, document)
        if self.takes("("):
            inner = self.either()
            self.expect(")")
            return inner
        left = self._operand()
        word = self.takes(*_COMPARISONS)
        if word:
            return compared(word, single(left), single(self._operand()))
        if left.is_value:
            self.fail("a comparison was due")
        return left.exists

    def _operand(self) -> Operand:
        self.blank()
        if word := self.takes("@", "$"):
            steps = self.segments()
            return Operand(lambda value, document: walk(steps, value if word == "@" else document, document))
        if (text := self.string()) is not None:
            return constant(text)
        name = self.match(_NAME)
        if name is not None and name[0] in _WORDS:
            return constant(_WORDS[name[0]])
        if name is not None:
            return self._call(name[0])
        number = self.match(_NUMBER)
        if number is None:
            self.fail("a value was due")
        try:
            return constant(json.loads(number[0]))
        except ValueError:  # Python reads no whole number of thousands of digits
            self.fail("a number is too long")

    def _call(self, name: str) -> Operand:
        self.expect("(")
        self._deeper()
        given = [self._operand()]
        while self.takes(","):
            given.append(self._operand())
        self._depth -= 1
        self.expect(")")
        if name not in FUNCTIONS or len(given) != FUNCTIONS[name][0]:
            self.fail(f"there is no function {name!r} of {len(given)}")
        return Operand(apply=lambda value, document: FUNCTIONS[name][1](*(g.given(value, document) for g in given)),
                        is_value=name not in ("match", "search"))  # fmt: skip
