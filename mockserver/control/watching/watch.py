"""A source of events: what happens is gathered for a short while, and told to all readers at once. Knows no sandbox."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Any

from mockserver.clock import monotonic
from mockserver.control.watching.event_log import EventLog
from mockserver.errors import Overtaken, StateError
from mockserver.state.watch_port import Told, WatchState

GATHER = 0.05
"""Real seconds for which what happens is gathered; for very many readers longer, by `EACH` of them."""
EACH = 0.002
PULSE = 1.0  # real seconds after which is looked for what nobody tells of
BEAT = 15.0  # real seconds of silence after which readers are given a sign of life
LINGER = 30.0
"""Real seconds for which events are kept that nobody reads: a reader may come back."""


class StateWatch(ABC):
    """What is watched, as long as somebody reads it and a while longer. `last` is the event with which it ended."""

    def __init__(self, state: WatchState) -> None:
        self.log = EventLog(state.new_watcher())
        self.readers, self.last = 0, ""
        self._state = state
        state.tell_on(self.log.name, self.read_on)
        self._happened = asyncio.Event()
        self._told_at = self._read_at = monotonic()
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def is_alive(self) -> bool:
        """Whether it still tells; its loop may have ended."""
        return not self._task.done() and not self._task.get_loop().is_closed()

    @abstractmethod
    async def start(self) -> dict[str, Any]:
        """What is true when a reader begins."""

    @abstractmethod
    async def tell(self) -> None:
        """Add events of what happened since the last time."""

    def touched(self) -> None:
        """Something may have happened."""
        self._happened.set()

    def end(self) -> None:
        """Tell no more."""
        self.log.end()
        self._state.tell_on(self.log.name, None)
        with suppress(RuntimeError):  # the loop is closed
            self._task.cancel()

    async def read_on(self, after: int, waits: bool) -> Told | None:
        """What readers were told behind a number; for one who came back to another process, which asks again soon."""
        self.readers += 1
        try:
            if waits and after == self.log.newest:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.log.change(), PULSE)
            events = None if after > self.log.newest else self.log.after(after)
            return (
                None if events is None or (self.log.is_over and not events[0]) else Told(events[0].decode(), events[1])
            )
        finally:
            self.readers -= 1

    async def missed(self, log: str, after: int, waits: bool) -> Told | None:
        """What was told behind a number in the log of another process; None where nobody knows."""
        with suppress(StateError, Overtaken):
            return await self._state.told_elsewhere(log, after, waits)
        return None

    async def _run(self) -> None:
        try:
            while self._is_read():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._happened.wait(), PULSE)
                    await asyncio.sleep(max(GATHER, EACH * self.readers))
                self._happened.clear()
                before = self.log.newest
                with suppress(StateError):  # the state is away: look again
                    await self.tell()
                self._show_life(before)
        finally:  # readers come back to another one
            self.end()

    def _is_read(self) -> bool:
        if self.readers:
            self._read_at = monotonic()
            self.is_used()
        return bool(self.readers) or monotonic() < self._read_at + LINGER

    def is_used(self) -> None:
        """Somebody reads."""
        return  # and nothing follows of it, unless a source says so

    def _show_life(self, before: int) -> None:
        if self.log.newest != before:
            self._told_at = monotonic()
        elif monotonic() >= self._told_at + BEAT:
            self._told_at = monotonic()
            self.log.beat()
