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
from mockserver.observed.streams import find_words, is_log
from mockserver.pointers import MISSING, get, join

FLAGS = frozenset(("done", "isdone", "completed", "iscompleted", "finished", "isfinished", "ready", "isready"))
PENDING, DONE = "pending", "done"
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
            op.state = StatePlace("field", at)
        elif op.verb == "show":
            op.state = _otherwise(op, samples)
    _agree(resource)
    for op in resource.operations:
        if op.media and op.state is None:
            shown = {word for other in resource.operations if other.verb == "show" for word in _said(other)}
            find_words(op, sorted(shown))


def _said(op: ObservedOperation) -> set[str]:
    return {word for call in op.good if (word := word_of(call, op))}


def _field(samples: list[JsonValue], resource: ObservedResource) -> str | None:
    places = dict.fromkeys(at for sample in samples for at, _ in leaves(sample))
    scored = {at: score for at in places if (score := _score(at, samples, resource))}
    return max(scores, key=lambda at: (scores[at], -at.count("/"))) if (scores := scored) else None


def _score(at: str, samples: list[JsonValue], resource: ObservedResource) -> int:
    values = [value for sample in samples if (value := get(sample, at)) is not MISSING and value is not None]
    words = dict.fromkeys(values) if all(isinstance(value, str) for value in values) else {}
    if not words or len(words) > MOST_STATES or any(part.isdigit() for part in at.split("/")):
        return 0
    if any(not 0 < len(word) <= LONGEST_WORD or word in resource.jobs for word in words):
        return 0
    name = letters(at.rpartition("/")[2])
    is_known = all(map(meaning_of, words))
    if name in STATE_FIELDS:
        return 200 - STATE_FIELDS.index(name) + 20 * is_known
    if name.endswith(("status", "state")):
        return 150 + 20 * is_known
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
        said = _said(op)
        meanings = {meaning_of(word) for word in said}
        if not said & shown and (meanings == {""} or meanings & {meaning_of(word) for word in shown}):
            op.state = None


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
        return value if isinstance(value, str) else ""
    is_there = value is True if place.kind == "flag" else value is not None and value is not MISSING
    return DONE if is_there else PENDING


def values(samples: Iterable[JsonValue], at: str) -> Iterator[Any]:
    """What stands at a place in each of some bodies, where something does."""
    for sample in samples:
        if sample is not MISSING and (value := get(sample, at)) is not MISSING:
            yield value
