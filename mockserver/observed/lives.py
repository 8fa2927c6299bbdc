"""What became of the jobs: which states they passed, in which order, how long each took, and how they ended.

A change lies between the last answer that showed the state before and the first that showed the one behind it; half-way
it is met by a client that asks as often. Knows no document.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, pairwise
from typing import Any

from mockserver.imported.lexicon import ACTIONS, FACT_OF, letters, meaning_of, parts
from mockserver.imported.naming import name_of
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import answer_leaves, leaves
from mockserver.observed.model import ObservedJob, ObservedOperation, ObservedResource, ObservedState, Sighting
from mockserver.observed.rows import rows_of
from mockserver.observed.states import DONE, PENDING, find_states, values, word_of
from mockserver.observed.streams import further
from mockserver.pointers import MISSING, get

PHASES = ("queued", "running")
ENDS = ("success", "failure", "cancelled")


def find_lives(resource: ObservedResource, calls: list[ObservedCall]) -> None:
    """Fill in the states of a resource, and what was seen of its jobs."""
    find_states(resource)
    _sight(resource)
    order = _order(resource)
    led = {(a.state, b.state) for job in resource.jobs.values() for a, b in _changes(job) if not _moved(job, a, b)}
    for index, word in enumerate(order):
        _add_state(resource, word, _meaning(word, index, order, led))
    for word in dict.fromkeys(word for op in resource.operations for word, _ in _listed(op)):
        if by_word(resource, word) is None and meaning_of(word) in ENDS:
            _add_state(resource, word, meaning_of(word))  # of a job that was there before
    _by_progress(resource)
    _time(resource, order)
    _aim(resource)


def _by_progress(resource: ObservedResource) -> None:
    """What shows progress runs, whatever its name says."""
    for job in resource.jobs.values():
        for seen in job.sightings:
            state = by_word(resource, seen.state)
            if state is not None and state.meaning == "queued" and any(map(_is_progress, answer_leaves(seen.call))):
                state.meaning = "running"


def _is_progress(leaf: tuple[str, Any]) -> bool:
    at, value = leaf
    return FACT_OF.get(letters(at.rpartition("/")[2])) == "progress" and type(value) in (int, float) and value > 0


def moment(call: ObservedCall) -> float:
    """When the other side saw a call, about."""
    return (call.at + call.ended) / 2


def _sight(resource: ObservedResource) -> None:
    calls = [(call, op) for op in resource.operations for call in op.calls]
    for call, op in sorted(calls, key=lambda each: each[0].number):
        if op.item_at:
            _sight_items(resource, op, call)
        for job in resource.about(call, op):
            word = word_of(call, op) if call is job.created or call.is_good else ""
            if word:
                job.sightings.append(Sighting(moment(call), word, call, op))
            if op.verb in ("move", "upload") and call.is_good:
                job.moves.append((call, op))


def _listed(op: ObservedOperation) -> Iterator[tuple[str, JsonValue]]:
    """The items of a list that tells states, with the word of each."""
    for row in rows_of(op) if op.item_at else ():
        word = get(row, op.item_at)
        if word is not MISSING and word is not None:
            yield str(word), row


def _sight_items(resource: ObservedResource, op: ObservedOperation, call: ObservedCall) -> None:
    """Jobs in a list, but for what it tells of them late: lists are often behind."""
    for word, row in _listed(replace(op, calls=[call])) if call.is_good else ():
        named = (resource.jobs.get(str(value)) for _, value in leaves(row))
        job = next((each for each in named if each is not None and each.created.number < call.number), None)
        before = [seen.state for seen in job.sightings] if job is not None else []
        if job is not None and (word not in before or before[-1] == word):
            job.sightings.append(Sighting(moment(call), word, replace(call, answer=row, known={}), op))


def _changes(job: ObservedJob) -> Iterator[tuple[Sighting, Sighting]]:
    for before, after in pairwise(job.sightings):
        if before.state != after.state:
            yield before, after


def _moved(job: ObservedJob, before: Sighting, after: Sighting) -> ObservedOperation | None:
    """What moved a job from one sighting to the next; None where time did."""
    return job.moved(before.call.number, after.call.number)


def _order(resource: ObservedResource) -> list[str]:
    """The states, those before others first: by what followed what, then by when they were first seen."""
    follows: Counter[tuple[str, str]] = Counter()
    seen: dict[str, None] = {}
    for job in resource.jobs.values():
        words = [*dict.fromkeys(sighting.state for sighting in job.sightings)]
        seen.update(dict.fromkeys(words))
        follows.update((a, b) for n, a in enumerate(words) for b in words[n + 1 :])
    ranks = {"queued": 0, "running": 1, "": 1, "success": 2, "failure": 3, "cancelling": 3, "cancelled": 4, "gone": 5}
    behind = {a: sum(follows[b, a] > follows[a, b] for b in seen) for a in seen}
    return sorted(seen, key=lambda a: behind[a] if not _is_end(a, follows) else len(seen) + ranks[meaning_of(a)])


def _is_end(word: str, follows: Counter[tuple[str, str]]) -> bool:
    return meaning_of(word) in (*ENDS, "gone") and not any(a == word for a, _ in follows)


def _meaning(word: str, index: int, order: list[str], led: set[tuple[str, str]]) -> str:
    """A phase where time leads on from it, an end where nothing does, else `still`."""
    known = {PENDING: "running", DONE: "success"}.get(word) if {PENDING, DONE} >= {*order} else None
    meaning = known or meaning_of(word)
    leads_on = any(a == word for a, _ in led)
    if meaning in ("gone", "cancelling"):
        return meaning
    if leads_on:
        if meaning in PHASES:
            return meaning
        return "queued" if index == 0 and len(order) > 2 else "running"
    is_reached = any(b == word for _, b in led)
    if meaning in PHASES or not meaning:
        return "success" if is_reached and not meaning else "still"
    return meaning if is_reached or meaning in ("failure", "cancelled") else "still"


def _add_state(resource: ObservedResource, word: str, meaning: str) -> None:
    name = name_of(word)
    while name in resource.states:
        name += "_"
    resource.states[name] = ObservedState(name, word, meaning, written=written(resource, word))


def written(resource: ObservedResource, word: str) -> JsonValue:
    """What stands in JSON for a word of a state that is no text there; MISSING for others."""
    for op in resource.operations:
        place = op.state
        if place is None or place.kind != "field":
            continue
        if word == place.before:
            return None
        if any(type(value) is int and str(value) == word for value in values((c.answer for c in op.good), place.at)):
            return int(word)
    return MISSING


def by_word(resource: ObservedResource, word: str) -> ObservedState | None:
    """The state that answers write so."""
    return next((state for state in resource.states.values() if state.word == word), None)


def shown_elsewhere(resource: ObservedResource, state: ObservedState, like: JsonValue, at: str) -> JsonValue:
    """What anything answered about a job in this state, with the fields that an answer about another state has; MISSING
    where nothing did.
    """
    sighted = (s.call.answer for job in resource.jobs.values() for s in job.sightings if s.state == state.word)
    listed = (row for op in resource.operations for word, row in _listed(op) if word == state.word)
    answers = (each for each in chain(sighted, listed) if isinstance(each, dict) and isinstance(like, dict))
    return next((a for a in answers if a.keys() == like.keys() and get(a, at) == state.said), MISSING)


def told_by(resource: ObservedResource, op: ObservedOperation) -> dict[str, ObservedCall]:
    """By state, `progress` and `log`: the first event of a stream that tells of it."""
    found: dict[str, ObservedCall] = {}
    for call in op.good:
        state = by_word(resource, word_of(call, op))
        if state is not None:
            found.setdefault(state.name, call)
    return {**found, **dict(further(op))}


def state_before(resource: ObservedResource, job: ObservedJob, call: ObservedCall) -> ObservedState | None:
    """The state in which a job was when a call came, as far as anybody knew: what was seen, or what moved it then."""
    if not job.timeline:
        job.timeline = [(sighting.call.number, sighting.state, None) for sighting in job.sightings]
        job.timeline += [(done.number, "", by) for done, by in job.moves]
        job.timeline.sort(key=lambda row: row[0])
    index = bisect_left(job.timeline, call.number, key=lambda row: row[0])
    while index:
        index -= 1
        _, word, by = job.timeline[index]
        state = by_word(resource, word) if by is None else resource.states.get(by.to)
        if state is not None:
            return state
    return next(iter(resource.states.values()), None)


def _time(resource: ObservedResource, order: list[str]) -> None:
    for job in resource.jobs.values():
        entered = moment(job.created)
        passed = [*job.sightings]
        if passed and passed[0].call is not job.created:
            passed.insert(0, Sighting(entered, order[0], job.created, job.maker))
        for before, after in pairwise(passed):
            if before.state == after.state:
                continue
            if _moved(job, before, after) is not None:
                entered = after.at
                continue
            entered = _leave(resource, order, (before, after), entered)


def _leave(resource: ObservedResource, order: list[str], change: tuple[Sighting, Sighting], entered: float) -> float:
    """Spread the time between two sightings over the states passed unseen; gives when the last was entered."""
    before, after = change
    first, last = order.index(before.state), order.index(after.state)
    between = [word for word in order[first:last] if (s := by_word(resource, word)) and s.meaning in PHASES]
    if not between:
        return after.at
    step = (after.at - before.at) / (len(between) + 1)
    for n, word in enumerate(between):
        leaves_at = before.at + step * (n + 1)
        state = by_word(resource, word)
        assert state is not None
        state.seconds.append(max(leaves_at - entered, 0.0))
        entered = leaves_at
    return entered


def _aim(resource: ObservedResource) -> None:
    """Set to which state each move leads: what was seen behind it, or what its name says."""
    is_silent = not any(op.state for op in resource.operations if op.verb == "show")
    if is_silent and not resource.states:
        _add_state(resource, "created", "still")
    for op in sorted(resource.operations, key=lambda each: min((call.number for call in each.good), default=1 << 30)):
        if op.verb in ("move", "upload"):
            op.to = _target(resource, op)


def _from(job: ObservedJob, call: ObservedCall) -> list[Sighting]:
    """The first sighting of a job by this call or behind it, if there is one."""
    index = bisect_left(job.sightings, call.number, key=lambda seen: seen.call.number)
    return job.sightings[index : index + 1]


def _target(resource: ObservedResource, op: ObservedOperation) -> str:
    seen = Counter(
        after.state for job in resource.jobs.values() for call, by in job.moves if by is op
        for after in _from(job, call)
    )  # fmt: skip
    wanted = "uploaded" if op.verb == "upload" else _said(op)
    if op.method == "DELETE" and (not seen or _is_gone(resource, op)):
        wanted, seen = "gone" if _is_gone(resource, op) or wanted != "cancelled" else wanted, Counter()
    if seen:
        state = by_word(resource, seen.most_common(1)[0][0])
        if state is not None and (state.meaning not in PHASES or wanted not in ("cancelled", "gone")):
            return state.name
    found = next((s.name for s in resource.states.values() if s.meaning == wanted), None)
    if found is None:
        word = {"gone": "deleted", "success": "finalized"}.get(wanted, wanted)
        meaning = wanted if wanted in ("cancelled", "gone") else "still"
        found = next((s.name for s in resource.states.values() if s.word == word), None)
        if found is None:
            _add_state(resource, word, meaning)
            found = [*resource.states][-1]
            resource.states[found].is_seen = False
    return found


def _said(op: ObservedOperation) -> str:
    """What the words of its path say that it does."""
    words = [word for part in op.template.split("/") if not part.startswith("{") for word in parts(part)]
    for word in reversed(words):
        if letters(word) in ACTIONS:
            return ACTIONS[letters(word)]
    return "gone" if op.method == "DELETE" else "changed"


def _is_gone(resource: ObservedResource, op: ObservedOperation) -> bool:
    """Whether a job was not found any more behind it."""
    last: dict[str, int] = {}
    last_found: dict[str, int] = {}
    for call in (each for operation in resource.operations if operation.verb == "show" for each in operation.calls):
        for value in call.values:
            last[value] = max(last.get(value, -1), call.number)
            if call.status not in (404, 410):
                last_found[value] = max(last_found.get(value, -1), call.number)
    return any(
        by is op and last_found.get(job.id, -1) < call.number < last.get(job.id, -1)
        for job in resource.jobs.values() for call, by in job.moves
    )  # fmt: skip
