"""How busy a server is: requests in flight, and how late its event loop is. Measured by the timer that turns anyway."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection
from itertools import accumulate
from typing import Protocol

from mockserver.clock import monotonic

BOUNDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
"""Seconds."""
WINDOW = 5.0
"""The longest delay is that of so many last seconds, at most of twice as many."""


class Lateness:
    """By how many seconds the timer came late: each time counted, and the longest of late.

    Nothing is measured while nobody is connected: nobody waits then.
    """

    __slots__ = ("_before", "_counts", "_longest", "_since", "seconds")

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self._longest = self._before = 0.0
        self._since = monotonic()
        self.seconds = 0.0

    def note(self, late: float) -> None:
        """The timer came so many seconds late; less than none is none."""
        late = max(0.0, late)
        self._counts[bisect_left(BOUNDS, late)] += 1
        self.seconds += late
        self._age()
        self._longest = max(self._longest, late)

    def longest(self) -> float:
        """The longest delay of the last seconds; see `WINDOW`."""
        self._age()
        return max(self._longest, self._before)

    def _age(self) -> None:
        age = monotonic() - self._since
        if age > WINDOW:
            self._before = self._longest if age < 2 * WINDOW else 0.0
            self._longest = 0.0
            self._since = monotonic()

    def counts(self) -> list[tuple[float, int]]:
        """How often it came at most so late, for each of `BOUNDS` and for ever."""
        return [*zip((*BOUNDS, float("inf")), accumulate(self._counts), strict=True)]


class Counted(Protocol):
    """What uvicorn counts."""

    total_requests: int

    @property
    def connections(self) -> Collection[object]: ...


class BusySource(Protocol):
    """A connection."""

    @property
    def is_busy(self) -> bool: ...


class Load:
    """Of one server; to be asked in its loop."""

    def __init__(self, state: Counted, connections: Callable[[], Collection[BusySource]], lateness: Lateness) -> None:
        self._state = state
        self._connections = connections
        self.lateness = lateness

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections())

    @property
    def in_flight(self) -> int:
        """How many of them have a request that is not answered in full, whoever answers it."""
        return sum([connection.is_busy for connection in self._connections()])

    @property
    def answered(self) -> int:
        """How many requests were answered, or are about to be; those to the control API as well."""
        return self._state.total_requests
