"""On which line of a JSON file something stands, by its JSON pointer, and names that stand twice. Knows no contract."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from mockserver import pointers

_BLANK = re.compile(r"[ \t\r\n]*")
_skip = json.JSONDecoder().raw_decode


def line_at(text: str, pointer: str) -> int:
    """The line of what a pointer leads to, from 1: of its name in an object, or of as much of the way as there is.

    In a text that is no JSON it is the line where reading ends.
    """
    return _line(text, _place(text, pointers.split(pointer)))


def twice(text: str) -> list[tuple[str, int, int]]:
    """Every (pointer, line of the first, line of the second) of names that stand twice in one object."""
    return [(pointer, _line(text, a), _line(text, b)) for pointer, a, b in _twice(text, after_blank(text, 0), "")]


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _twice(text: str, at: int, pointer: str) -> Iterator[tuple[str, int, int]]:
    """Goes down no deeper than a document may nest."""
    seen: dict[str, int] = {}
    for name, place, value in members(text, at):
        below = pointers.join(pointer, name)
        if name in seen and not name.isdecimal():
            yield below, seen[name], place
        seen.setdefault(name, place)
        if text.startswith(("{", "["), value):
            yield from _twice(text, value, below)


def members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Every (name, its place, place of its value) of an object; of a list, with numbers for names."""
    is_object, index = text.startswith("{", at), 0
    at = after_blank(text, at + 1)
    while at < len(text) and not text.startswith(("}", "]"), at):
        name, place = str(index), at
        if is_object:
            name, end = _skip(text, at)
            at = after_blank(text, after_blank(text, end) + 1)  # behind the colon
        yield name, place, at
        at, index = _next(text, _skip(text, at)[1]), index + 1


def _place(text: str, parts: tuple[str, ...]) -> int:
    found = at = after_blank(text, 0)
    try:
        for part in parts:
            step = _in_object(text, at, part) if text.startswith("{", at) else _in_array(text, at, part)
            if step is None:
                return found
            found, at = step
        _skip(text, at)
    except json.JSONDecodeError as error:
        return error.pos
    except (ValueError, RecursionError):
        return found
    return found


def end_of(text: str, at: int) -> int:
    """Where the value ends that begins at a place."""
    return _skip(text, at)[1]


def after_blank(text: str, at: int) -> int:
    """The first place from here on at which something stands."""
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _in_object(text: str, at: int, name: str) -> tuple[int, int] | None:
    """Where the name of a member begins, and where its value does."""
    at = after_blank(text, at + 1)
    while text.startswith('"', at):
        key, end = _skip(text, at)
        value = after_blank(text, after_blank(text, end) + 1)  # behind the colon
        if key == name:
            return at, value
        at = _next(text, _skip(text, value)[1])
    return None


def _in_array(text: str, at: int, index: str) -> tuple[int, int] | None:
    """Where an item begins, twice."""
    if not text.startswith("[", at) or not index.isdecimal():
        return None
    at = after_blank(text, at + 1)
    for _ in range(int(index)):
        at = _next(text, _skip(text, at)[1])
        if text.startswith("]", at):
            return None
    return at, at


def _next(text: str, at: int) -> int:
    """Behind a comma, if one comes next."""
    at = after_blank(text, at)
    return after_blank(text, at + 1) if text.startswith(",", at) else at
