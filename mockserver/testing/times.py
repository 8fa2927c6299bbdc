"""A sandbox's time for code that lives in it: cheap to read where the server is in this process."""

from __future__ import annotations

import asyncio
from typing import Any

from mockserver.errors import DeliveryDue, is_on_purpose
from mockserver.event_loops import is_running, refuse_in_loop
from mockserver.launch import Running
from mockserver.steering import SandboxHandle

__tracebackhide__ = is_on_purpose


class ThreadTime:
    """The time of a sandbox whose server runs in a thread of this process."""

    def __init__(self, handle: SandboxHandle, running: Running) -> None:
        self._sandbox: Any = running.app.sandboxes.get(handle.name)
        self._loop = running.thread.loop

    def now(self) -> float:
        """Seconds since 1970."""
        return float(self._sandbox.clock.now())

    def advance(self, seconds: float) -> None:
        """Move the clock; returns when the webhooks due were delivered. Raises ClockError for one in a running loop."""
        moved = self._sandbox.advance(seconds, quietly=is_running())
        try:
            asyncio.run_coroutine_threadsafe(moved, self._loop).result()
        except DeliveryDue:
            refuse_in_loop("`await clock.aadvance(seconds)`")

    def in_flight(self) -> int:
        """Requests being answered at this moment."""
        return int(self._sandbox.in_flight)

    def held(self) -> tuple[int, float | None] | None:
        """Requests that wait for the clock, and their next moment; None where none ever does."""
        moments = self._sandbox.moments
        return (moments.held, moments.next_due()) if self._sandbox.holds else None


class RemoteTime:
    """The time of a sandbox of a server elsewhere, asked over its control API."""

    def __init__(self, handle: SandboxHandle) -> None:
        self._handle = handle

    def now(self) -> float:
        """Seconds since 1970."""
        return self._handle.clock.now()

    def advance(self, seconds: float) -> None:
        """Move the clock; returns when the webhooks due were delivered."""
        self._handle.clock.advance(seconds)

    def in_flight(self) -> int:
        """Requests being answered at this moment; 0 from a server that does not tell."""
        return int(self._handle.ask().get("in_flight", 0))

    def held(self) -> tuple[int, float | None] | None:
        """Requests that wait for the clock, and their next moment; None where none ever does, or that is not told."""
        told = self._handle.ask().get("held")
        return None if told is None else (int(told["requests"]), told["due"])
