"""One coarse timer for all connections of a loop: setting a deadline is one addition, no timer handle.

Knows only that a connection has a `due` turn (0: none) and can `expire`.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection
from typing import Protocol


class Expiring(Protocol):
    due: int

    def expire(self) -> None: ...


class Wheel:
    """Turns every `step` seconds while there are connections; those whose turn has come expire."""

    __slots__ = ("_connections", "_loop", "_step", "_turning", "turn")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, connections: Callable[[], Collection[Expiring]], shortest: float
    ) -> None:
        self._loop = loop
        self._connections = connections
        self._step = min(max(shortest / 4, 0.005), 0.25)
        self._turning = False
        self.turn = 1

    def turns(self, seconds: float) -> int:
        """How many turns cover that many seconds, at least."""
        return math.ceil(seconds / self._step) + 1

    def start(self) -> None:
        if not self._turning:
            self._turning = True
            self._loop.call_later(self._step, self._advance)

    def _advance(self) -> None:
        self.turn = turn = self.turn + 1
        connections = list(self._connections())
        for connection in connections:
            if 0 < connection.due <= turn:
                connection.expire()
        self._turning = False
        if connections:
            self.start()
