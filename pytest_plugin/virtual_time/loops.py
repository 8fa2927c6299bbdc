"""An event loop, asyncio's or trio's, as virtual time sees it: post to it from any thread, ask whether it is idle."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
ROUNDS = 3  # each turn of a loop polls its sockets once; the first may only accept or wake


class Event(Protocol):
    """What asyncio.Event and trio.Event have in common."""

    def set(self) -> object: ...
    async def wait(self) -> object: ...


class Loop:
    """A running event loop and the thread it runs in. Remembers the one question about idleness that is under way."""

    def __init__(self, key: object) -> None:
        self.key = key
        self.thread = threading.get_ident()
        self._asked: threading.Event | None = None
        self._idle = False

    def post(self, callback: Callable[..., object], *args: object) -> bool:
        """Run `callback` in the loop soon; False when the loop has ended."""
        raise NotImplementedError

    def turn(self, callback: Callable[..., object], *args: object) -> None:
        """Run `callback` in the loop's next turn; called inside the loop."""
        raise NotImplementedError

    def event(self) -> Event:
        """A new event of the loop's own library; made inside the loop."""
        raise NotImplementedError

    def is_alive(self) -> bool:
        """Whether the loop is running."""
        raise NotImplementedError

    def has_ready(self) -> bool:
        """Whether something is ready to run; asked inside the loop."""
        raise NotImplementedError

    def is_idle(self, patience: float) -> bool:
        """Whether nothing was ready for some turns of the loop. A loop that does not turn within `patience` real
        seconds is busy with a callback, hence not idle."""
        fresh = self._asked is None
        if self._asked is None:
            self._asked = threading.Event()
            if not self.post(self._look, ROUNDS):
                self._asked = None
                return True
        if not self._asked.wait(patience):
            return False
        self._asked = None
        return fresh and self._idle  # an answer to an earlier question may be old

    def _look(self, rounds: int) -> None:
        asked = self._asked
        if asked is None:
            return
        # In the first turn the loop may still be busy with having been woken.
        self._idle = rounds == ROUNDS or not self.has_ready()
        if self._idle and rounds:
            self.turn(self._look, rounds - 1)
        else:
            asked.set()


class AsyncioLoop(Loop):
    """asyncio, with any event loop."""

    key: asyncio.AbstractEventLoop

    def post(self, callback: Callable[..., object], *args: object) -> bool:
        with suppress(RuntimeError):
            self.key.call_soon_threadsafe(callback, *args)
            return True
        return False

    def turn(self, callback: Callable[..., object], *args: object) -> None:
        self.key.call_soon(callback, *args)

    def event(self) -> Event:
        return asyncio.Event()

    def is_alive(self) -> bool:
        return self.key.is_running()

    def has_ready(self) -> bool:
        ready = getattr(self.key, "_ready", None)
        if ready is not None:
            return bool(ready)
        # uvloop hides its queue: a task that is to run has no future to wait for, or one that is done.
        return any(map(_is_ready, asyncio.all_tasks(self.key)))


def _is_ready(task: Any) -> bool:
    waits_for = getattr(task, "_fut_waiter", None)
    return waits_for is None or waits_for.done()


class TrioLoop(Loop):
    """trio; its key is the token of the run."""

    key: Any
    _ended = False

    def post(self, callback: Callable[..., object], *args: object) -> bool:
        try:
            self.key.run_sync_soon(callback, *args)
        except RuntimeError:  # trio.RunFinishedError
            self._ended = True
        return not self._ended

    def turn(self, callback: Callable[..., object], *args: object) -> None:
        self.key.run_sync_soon(callback, *args)

    def event(self) -> Event:
        event: Event = sys.modules["trio"].Event()
        return event

    def is_alive(self) -> bool:
        return not self._ended and self.post(_nothing)

    def has_ready(self) -> bool:
        return bool(sys.modules["trio"].lowlevel.current_statistics().tasks_runnable)


def _nothing() -> None: ...


def in_trio() -> bool:
    """Whether this thread runs trio now."""
    trio = sys.modules.get("trio")
    return bool(trio and trio.lowlevel.in_trio_run())


def current_loop() -> Loop | None:
    """The event loop that runs in this thread, if any."""
    if in_trio():
        return TrioLoop(sys.modules["trio"].lowlevel.current_trio_token())
    with suppress(RuntimeError):
        return AsyncioLoop(asyncio.get_running_loop())
    return None


async def in_thread(function: Callable[..., T], *args: Any) -> T:
    """Run a blocking function in a thread of the running loop's library, while the loop goes on turning."""
    if in_trio():
        result: T = await sys.modules["trio"].to_thread.run_sync(function, *args)
        return result
    return await asyncio.get_running_loop().run_in_executor(None, function, *args)
