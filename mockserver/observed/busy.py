"""What was seen of operations and jobs that a refusal is held against, gathered once: what was taken, in which states
it was answered, and when jobs were under way. Knows no refusal.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator

from mockserver.observed.archive import ObservedCall
from mockserver.observed.lives import PHASES, by_word, state_before
from mockserver.observed.model import ObservedJob, ObservedOperation, ObservedResource, ObservedState
from mockserver.observed.states import word_of
from mockserver.observed.taken import RequestParts

BusySpan = tuple[int, int]


class BusyAnswers:
    """Answers for each operation and resource, made when first asked for."""

    def __init__(self) -> None:
        self._taken: dict[ObservedOperation, RequestParts] = {}
        self._answered: dict[tuple[ObservedOperation, str], tuple[set[str], set[str]]] = {}
        self._busy: dict[str, tuple[list[BusySpan], bool]] = {}
        self._keys: set[Hashable] = set()

    def is_new(self, key: Hashable) -> bool:
        """Whether this was never asked before."""
        is_new = key not in self._keys
        self._keys.add(key)
        return is_new

    def taken(self, op: ObservedOperation) -> RequestParts:
        """What was taken by an operation."""
        if op not in self._taken:
            self._taken[op] = RequestParts(each for each in op.good if each.is_good)
        return self._taken[op]

    def is_answered(self, op: ObservedOperation, resource: ObservedResource, state: ObservedState) -> bool:
        """Whether an operation had a success in this state, or with its word."""
        key = op, resource.name
        if key not in self._answered:
            of_jobs = [(job, each) for each in op.good for job in resource.named(each)]
            found = [state_before(resource, job, each) for job, each in of_jobs if op.verb in ("show", "content")]
            names = {each.name for each in found if each is not None}
            self._answered[key] = names, {word_of(each, op) for each in op.good}
        names, words = self._answered[key]
        return state.name in names or state.word in words

    def is_busy(self, resource: ObservedResource, call: ObservedCall) -> bool:
        """Whether a job was under way then, and none was ever taken while one was."""
        if resource.name not in self._busy:
            spans = _merged(span for job in resource.jobs.values() for span in _under_way(resource, job))
            makers = [each for maker in resource.makers for each in maker.good]
            self._busy[resource.name] = spans, any(_is_within(spans, each) for each in makers)
        spans, is_shared = self._busy[resource.name]
        return not is_shared and _is_within(spans, call)


def _under_way(resource: ObservedResource, job: ObservedJob) -> Iterator[BusySpan]:
    """Between which calls a job was under way: up to the next sighting it waited or ran, and nothing moved it."""
    start = job.created.number + 1
    first: dict[str, int] = {}
    until = job.moves[0][0].number if job.moves else None
    for seen in job.sightings:
        first.setdefault(seen.state, seen.call.number)
        state, end = by_word(resource, seen.state), seen.call.number - 1
        if state is not None and state.meaning not in PHASES:
            end = min(end, first[seen.state])  # nothing was seen of it but that it ran
        end = end if until is None else min(end, until)
        if state is not None and start <= end:
            yield start, end
        start = max(start, seen.call.number)


def _merged(spans: Iterator[BusySpan]) -> list[BusySpan]:
    made: list[BusySpan] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1] + 1:
            made[-1] = made[-1][0], max(end, made[-1][1])
        else:
            made.append((start, end))
    return made


def _is_within(spans: list[BusySpan], call: ObservedCall) -> bool:
    index = bisect_right(spans, call.number, key=lambda span: span[0])
    return index > 0 and spans[index - 1][1] >= call.number
