"""Whether an event loop runs in this thread, how to wait in one for a call that blocks, and who does what alone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from mockserver.errors import ClockError, MockserverError, is_on_purpose

__tracebackhide__ = is_on_purpose

T = TypeVar("T")


def _trio() -> Any:
    """The module trio, if this thread runs in it."""
    trio = sys.modules.get("trio")
    return trio if trio is not None and trio.lowlevel.in_trio_run() else None


def is_running() -> bool:
    """Whether an event loop of asyncio or trio runs in this thread."""
    return _trio() is not None or asyncio._get_running_loop() is not None


def running_loop(instead: str) -> ClockError:
    """What is raised inside a running event loop, where waiting would stop what is waited for."""
    return ClockError(
        f"an event loop runs in this thread, and a webhook receiver on it could not answer: use {instead}"
    )


def refuse_in_loop(instead: str) -> None:
    """Raises ClockError inside a running event loop."""
    if is_running():
        raise running_loop(instead)


async def in_thread(call: Callable[[], T]) -> T:
    """Run a blocking call without stopping the loop."""
    trio = _trio()
    try:
        if trio is not None:
            result: T = await trio.to_thread.run_sync(call)
            return result
        return await asyncio.to_thread(call)
    except (MockserverError, AssertionError) as error:
        raise error.with_traceback(None) from None  # the way through the thread tells a reader nothing


class OneAtATime:
    """Locks, by name if there are several, in each event loop: of those who ask for the same there, one does it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[asyncio.AbstractEventLoop, str], asyncio.Lock] = WeakValueDictionary()

    def lock(self, name: str = "") -> asyncio.Lock:
        """It is there for as long as somebody has it or waits for it."""
        return self._locks.setdefault((asyncio.get_running_loop(), name), asyncio.Lock())
