"""A JSON file with the changes of a JSON Patch, all the rest of its text as it was. Knows no contract."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.json_patch import PatchError, PatchOperation, patched, renames
from mockserver.loader.places import after_blank, end_of, members

_WIDEST = 120


class _Member(NamedTuple):
    """What stands in an object or a list: where its name (of an item, its value) begins, and its value."""

    name: str
    place: int
    value: int
    end: int


def rewritten(text: str, changes: Iterable[PatchOperation]) -> str:
    """The text with these changes, one after the other. Raises PatchError for one that it does not allow."""
    several = list(changes)
    wanted = patched(json.loads(text), several)
    for change in several:
        text = _changed(text, change)
    if json.loads(text) != wanted:
        raise PatchError("the file is written in a way that cannot be changed place by place")
    return text


def _changed(text: str, change: PatchOperation) -> str:
    if change.op == "test":
        return text
    if not change.path:
        return _written(text, change.value, "")
    if change.op == "move":
        return _moved(text, change)
    if change.op == "remove":
        return _without(text, change.path)
    found = _find(text, change.path)
    if change.op == "replace" or (found is not None and text[_start(text, _above(change.path))] == "{"):
        if found is None:
            raise PatchError(f"nothing stands at {change.path}")
        indent = _indentation(text, found.place)
        return text[: found.value] + _written(text, change.value, indent) + text[found.end :]
    return _with(text, change)


def _moved(text: str, change: PatchOperation) -> str:
    found = _find(text, change.source)
    if found is None:
        raise PatchError(f"nothing stands at {change.source}")
    if renames(change) and text[_start(text, _above(change.path))] == "{" and _find(text, change.path) is None:
        name = _quoted(text, pointers.split(change.path)[-1])
        return text[: found.place] + name + text[end_of(text, found.place) :]
    value = json.loads(text[found.value : found.end])
    return _changed(_without(text, change.source), PatchOperation("add", change.path, value))


def _above(path: str) -> str:
    return path.rpartition("/")[0]


def _start(text: str, pointer: str) -> int:
    """Where a value begins."""
    if not pointer:
        return after_blank(text, 0)
    found = _find(text, pointer)
    if found is None:
        raise PatchError(f"nothing stands at {pointer}")
    return found.value


def _within(text: str, at: int) -> list[_Member]:
    if text[at] not in "{[":
        return []
    return [_Member(name, place, value, end_of(text, value)) for name, place, value in members(text, at)]


def _find(text: str, pointer: str) -> _Member | None:
    at, found = after_blank(text, 0), None
    for part in pointers.split(pointer):
        found = next((each for each in _within(text, at) if each.name == part), None)
        if found is None:
            return None
        at = found.value
    return found


def _without(text: str, path: str) -> str:
    at, found = _start(text, _above(path)), _find(text, path)
    if found is None:
        raise PatchError(f"nothing stands at {path}")
    several = _within(text, at)
    index = several.index(found)
    if len(several) == 1:
        return text[: at + 1] + text[after_blank(text, found.end) :]
    if index + 1 < len(several):
        return text[: found.place] + text[several[index + 1].place :]
    return text[: several[index - 1].end] + text[found.end :]


def _with(text: str, change: PatchOperation) -> str:
    """One member more: where a list's index says, or behind the last."""
    at, name = _start(text, _above(change.path)), pointers.split(change.path)[-1]
    several = _within(text, at)
    label = f"{_quoted(text, name)}: " if text[at] == "{" else ""
    if not several:
        indent = _indentation(text, at)
        return text[: at + 1] + label + _written(text, change.value, indent) + text[after_blank(text, at + 1) :]
    is_broken = "\n" in text[at + 1 : several[0].place]
    indent = _indentation(text, several[0].place) if is_broken else _indentation(text, at)
    between = f",{_line_end(text)}{indent}" if is_broken else _comma(text, several)
    new = label + _written(text, change.value, indent)
    index = int(name) if text[at] == "[" and name != "-" else len(several)
    if index < len(several):
        return text[: several[index].place] + new + between + text[several[index].place :]
    return text[: several[-1].end] + between + new + text[several[-1].end :]


def _comma(text: str, several: list[_Member]) -> str:
    """What stands between members of one line."""
    return text[several[0].end : several[1].place] if len(several) > 1 else ", "


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _indentation(text: str, at: int) -> str:
    """The blanks with which the line of a place begins."""
    start = text.rfind("\n", 0, at) + 1
    line = text[start:at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _quoted(text: str, name: str) -> str:
    return json.dumps(name, ensure_ascii=text.isascii())


def _written(text: str, value: Any, indent: str) -> str:
    """A value as the file would have it: in one line if it fits there."""
    line = json.dumps(value, ensure_ascii=text.isascii())
    if len(line) + len(indent) <= _WIDEST or not isinstance(value, dict | list):
        return line
    unit = "\t" if "\n\t" in text else 2
    several = json.dumps(value, ensure_ascii=text.isascii(), indent=unit).split("\n")
    return f"{_line_end(text)}{indent}".join(several)
