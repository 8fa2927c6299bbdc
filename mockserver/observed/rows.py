"""Lists within answers, and answers that are a list of one: their items. Knows no job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.json_types import JsonValue
from mockserver.observed.model import ObservedOperation
from mockserver.pointers import MISSING, get, join, split


def lists_of(answer: JsonValue, at: str = "") -> Iterator[tuple[str, list[JsonValue]]]:
    """Every list of objects in an answer, outermost first."""
    if isinstance(answer, list):
        if not answer or isinstance(answer[0], dict):
            yield at, [each for each in answer if isinstance(each, dict)]
        return
    for name, value in answer.items() if isinstance(answer, dict) else ():
        yield from lists_of(value, join(at, name))


def rows_of(op: ObservedOperation) -> list[JsonValue]:
    """The items of a list's answers, those of the fullest first."""
    found = [
        rows for call in op.good if call.answer is not MISSING for at, rows in lists_of(call.answer) if at == op.items
    ]
    return [row for rows in sorted(found, key=len, reverse=True) for row in rows]


def is_of_many(at: str, answers: Iterable[JsonValue]) -> bool:
    """Whether a pointer leads into a list that has several items, in any answer; a list of one is its item."""
    parts = split(at)
    places = [join("", *parts[:n]) for n, part in enumerate(parts) if part.isdigit()]
    if not places:
        return False
    if any(part.isdigit() and part != "0" for part in parts):
        return True
    known = [answer for answer in answers if answer is not MISSING]
    return any(isinstance(each := get(answer, place), list) and len(each) > 1 for answer in known for place in places)
