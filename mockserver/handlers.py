"""A test's callables at work: each in a daemon thread of its own, never on the server's loop.

One whose client has left ends if it is a coroutine; a function cannot be ended, so those that go on are counted.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import copy_context
from typing import Any, TypeVar

from mockserver.bounds import HANDLERS_LEFT
from mockserver.errors import FullError

T = TypeVar("T")
THREAD = "mockserver-handler"


class Handlers:
    """Those of one sandbox; `left` counts the ones at work whose clients have gone. Lives on the server's loop."""

    def __init__(self) -> None:
        self.left = 0

    async def run(self, call: Callable[[], Any]) -> Any:
        """What a callable gives. Raises what it raised, and FullError where too many go on for nobody."""
        if self.left >= HANDLERS_LEFT:
            why = f"{self.left} handlers are still at work for clients that have left; let them end"
            raise FullError(f"{why}, by a time-out of their own or as coroutines, which end with their clients")
        work = _Work(call, self)
        threading.Thread(target=copy_context().run, args=(work.run,), name=THREAD, daemon=True).start()
        try:
            return await work.done
        except asyncio.CancelledError:
            work.leave()
            raise


class _Work:
    """One callable: `done` is what it gives."""

    def __init__(self, call: Callable[[], Any], handlers: Handlers) -> None:
        self._call, self._handlers = call, handlers
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[Any] = self._loop.create_future()
        self._is_left = False
        self._coroutine: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None] | None = None

    def run(self) -> None:
        """Called in its thread."""
        try:
            value = self._call()
            outcome: Any = asyncio.run(self._awaited(value)) if inspect.isawaitable(value) else value
            error = None
        except BaseException as raised:
            outcome, error = None, _told(raised)
        with suppress(RuntimeError):  # the server has ended meanwhile
            self._loop.call_soon_threadsafe(self._settle, outcome, error)

    async def _awaited(self, value: Awaitable[T]) -> T:
        self._coroutine = asyncio.get_running_loop(), asyncio.current_task()
        if self._is_left:
            raise asyncio.CancelledError
        return await value

    def leave(self) -> None:
        """Nobody waits for it any more, unless it has ended."""
        if self.done.done() and not self.done.cancelled():
            return
        self._is_left = True
        self._handlers.left += 1
        loop, task = self._coroutine or (None, None)
        if loop is not None and task is not None:
            with suppress(RuntimeError):  # it has just ended
                loop.call_soon_threadsafe(task.cancel)

    def _settle(self, outcome: Any, error: BaseException | None) -> None:
        if self._is_left:
            self._handlers.left -= 1
        if self.done.cancelled():
            return
        if error is None:
            self.done.set_result(outcome)
        else:
            self.done.set_exception(error)


def _told(raised: BaseException) -> BaseException:
    """What a callable raised, as a future may hold it and a task hear it: some ends of work would end the server's."""
    if not isinstance(raised, StopIteration | StopAsyncIteration | GeneratorExit | asyncio.CancelledError):
        return raised
    error = RuntimeError(f"the handler raised {raised!r}")
    error.__cause__ = raised
    return error.with_traceback(raised.__traceback__)
