"""What was measured of a server, as values, and what measures it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mockserver.tally import Tally


class Lateness(Protocol):
    """How late the event loop was, in seconds: all times together, the longest of late, and how often at most so."""

    seconds: float

    def longest(self) -> float: ...
    def counts(self) -> Sequence[tuple[float, int]]: ...


class Load(Protocol):
    """How busy the server in front is, as far as it is ours."""

    @property
    def lateness(self) -> Lateness: ...
    @property
    def connections(self) -> int: ...
    @property
    def in_flight(self) -> int: ...
    @property
    def answered(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Backlog:
    """Webhooks that wait for their time, those under way, and how many seconds the most overdue one is late."""

    waiting: int = 0
    under_way: int = 0
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is measured; `load` is None behind another server than ours. Sizes in bytes, times in seconds."""

    tally: Tally
    backlog: Backlog
    open: int
    journals: int
    lag: float
    load: Load | None
