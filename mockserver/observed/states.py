"""How a job's answers tell its state: a field whose few words never return, a flag, a value that comes, a status.

Knows no time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.imported.lexicon import STATE_FIELDS, letters, meaning_of
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import leaves
from mockserver.observed.model import ObservedOperation, ObservedResource, StatePlace
from mockserver.observed.rows import is_of_many, rows_of
from mockserver.observed.streams import find_words, is_log
from mockserver.pointers import MISSING, get, join

FLAGS = frozenset(("done", "isdone", "completed", "iscompleted", "finished", "isfinished", "ready", "isready"))
NUMBERED = frozenset((*STATE_FIELDS, "statuscode", "statecode", "jobstatuscode", "taskstatuscode"))
"""Names of fields that may tell a state by a number; letters alone."""
PENDING, DONE = "pending", "done"
VARIED = 60
"""What changes tells more than what has the likelier name: `{"status": "success", "data": {"state": "running"}}`."""
MOST_STATES = 12
LONGEST_WORD = 40


def find_states(resource: ObservedResource) -> None:
    """Set where each operation of a resource tells the state of a job."""
    for op in resource.operations:
        samples = [call.answer for call in op.good if call.answer is not MISSING and not (op.media and is_log(call))]
        if op.verb == "list" or not samples:
            continue
        at = _field(samples, resource)
        if at is not None:
            op.state = _place(resource, op, at)
        elif op.verb == "show":
            op.state = _otherwise(op, samples)
    _number(resource)
    _agree(resource)
    shown = {word for op in resource.operations if op.verb == "show" for word in _said(op)}
    for op in (operation for operation in resource.operations if operation.verb == "list"):
        rows = rows_of(op)
        op.item_at = _in_items(resource, rows, shown) if shown else _field(rows, resource) or ""
    for op in resource.operations:
        if op.media and op.state is None:
            find_words(op, sorted(shown))


def _number(resource: ObservedResource) -> None:
    """Where a state is a number that changes, others tell it under the same name by one that they never change."""
    shown = [op for op in resource.operations if op.state and op.state.kind == "field"]
    names = {op.state.at.rpartition("/")[2] for op in shown if op.state and _are_numbers(op, op.state.at)}
    for op in resource.operations:
        places = (
            dict.fromkeys(at for call in op.good for at, _ in leaves(call.answer)) if names and not op.state else ()
        )
        at = next((place for place in places if place.rpartition("/")[2] in names and _are_numbers(op, place)), "")
        if at and op.verb != "list":
            op.state = StatePlace("field", at)


def _are_numbers(op: ObservedOperation, at: str) -> bool:
    several = [*values((call.answer for call in op.good), at)]
    return bool(several) and all(type(each) is int for each in several if each is not None)


def _in_items(resource: ObservedResource, rows: list[JsonValue], shown: set[str]) -> str:
    """Where the items of a list tell the state in the words that others have for it; empty where they do not."""
    names = {op.state.at.rpartition("/")[2] for op in resource.operations if op.state and op.state.kind == "field"}
    for at in dict.fromkeys(at for row in rows for at, _ in leaves(row) if at.rpartition("/")[2] in names):
        several = [each for row in rows if (each := get(row, at)) is not MISSING and each is not None]
        said, meanings = {str(each) for each in several}, {meaning_of(str(each)) for each in several}
        is_new = "" not in meanings and not meanings & {meaning_of(each) for each in shown}
        if all(type(each) in (str, int) for each in several) and (shown & said or (said and is_new)):
            return at
    return ""


def _place(resource: ObservedResource, op: ObservedOperation, at: str) -> StatePlace:
    """That of a field, with a word for jobs that have none yet: it is null, or comes later, and never goes again."""
    words = {str(value) for value in values((call.answer for call in op.good), at) if value is not None}
    seen: dict[str, list[JsonValue]] = {}
    for call in op.good:
        for job in resource.about(call, op) if isinstance(call.answer, dict | list) else ():
            seen.setdefault(job.id, []).append(get(call.answer, at))
    is_null, is_late = (any(nothing in several for several in seen.values()) for nothing in (None, MISSING))
    goes = [nothing for nothing in (None, MISSING) if any(_goes(several, nothing) for several in seen.values())]
    is_late = is_late and MISSING not in goes and any(several[0] is MISSING != several[-1] for several in seen.values())
    if None in goes or not (is_null or is_late):
        return StatePlace("field", at)
    return StatePlace(
        "field", at, next(each for each in (PENDING, "not_yet", "none_yet") if each not in words), is_late
    )


def _goes(several: list[JsonValue], nothing: JsonValue) -> bool:
    """Whether something is followed by nothing."""
    known = [each is not None and each is not MISSING for each in several]
    return any(each is nothing and any(known[:n]) for n, each in enumerate(several))


def _said(op: ObservedOperation) -> set[str]:
    return {word for call in op.good if (word := word_of(call, op))}


def _field(samples: list[JsonValue], resource: ObservedResource) -> str | None:
    places = dict.fromkeys(at for sample in samples for at, _ in leaves(sample))
    scored = {at: score for at in places if (score := _score(at, samples, resource))}
    return max(scores, key=lambda at: (scores[at], -at.count("/"))) if (scores := scored) else None


def _score(at: str, samples: list[JsonValue], resource: ObservedResource) -> int:
    values = [value for sample in samples if (value := get(sample, at)) is not MISSING and value is not None]
    name = letters(at.rpartition("/")[2])
    if is_of_many(at, samples):
        return 0
    if values and all(type(value) is int for value in values):
        return 80 * (name in NUMBERED and 1 < len({*values}) <= MOST_STATES)
    words = dict.fromkeys(values) if all(isinstance(value, str) for value in values) else {}
    if not words or len(words) > MOST_STATES:
        return 0
    if any(not 0 < len(word) <= LONGEST_WORD or word in resource.jobs for word in words):
        return 0
    is_known, is_varied = all(map(meaning_of, words)), len(words) > 1
    if name in STATE_FIELDS:
        return 200 - STATE_FIELDS.index(name) + 20 * is_known + VARIED * is_varied
    if name.endswith(("status", "state")):
        return 150 + 20 * is_known + VARIED * is_varied
    return 100 if is_known and len(words) > 1 else 0


def _otherwise(op: ObservedOperation, samples: list[JsonValue]) -> StatePlace | None:
    for at in dict.fromkeys(at for sample in samples for at, _ in leaves(sample)):
        several = [*values(samples, at)]
        if letters(at.rpartition("/")[2]) in FLAGS and several and all(isinstance(each, bool) for each in several):
            return StatePlace("flag", at)
    statuses = {call.status for call in op.good}
    if 202 in statuses and len(statuses) > 1:
        return StatePlace("status")
    first, last = samples[0], samples[-1]
    for at in first if isinstance(first, dict) and isinstance(last, dict) else ():
        if first[at] is None and last.get(at) is not None:
            return StatePlace("value", join("", at))
    return None


def _agree(resource: ObservedResource) -> None:
    """Words that no operation that shows a job says are another way to write what these say, but for a state that none
    of them was asked in time for.
    """
    shown = {
        state for op in resource.operations if op.verb == "show" for call in op.good if (state := word_of(call, op))
    }
    for op in resource.operations:
        if op.verb == "show" or op.state is None or not shown:
            continue
        if any(operation.verb == "show" and _says_too(operation, op.state.at) for operation in resource.operations):
            op.state = None  # what all answers begin with: `{"status": "success", "data": …}`
            continue
        said = _said(op)
        if all(map(str.isdecimal, said | shown)):
            continue
        meanings = {meaning_of(word) for word in said}
        if not said & shown and (meanings == {""} or meanings & {meaning_of(word) for word in shown}):
            op.state = None


def _says_too(show: ObservedOperation, at: str) -> bool:
    """Whether what shows a job always has something at a place, and tells the state at another."""
    samples = [call.answer for call in show.good if call.answer is not MISSING]
    is_elsewhere = show.state is not None and show.state.kind == "field" and show.state.at != at
    return (
        is_elsewhere
        and bool(samples)
        and len({str(get(sample, at)) for sample in samples} - {"None"}) == 1
        and (all(isinstance(get(sample, at), str) for sample in samples))
    )


def word_of(call: ObservedCall, op: ObservedOperation) -> str:
    """What a success says of the state; empty where it says nothing."""
    place = op.state
    if place is None or not (200 <= call.status < 300):
        return ""
    if place.kind == "event":
        return op.words.get(call.event, "")
    if place.kind == "status":
        return PENDING if call.status == 202 else DONE
    value = get(call.answer, place.at) if call.answer is not MISSING else MISSING
    if place.kind == "field":
        if value is None or (value is MISSING and place.comes_late and call.answer is not MISSING):
            return place.before
        return str(value) if isinstance(value, str) or type(value) is int else ""
    is_there = value is True if place.kind == "flag" else value is not None and value is not MISSING
    return DONE if is_there else PENDING


def values(samples: Iterable[JsonValue], at: str) -> Iterator[Any]:
    """What stands at a place in each of some bodies, where something does."""
    for sample in samples:
        if sample is not MISSING and (value := get(sample, at)) is not MISSING:
            yield value
