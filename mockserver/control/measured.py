"""What was measured of a server, as values that go from process to process, and what measures it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Self

from mockserver.tally import Tally


class LatenessSource(Protocol):
    """How late the event loop was, in seconds: all times together, the longest of late, and how often at most so."""

    seconds: float

    def longest(self) -> float: ...
    def counts(self) -> Sequence[tuple[float, int]]: ...


class LoadSource(Protocol):
    """How busy the server in front is, as far as it is ours."""

    @property
    def lateness(self) -> LatenessSource: ...
    @property
    def connections(self) -> int: ...
    @property
    def in_flight(self) -> int: ...
    @property
    def answered(self) -> int: ...


class Busy(NamedTuple):
    """The same as it stands: `late` is how often the loop came at most so many seconds late, for each of `bounds`."""

    connections: int
    in_flight: int
    answered: int
    bounds: Sequence[float]
    late: Sequence[int]
    late_seconds: float

    @classmethod
    def of(cls, load: LoadSource) -> Self:
        """What it says now."""
        bounds, counts = zip(*load.lateness.counts(), strict=True)
        seconds = load.lateness.seconds
        return cls(load.connections, load.in_flight, load.answered, bounds[:-1], counts, seconds)


class Measured(NamedTuple):
    """All that is measured of one process; sizes in bytes, times in seconds.

    `answers` and `webhooks` are those of a `Tally`, each with its count. `late` is by how much the most overdue webhook
    is. `busy` is None behind another server than ours; `latency` is that of the store, None without one, or while it is
    away.
    """

    answers: Sequence[tuple[Sequence[Any], int]]
    webhooks: Sequence[tuple[Sequence[Any], int]]
    made: int
    closed: int
    open: int
    journals: int
    waiting: int
    under_way: int
    late: float
    lag: float
    cpu: float
    busy: Busy | None = None
    latency: float | None = None

    @classmethod
    def read(cls, values: Sequence[Any]) -> Self:
        """That of another process, as JSON has it."""
        measured = cls._make(values)
        return measured if measured.busy is None else measured._replace(busy=Busy._make(measured.busy))


def counted(tally: Tally) -> dict[str, Any]:
    """The part of it that a tally knows."""
    answers, webhooks = (tuple(counter.items()) for counter in (tally.answers, tally.webhooks))
    return {"answers": answers, "webhooks": webhooks, "made": tally.made, "closed": tally.closed}


Everywhere = Callable[[Measured], Awaitable[Mapping[str, Measured]]]
"""Given what is measured of this process, gives it of all that answer at its address, each by its name."""


async def alone(own: Measured) -> Mapping[str, Measured]:
    """There is this process only, which needs no name."""
    return {"": own}
