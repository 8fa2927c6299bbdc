"""An event loop, asyncio's or trio's, as virtual time sees it: post to it from any thread, ask whether it is idle."""

from __future__ import annotations

import asyncio
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

__tracebackhide__ = True

T = TypeVar("T")
ROUNDS = 3  # each turn of a loop polls its sockets once; the first may only accept or wake


class LoopEvent(Protocol):
    """What asyncio.Event and trio.Event have in common."""

    def set(self) -> object: ...
    async def wait(self) -> object: ...


class Loop(ABC):
    """A running event loop and the thread it runs in. Remembers the one question about idleness that is under way."""

    def __init__(self, key: object) -> None:
        self.key = key
        self.thread = threading.get_ident()
        self._asked: threading.Event | None = None
        self._idle = False

    @abstractmethod
    def post(self, callback: Callable[..., object], *args: object) -> bool:
        """Run `callback` in the loop soon; False when the loop has ended."""
        ...

    @abstractmethod
    def turn(self, callback: Callable[..., object], *args: object) -> bool:
        """Run `callback` in the loop's next turn; called inside the loop. False when there is no next turn."""
        ...

    @abstractmethod
    def event(self) -> LoopEvent:
        """A new event of the loop's own library; made inside the loop."""
        ...

    @abstractmethod
    def is_alive(self) -> bool:
        """Whether the loop is running."""
        ...

    @abstractmethod
    def has_ready(self) -> bool:
        """Whether something is ready to run, or has run since the last time; asked inside the loop, turn by turn."""
        ...

    def is_idle(self, patience: float) -> bool:
        """Whether nothing was ready for some turns of the loop. A loop that does not turn within `patience` real
        seconds is busy with a callback, hence not idle."""
        fresh = self._asked is None
        if self._asked is None:
            self._asked = threading.Event()
            if not self.post(self._look, self._asked, ROUNDS):
                self._asked = None
                return True
        if not self._asked.wait(patience):
            return False
        self._asked = None
        return fresh and self._idle  # an answer to an earlier question may be old

    def _look(self, asked: threading.Event, rounds: int) -> None:
        is_busy = self.has_ready()
        # In the first turn the loop may still be busy with having been woken.
        self._idle = rounds == ROUNDS or not is_busy
        if not (self._idle and rounds and self.turn(self._look, asked, rounds - 1)):
            asked.set()


class AsyncioLoop(Loop):
    """asyncio, with any event loop."""

    key: asyncio.AbstractEventLoop

    def post(self, callback: Callable[..., object], *args: object) -> bool:
        with suppress(RuntimeError):
            self.key.call_soon_threadsafe(callback, *args)
            return True
        return False

    def turn(self, callback: Callable[..., object], *args: object) -> bool:
        self.key.call_soon(callback, *args)
        return True

    def event(self) -> LoopEvent:
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
    _steps: _Steps | None = None

    def post(self, callback: Callable[..., object], *args: object) -> bool:
        try:
            self.key.run_sync_soon(callback, *args)
        except RuntimeError:  # trio.RunFinishedError
            self._ended = True
        return not self._ended

    def turn(self, callback: Callable[..., object], *args: object) -> bool:
        # A run that ends still runs what was posted before: an error there would be trio's internal error.
        return self.post(callback, *args)

    def event(self) -> LoopEvent:
        event: LoopEvent = sys.modules["trio"].Event()
        return event

    def is_alive(self) -> bool:
        return not self._ended and self.post(_nothing)

    def has_ready(self) -> bool:
        # trio takes a whole turn's tasks out of its queue, in any order: only the steps taken tell who was ready.
        if self._steps is None:
            self._steps = _Steps()
            sys.modules["trio"].lowlevel.add_instrument(self._steps)
            return True
        taken, self._steps.taken = self._steps.taken, 0
        return taken > 1  # one is the step that asks


class _Steps:
    """An instrument of trio that counts the steps of all tasks."""

    taken = 0

    def before_task_step(self, task: object) -> None:
        self.taken += 1


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
