"""Simple conditions of Arazzo: `$statusCode == 200 && $response.body#/status != 'failed'`. Knows no exchange."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from mockserver import pointers

_TOKEN = re.compile(
    r"\s*(?:(?P<word>&&|\|\||==|!=|<=|>=|[<>!()])"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<known>true|false|null)\b"
    r"|(?P<expression>\$[^\s()&|=<>!'#]+(?:#[^\s()&|=<>!']*)?))"
)
_KNOWN = {"true": True, "false": False, "null": None}
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge
}  # fmt: skip
_DEEPEST = 50


class ConditionError(ValueError):
    """A condition that cannot be read; the message says why."""


def truth(condition: str, value_of: Callable[[str], Any]) -> bool:
    """Whether a condition holds; `value_of` an expression is MISSING where that stands for nothing."""
    reader = _Reader(_tokens(condition), condition, value_of)
    found = reader.either()
    if reader.left:
        reader.fail()
    return _is_true(found)


def _tokens(condition: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while condition[at:].strip():
        match = _TOKEN.match(condition, at)
        if match is None:
            raise ConditionError(f"{condition!r} is no condition: {condition[at:].strip()[:20]!r} is not understood")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


def _is_true(value: Any) -> bool:
    return value is not pointers.MISSING and bool(value)


class _Reader:
    """Reads tokens from left to right, and reckons at once."""

    def __init__(self, tokens: list[tuple[str, str]], condition: str, value_of: Callable[[str], Any]) -> None:
        self.left, self._condition, self._value_of, self._depth = tokens, condition, value_of, 0

    def fail(self) -> None:
        where = f"before {self.left[0][1]!r}" if self.left else "at its end"
        raise ConditionError(f"{self._condition!r} is no condition: something is wrong {where}")

    def _takes(self, *words: str) -> str:
        if self.left and self.left[0][0] == "word" and self.left[0][1] in words:
            return self.left.pop(0)[1]
        return ""

    def either(self) -> Any:
        found = self._both()
        while self._takes("||"):
            other = self._both()
            found = _is_true(found) or _is_true(other)
        return found

    def _both(self) -> Any:
        found = self._compared()
        while self._takes("&&"):
            other = self._compared()
            found = _is_true(found) and _is_true(other)
        return found

    def _compared(self) -> Any:
        found = self._single()
        word = self._takes("==", "!=", *_ORDERS)
        return _compare(word, found, self._single()) if word else found

    def _single(self) -> Any:
        self._depth += 1
        if self._depth > _DEEPEST or not self.left:
            self.fail()
        found = self._operand()
        self._depth -= 1
        return found

    def _operand(self) -> Any:
        if self._takes("!"):
            return not _is_true(self._single())
        if self._takes("("):
            found = self.either()
            if not self._takes(")"):
                self.fail()
            return found
        kind, said = self.left[0]
        if kind == "word":
            self.fail()
        self.left.pop(0)
        if kind == "text":
            return said[1:-1].replace("''", "'")
        if kind == "number":
            return self._number(said)
        return _KNOWN[said] if kind == "known" else self._value_of(said)

    def _number(self, said: str) -> float:
        try:
            return float(said) if set(said) & set(".eE") else int(said)
        except ValueError:  # Python reads no whole number of thousands of digits
            raise ConditionError(f"{said[:20]}… is too long for a number") from None


def _compare(word: str, a: Any, b: Any) -> bool:
    """As Arazzo compares: texts whatever the case of their letters, a number with the text of one as numbers."""
    a, b = _alike(a, b)
    if word in ("==", "!="):
        is_same = a is b if isinstance(a, bool) or isinstance(b, bool) else pointers.MISSING not in (a, b) and a == b
        return bool(is_same) == (word == "==")
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (a, b))
    return (numbers or (isinstance(a, str) and isinstance(b, str))) and _ORDERS[word](a, b)


def _alike(a: Any, b: Any) -> tuple[Any, Any]:
    if isinstance(a, str) and isinstance(b, str):
        return a.casefold(), b.casefold()
    for one, other, order in ((a, b, 1), (b, a, -1)):
        if isinstance(one, str) and isinstance(other, int | float) and not isinstance(other, bool):
            try:
                return (float(one), other)[::order]  # type: ignore[return-value]
            except ValueError:
                return a, b
    return a, b
