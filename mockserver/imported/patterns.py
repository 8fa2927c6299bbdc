"""A regular expression of a vendor, or an id that one shows → a pattern of ids as contracts have it. Knows no document.

What is written there in several ways is made in one: the first of alternatives, each part as often as it must be, and
more often only where the ids would be too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from mockserver.id_patterns import LEAST, LONGEST, LONGEST_NUMBER, SAFE, different, written

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_CLASSES = {
    "d": _DIGITS, "w": _DIGITS + _LOWER.upper() + _LOWER, "s": " ", "S": _DIGITS + _LOWER, "D": _LOWER, "W": "-",
    "t": "\t", "n": "\n", "r": "\r",
}  # fmt: skip
_ANY = _LOWER + _DIGITS + _LOWER.upper() + "".join(chr(each) for each in range(32, 127) if not chr(each).isalnum())
"""What may stand in any text, the plain characters first."""
_COUNT = re.compile(r"\{(\d{1,4})(,?)(\d{0,4})\}")
_USUAL = 12
"""So many characters of a part that may be of any length."""


@dataclass(slots=True)
class _Run:
    """Characters of one alphabet: at least so many, at most so many."""

    alphabet: str
    least: int = 1
    most: int = 1


class _Unknown(ValueError):
    """A pattern that says what is not read here."""


def from_expression(expression: str, shortest: int = 0, longest: int = LONGEST, least: int = LEAST) -> str:
    """A pattern whose ids a regular expression allows, as long as is wanted; empty where none is found.

    `least` is how many different ids there must be.
    """
    try:
        runs = _Reader(expression).read()
    except (_Unknown, RecursionError):
        return ""
    kept, longest = [run for run in runs if run.most], min(longest, LONGEST)
    found = _made(kept, shortest, longest, least=least)
    if found or expression.endswith("$"):
        return found
    return _made([*kept, _Run(_DIGITS + _LOWER, 0, LONGEST)], shortest, longest, least=least)  # anything may follow


def text_of(expression: str, shortest: int, longest: int) -> str | None:
    """A short text that a regular expression allows, of any printable characters; None where it is not understood."""
    try:
        runs = _Reader(expression, _ANY).read()
    except (_Unknown, RecursionError):
        return None
    counts = [run.least for run in runs]
    for n, run in enumerate(runs):
        counts[n] += max(0, min(run.most - run.least, shortest - sum(counts)))
    made = "".join(run.alphabet[0] * count for run, count in zip(runs, counts, strict=True))
    made += "x" * (shortest - len(made) if not expression.endswith("$") else 0)
    return made if shortest <= len(made) <= longest else None


def from_lengths(shortest: int, longest: int) -> str:
    """A pattern of lower-case letters and digits as long as is wanted; empty where they would be too few."""
    return _made([_Run(_DIGITS + _LOWER, 1, LONGEST)], shortest, min(longest, LONGEST))


def from_bounds(low: int, high: int) -> str:
    """A pattern of whole numbers within bounds, as many digits as may be; empty where they would be too few."""
    for digits in range(min(len(str(max(high, 0))), LONGEST_NUMBER), 0, -1):
        for head in range(1, min(digits, 4)):
            unit = 10 ** (digits - head)
            first, last = max(-(-low // unit), 10 ** (head - 1)), min((high + 1) // unit, 10**head) - 1
            groups: dict[int, str] = {}
            for each in range(first, last + 1):
                groups[each // 10] = groups.get(each // 10, "") + str(each % 10)
            before, choice = max(groups.items(), key=lambda row: len(row[1]), default=(0, ""))
            if len(choice) * unit >= LEAST:
                return f"{before or ''}{written(choice)}[0-9]{{{digits - head}}}"
    return ""


def from_example(shown: str, shortest: int = 0, longest: int = LONGEST) -> str:
    """A pattern of ids like one that is shown: its words and separators stay, what looks drawn is drawn.

    Empty where nothing of it looks drawn, or it has what no id of a contract may have.
    """
    if not shown or {*shown} - {*SAFE} or len(shown) > LONGEST:
        return ""
    parts = [part for part in re.split(r"([_~.:-])", shown) if part]
    drawn = [n for n, part in enumerate(parts) if part.isalnum() and not part.isalpha()]
    drawn = drawn or [n for n, part in enumerate(parts) if part.isalnum()][-1:]
    runs: list[_Run] = []
    for n, part in enumerate(parts):
        if n in drawn:
            runs.append(_Run(_alphabet(part), len(part), LONGEST if n == drawn[-1] else len(part)))
        else:
            runs += [_Run(each) for each in part]
    return _made(runs, shortest, min(longest, LONGEST), usual=0)


def _alphabet(part: str) -> str:
    """The characters of which a part is made, by those that it has."""
    if part.isdigit():
        return _DIGITS
    letters = {each for each in part if each.isalpha()}
    if len(part) > 7 and letters <= {*"abcdef"}:
        return _DIGITS + "abcdef"
    cases = _LOWER.upper() if any(map(str.isupper, letters)) else ""
    cases += _LOWER if any(map(str.islower, letters)) else ""
    return (_DIGITS if any(map(str.isdigit, part)) or len(part) > 7 else "") + cases


def _made(runs: list[_Run], shortest: int, longest: int, usual: int = _USUAL, least: int = LEAST) -> str:
    """The pattern of runs: each as short as may be, but long enough that the ids are many; empty where that fails."""
    counts = [run.least for run in runs]
    free = [n for n, run in enumerate(runs) if run.most > run.least]
    for n in free[-1:]:
        counts[n] = max(counts[n], min(usual, runs[n].most, longest - sum(counts) + counts[n]))
    while (_ids(runs, counts) < least or sum(counts) < shortest) and sum(counts) < longest:
        longer = next((each for each in reversed(free) if counts[each] < runs[each].most), None)
        if longer is None:
            break
        counts[longer] += 1
    made = _text(runs, counts)
    fits = shortest <= sum(counts) <= longest and counts
    return made if fits and different(made) >= least else ""


def _ids(runs: list[_Run], counts: list[int]) -> int:
    return different(_text(runs, counts)) if any(counts) else 0


def _text(runs: list[_Run], counts: list[int]) -> str:
    alphabets = [run.alphabet for run, count in zip(runs, counts, strict=True) for _ in range(count)]
    if all({*alphabet} <= {*_DIGITS} for alphabet in alphabets):  # a number begins with no zero
        alphabets[:1] = [alphabet.replace("0", "") or alphabet for alphabet in alphabets[:1]]
    places = map(written, alphabets)
    rows = [(place, len([*several])) for place, several in groupby(places)]
    return "".join(place * n if n == 1 or len(place) * n < 4 else f"{place}{{{n}}}" for place, n in rows)


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, expression: str, allowed: str = SAFE) -> None:
        self._text, self._at, self._allowed = expression.removeprefix("^"), 0, allowed

    def read(self) -> list[_Run]:
        runs = self._sequence()
        if self._at < len(self._text):
            raise _Unknown
        return runs

    def _sequence(self) -> list[_Run]:
        """What stands up to the end of a group; of alternatives the first."""
        found: list[_Run] = []
        chosen: list[_Run] | None = None
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._text[self._at] == "|":
                self._at += 1
                chosen, found = chosen if chosen is not None else found, []
            elif self._text[self._at] in "^$":
                self._at += 1
            else:
                found += self._repeated(self._one())
        return chosen if chosen is not None else found

    def _one(self) -> list[_Run]:
        """A character, a class, or all that stands in a group."""
        each, self._at = self._text[self._at], self._at + 1
        if each == "(":
            return self._group()
        if each == "[":
            return [_Run(self._class())]
        if each == "\\":
            if self._text.startswith(("b", "B"), self._at):
                self._at += 1
                return []
            return [_Run(self._safe(self._escaped()))]
        if each == ".":
            return [_Run(_DIGITS + _LOWER)]
        if each in "*+?{":
            raise _Unknown
        return [_Run(self._safe(each))]

    def _group(self) -> list[_Run]:
        if self._text.startswith("?:", self._at):
            self._at += 2
        elif named := re.compile(r"\?P?<[A-Za-z_]\w*>").match(self._text, self._at):
            self._at = named.end()
        elif self._text.startswith("?", self._at):
            raise _Unknown  # what looks ahead or behind
        runs = self._sequence()
        if not self._text.startswith(")", self._at):
            raise _Unknown
        self._at += 1
        return runs

    def _escaped(self) -> str:
        if self._at >= len(self._text):
            raise _Unknown
        each, self._at = self._text[self._at], self._at + 1
        if each.isalnum() and each not in _CLASSES:
            raise _Unknown
        return _CLASSES.get(each, each)

    def _class(self) -> str:
        """The characters of a class that may stand in an id."""
        is_other = self._text.startswith("^", self._at)
        self._at += is_other
        found: set[str] = set()
        begun = self._at
        while self._at < len(self._text) and (self._text[self._at] != "]" or self._at == begun):
            first = self._member()
            is_range = self._text.startswith("-", self._at) and not self._text.startswith("-]", self._at)
            if is_range and len(first) == 1:
                self._at += 1
                last = self._member()
                found |= {each for each in self._allowed if first <= each <= last[-1:]}
            else:
                found |= {*first}
        if not self._text.startswith("]", self._at):
            raise _Unknown
        self._at += 1
        return self._safe({*_CLASSES["w"]} - found if is_other else found)

    def _member(self) -> str:
        each, self._at = self._text[self._at : self._at + 1], self._at + 1
        return self._escaped() if each == "\\" else each

    def _repeated(self, runs: list[_Run]) -> list[_Run]:
        """The same as often as is said behind it."""
        least, most = 1, 1
        each = self._text[self._at : self._at + 1]
        count = _COUNT.match(self._text, self._at)
        if each and each in "?*+":
            self._at += 1
            least, most = {"?": (0, 1), "*": (0, LONGEST), "+": (1, LONGEST)}[each]
        elif count is not None:
            self._at = count.end()
            least = int(count[1])
            most = int(count[3]) if count[3] else LONGEST if count[2] else least
        self._at += self._text.startswith("?", self._at) and (least, most) != (1, 1)  # as few as may be
        if least > LONGEST:
            raise _Unknown
        if len(runs) == 1 and runs[0].least == runs[0].most == 1:
            return [_Run(runs[0].alphabet, least, min(most, LONGEST))]
        return [_Run(run.alphabet, run.least, run.most) for _ in range(least) for run in runs][: 2 * LONGEST]

    def _safe(self, found: Iterable[str]) -> str:
        """Those characters that may stand there, in one order."""
        made = "".join(each for each in self._allowed if each in {*found})
        if not made:
            raise _Unknown
        return made
