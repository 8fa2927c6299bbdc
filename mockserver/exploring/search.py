"""Which schedules a client is tried under, and the smallest one of each kind of failure. Knows no client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mockserver.exploring.rules import Broken
from mockserver.generator import Pick
from mockserver.schedules import Alphabet, Event, Schedule, is_revealing, smallest

MOST_FAILURES = 40
OF_ONE_FAULT = 6  # so many events of a fault that finds most bugs are tried before the second ones of the others

Try = Callable[[Schedule], tuple[Broken | None, str]]
"""Runs the client under a schedule: what it broke, and what there is to see of the run."""


class MinimalFailure(NamedTuple):
    """A failure, the smallest schedule that brings it about, and what there is to see of that run."""

    broken: Broken
    schedule: Schedule
    evidence: str


class Search:
    """Tries at most `most` schedules, those by which failures are made small not counted: nothing, then every event
    alone, then several by chance. `pick(n)` is a number below n.
    """

    def __init__(self, alphabet: Alphabet, run: Try, most: int, pick: Pick) -> None:
        self._alphabet = alphabet
        self._run = run
        self._most = most
        self._pick = pick
        self.found: dict[tuple[str, str], MinimalFailure] = {}
        self.examples = 0

    def run(self) -> None:
        """Try them all, or until there are too many failures."""
        breaks_anyway = self._meet([])
        singles = in_order(self._alphabet.singles, self._pick)
        harmless = [event for event in singles if not self._meet([event])]
        # With an event that does harm alone, a run of several would end as before.
        among = singles if breaks_anyway else harmless
        while singles and not self._is_over():
            self._meet(self._alphabet.make(self._pick, among))

    def replay(self, schedule: Schedule) -> None:
        """Try one schedule, as it is."""
        broken, evidence = self._run(schedule)
        if broken is not None:
            self.found[broken.kind] = MinimalFailure(broken, schedule, evidence)

    def _is_over(self) -> bool:
        return self.examples >= self._most or len(self.found) >= MOST_FAILURES

    def _meet(self, schedule: Schedule) -> bool:
        """Whether the client broke a rule under a schedule, which counts as an example; False once all are used up."""
        if self._is_over():
            return False
        self.examples += 1
        broken, evidence = self._run(schedule)
        if broken is not None and broken.kind not in self.found:
            self._shrink(MinimalFailure(broken, schedule, evidence))
        return broken is not None

    def _shrink(self, first: MinimalFailure) -> None:
        kind = first.broken.kind
        self.found[kind] = first

        def fails(simpler: Schedule) -> bool:
            again, evidence = self._run(simpler)
            if again is None or again.kind != kind:
                return False
            self.found[kind] = MinimalFailure(again, simpler, evidence)
            return True

        smallest(first.schedule, fails)


def in_order(events: Sequence[Event], pick: Pick) -> list[Event]:
    """Events as they are tried: by chance, in rounds in which every fault has its turn, the revealing ones first."""
    left = [*events]
    shuffled = [left.pop(pick(len(left))) for _ in events]
    turns: Counter[str] = Counter()
    rounds = []
    for event in shuffled:
        name = str(event.get("fault", ""))
        rounds.append(turns[name] // (OF_ONE_FAULT if is_revealing(event) else 1))
        turns[name] += 1
    order = sorted(range(len(shuffled)), key=lambda n: (rounds[n], not is_revealing(shuffled[n])))
    return [shuffled[n] for n in order]
