"""Requests that are held here until the clock is moved, wherever that is done: who moves it tells all who hold some.

What else is under way ends where the sandbox is reset or closed: who does that tells everybody.
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from typing import Any

from mockserver.clock import ClockReading
from mockserver.errors import Overtaken
from mockserver.stores.redis.calls import Calls
from mockserver.stores.redis.role import SharedDeliverer


class Holding(Calls):
    """A part of `RedisState`."""

    deliverer: SharedDeliverer
    _seen_moves = -1

    @abstractmethod
    async def read_clock(self, tick: bool = False) -> ClockReading:
        """How it goes, and what it says."""

    def hold(self) -> None:
        """A request is held from now on."""
        self.tell("hold", self.worker.name, heard=self._held)

    def _held(self, moves: Any) -> None:
        """Somebody may have moved the clock before it was known that one is held here."""
        if isinstance(moves, int) and moves != self._seen_moves:
            self._seen_moves = moves
            self.look_again()

    def look_again(self) -> None:
        """Let requests that are held here see what time it is by now, and how their jobs are."""
        self.worker.spawn(self._look)

    async def _look(self) -> None:
        with suppress(Overtaken):  # by its end, which ends what is held as well
            self.deliverer.see_clock(await self.read_clock())

    def see_anew(self) -> None:
        """The sandbox was reset or closed elsewhere: what is under way here ends."""
        self.worker.spawn(self.deliverer.refresh)

    def tell_holders(self) -> None:
        """The clock was moved or switched here, or a job was changed."""
        self.tell("moved", self.worker.name)
