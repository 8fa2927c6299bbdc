"""One coarse timer for all connections of a loop: setting a deadline is one addition, no timer handle.

Knows only that a connection has a `due` turn (0: none) and can `expire`.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection
from typing import Protocol

from mockserver.clock import monotonic
from mockserver.wire.load import Lateness


class Expiring(Protocol):
    due: int

    def expire(self) -> None: ...


class Wheel:
    """Turns every `step` seconds while there are connections; those whose turn has come expire.

    `lateness` is told how late it turned.
    """

    __slots__ = ("_connections", "_due", "_lateness", "_loop", "_step", "_turning", "turn")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        connections: Callable[[], Collection[Expiring]],
        shortest: float,
        lateness: Lateness | None = None,
    ) -> None:
        self._loop = loop
        self._connections = connections
        self._step = min(max(shortest / 4, 0.005), 0.25)
        self._turning = False
        self._lateness = lateness or Lateness()
        self._due = 0.0
        self.turn = 1

    def turns(self, seconds: float) -> int:
        """How many turns cover that many seconds, at least."""
        return math.ceil(seconds / self._step) + 1

    def start(self) -> None:
        if not self._turning:
            self._turning = True
            self._due = monotonic() + self._step
            self._loop.call_later(self._step, self._advance)

    def _advance(self) -> None:
        self._lateness.note(monotonic() - self._due)
        self.turn = turn = self.turn + 1
        connections = list(self._connections())
        for connection in connections:
            if 0 < connection.due <= turn:
                connection.expire()
        self._turning = False
        if connections:
            self.start()
