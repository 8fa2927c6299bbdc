"""The smallest schedule that still fails: fewer events first, then plainer ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.schedules.model import Event, Schedule

_KEPT = frozenset({"api", "fault", "plan", "operation"})
_WHICH = frozenset({"times", "nth", "first", "every"})  # which requests a fault meets: the first is the plainest


def smallest(schedule: Schedule, fails: Callable[[Schedule], bool], most: int = 60) -> Schedule:
    """Try simpler schedules while one of them still `fails`; at most so many are tried."""
    left = most
    found = list(schedule)
    is_simpler = True
    while is_simpler and left > 0:
        is_simpler = False
        for simpler in _simpler(found):
            left -= 1
            if fails(simpler):
                found, is_simpler = list(simpler), True
                break
            if left <= 0:
                break
    return found


def _simpler(schedule: Schedule) -> Iterator[Schedule]:
    for index in range(len(schedule)):
        yield [*schedule[:index], *schedule[index + 1 :]]
    for index, event in enumerate(schedule):
        for plainer in _plainer(event):
            yield [*schedule[:index], plainer, *schedule[index + 1 :]]


def _plainer(event: Event) -> Iterator[Event]:
    if event.keys() & _WHICH and event.get("times") != 1:
        yield {**{key: value for key, value in event.items() if key not in _WHICH}, "times": 1}
    for name in sorted(event.keys() - _KEPT - _WHICH):
        yield {key: value for key, value in event.items() if key != name}
    plan = event.get("plan", {})
    for name in sorted(plan.keys() - {"outcome"}) if len(plan) > 1 else ():
        yield {**event, "plan": {key: value for key, value in plan.items() if key != name}}
