"""How many requests one run may make: virtual time costs nothing, so a loop without an end would go on for ever."""

from __future__ import annotations

from mockserver.virtual_time import ClockRanAway, SandboxTime
from mockserver.virtual_time.frames import place

WITHOUT_PAUSE = 200
"""So many requests at one moment of virtual time are a loop that never sleeps: what it waits for cannot come."""


class RequestCount:
    """Asked before each request of a run; stops the client when there are too many of them."""

    def __init__(self, time: SandboxTime, most: int) -> None:
        self._time = time
        self._most = most
        self._moment = 0.0
        self._at_once = 0
        self._all = 0

    def __call__(self, client: str, method: str, url: str, timeout: float | None) -> None:
        """Count a request. Raises ClockRanAway, as a sleep without an end does."""
        now = self._time.now()
        self._at_once = self._at_once + 1 if now == self._moment else 1
        self._moment = now
        self._all += 1
        if self._at_once > WITHOUT_PAUSE:
            raise ClockRanAway(f"{place()}: asked {WITHOUT_PAUSE} times without a pause, and asks again")
        if self._all > self._most:
            raise ClockRanAway(f"{place()}: made {self._most} requests, and makes another one")
