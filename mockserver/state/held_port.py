"""The part of the state's port by which whoever moves the clock finds the requests that wait for it, anywhere."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from mockserver.clock import ClockReading


class HeldRequests(NamedTuple):
    """How many a process holds, and the next of their moments; None: none that comes. `is_looking`: some were woken."""

    requests: int = 0
    due: float | None = None
    is_looking: bool = False


class HeldState(Protocol):
    """Requests that are held until a moment of the clock, by any process."""

    async def next_held(self, after: float = 0.0) -> float | None:
        """The next moment behind this one until which a request is held; None where there is none.

        Those that were woken are waited for, for a real while: each is held again, or over.
        """

    async def stop_at(self, generation: int, moment: float) -> ClockReading:
        """Move the clock forward to a moment as `move_clock` does, and let those go on that are held until then.

        Ends once each of them is held until a later moment, or over, or after a real while. Raises Overtaken.
        """
