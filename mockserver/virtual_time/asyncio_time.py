"""The stand-ins for asyncio's sleeps and time-outs, and for a loop's clock and timers."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextvars import Context
from typing import Any

from mockserver.virtual_time import real_time
from mockserver.virtual_time.frames import CODE_ONLY, WITH_TRANSPORTS, caller, place, sleeper
from mockserver.virtual_time.loops import AsyncioLoop
from mockserver.virtual_time.patches import Patches
from mockserver.virtual_time.virtual_clock import FastForward
from mockserver.virtual_time.waits import VirtualWait

__tracebackhide__ = True


def patch(forward: FastForward, patches: Patches) -> None:
    """Replace asyncio's functions, and the clock of its own event loops."""
    patches.function(asyncio, "sleep", _sleep(forward))
    patches.function(asyncio, "timeout", _timeout(forward))
    patches.function(asyncio, "timeout_at", _timeout_at(forward))
    patches.function(asyncio, "wait_for", _wait_for(forward))
    patches.function(asyncio, "wait", _wait(forward))
    patches.function(asyncio, "as_completed", _as_completed(forward))
    patch_loop(forward, patches, asyncio.BaseEventLoop)


def patch_loop(forward: FastForward, patches: Patches, loop: type[Any]) -> None:
    """Replace the clock and the timers of one class of event loops, for the code under test alone."""
    patches.attribute(loop, "time", _loop_time(forward, loop.time))
    patches.attribute(loop, "call_later", _call_later(forward, loop.call_later))
    patches.attribute(loop, "call_at", _call_at(forward, loop.call_at))


def _is_virtual(forward: FastForward, kind: object) -> bool:
    return forward.is_on and kind in CODE_ONLY


# These are plain functions that return coroutines: who calls must be asked at the call, not in the task that awaits.


def _sleep(forward: FastForward) -> Callable[..., Coroutine[Any, Any, Any]]:
    def sleep(delay: float, result: Any = None) -> Coroutine[Any, Any, Any]:
        if forward.is_on and sleeper() in WITH_TRANSPORTS and delay > 0:
            return _asleep(forward, delay, result, place())
        return real_time.asyncio_sleep(delay, result)

    return sleep


async def _asleep(forward: FastForward, delay: float, result: Any, where: str) -> Any:
    await forward.asleep(delay, where)
    return result


class VirtualTimeout(asyncio.Timeout):  # type: ignore[misc]  # final for the type checker, but public and stable
    """asyncio's own time-out, with a deadline in the virtual time of `loop.time()`."""

    def __init__(self, forward: FastForward, when: float | None) -> None:
        super().__init__(None)
        self._forward = forward
        self._virtual_when = when
        self._timer: VirtualWait | None = None

    def when(self) -> float | None:
        """The deadline, in the seconds of `loop.time()` as the code under test sees it."""
        return self._virtual_when

    def reschedule(self, when: float | None) -> None:
        """Move the deadline; None takes it away."""
        super().reschedule(None)
        self._disarm()
        self._virtual_when = when
        if when is None:
            return
        delay = when - self._forward.monotonic()
        if delay <= 0 or not self._forward.is_on:
            self._expire()
        else:
            self._timer = self._forward.timer(delay, self._expire)

    async def __aenter__(self) -> VirtualTimeout:
        when = self._virtual_when
        await super().__aenter__()
        self.reschedule(when)
        return self

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> None:
        self._disarm()
        await super().__aexit__(kind, error, traceback)

    def _expire(self) -> None:
        super().reschedule(-math.inf)  # a moment already past: asyncio cancels the task in its next turn

    def _disarm(self) -> None:
        if self._timer is not None:
            self._forward.cancel(self._timer)
            self._timer = None


def _after(forward: FastForward, delay: float) -> VirtualTimeout:
    return VirtualTimeout(forward, forward.monotonic() + delay)


def _timeout(forward: FastForward) -> Callable[[float | None], asyncio.Timeout]:
    def timeout(delay: float | None) -> asyncio.Timeout:
        if not _is_virtual(forward, caller()):
            return real_time.asyncio_timeout(delay)
        return VirtualTimeout(forward, None) if delay is None else _after(forward, delay)

    return timeout


def _timeout_at(forward: FastForward) -> Callable[[float | None], asyncio.Timeout]:
    def timeout_at(when: float | None) -> asyncio.Timeout:
        return VirtualTimeout(forward, when) if _is_virtual(forward, caller()) else real_time.asyncio_timeout_at(when)

    return timeout_at


def _wait_for(forward: FastForward) -> Callable[..., Coroutine[Any, Any, Any]]:
    def wait_for(fut: Awaitable[Any], timeout: float | None) -> Coroutine[Any, Any, Any]:
        if timeout is None or timeout <= 0 or not _is_virtual(forward, caller()):
            return real_time.asyncio_wait_for(fut, timeout)
        return _within(_after(forward, timeout), fut)

    return wait_for


async def _within(deadline: VirtualTimeout, fut: Awaitable[Any]) -> Any:
    async with deadline:
        return await fut


def _wait(forward: FastForward) -> Callable[..., Coroutine[Any, Any, Any]]:
    def wait(
        fs: Iterable[Any], *, timeout: float | None = None, return_when: str = asyncio.ALL_COMPLETED
    ) -> Coroutine[Any, Any, Any]:
        if timeout is None or timeout <= 0 or not _is_virtual(forward, caller()):
            return real_time.asyncio_wait(fs, timeout=timeout, return_when=return_when)
        return _wait_within(_after(forward, timeout), set(fs), return_when)

    return wait


async def _wait_within(deadline: VirtualTimeout, futures: set[Any], return_when: str) -> tuple[set[Any], set[Any]]:
    try:
        async with deadline:
            return await real_time.asyncio_wait(futures, return_when=return_when)
    except TimeoutError:
        done = {future for future in futures if future.done()}
        return done, futures - done


class CompletedWithin:
    """asyncio's `as_completed` with a virtual deadline: what it gives raises TimeoutError when that has passed."""

    def __init__(self, forward: FastForward, when: float, futures: Iterable[Any]) -> None:
        self._forward = forward
        self._when = when
        self._completed: Any = real_time.asyncio_as_completed(futures)

    def __iter__(self) -> CompletedWithin:
        return self

    def __next__(self) -> Coroutine[Any, Any, Any]:
        return _within(VirtualTimeout(self._forward, self._when), next(self._completed))

    def __aiter__(self) -> CompletedWithin:
        self._completed = aiter(self._completed)  # Python 3.13 and later
        return self

    async def __anext__(self) -> Any:
        return await _within(VirtualTimeout(self._forward, self._when), anext(self._completed))


def _as_completed(forward: FastForward) -> Callable[..., Any]:
    def as_completed(fs: Iterable[Any], *, timeout: float | None = None) -> Any:
        if timeout is None or not _is_virtual(forward, caller()):
            return real_time.asyncio_as_completed(fs, timeout=timeout)
        return CompletedWithin(forward, forward.monotonic() + timeout, fs)

    return as_completed


def _loop_time(forward: FastForward, real: Callable[[Any], float]) -> Callable[[Any], float]:
    def time(self: Any) -> float:
        return forward.monotonic() if _is_virtual(forward, caller()) else real(self)

    return time


class VirtualHandle(asyncio.TimerHandle):
    """What `call_later` returns: a timer in virtual time."""

    def __init__(
        self,
        forward: FastForward,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: asyncio.AbstractEventLoop,
        context: Context | None,
    ) -> None:
        super().__init__(when, callback, args, loop, context)
        self._forward = forward
        self._timer = forward.timer(
            max(0.0, when - forward.monotonic()),
            lambda: loop.call_soon(callback, *args, context=context),
            AsyncioLoop(loop),
        )

    def cancel(self) -> None:
        """Call the timer off."""
        self._forward.cancel(self._timer)
        asyncio.Handle.cancel(self)  # not TimerHandle's: the loop does not know this timer


def _call_later(forward: FastForward, real: Callable[..., asyncio.TimerHandle]) -> Callable[..., asyncio.TimerHandle]:
    def call_later(
        self: Any, delay: float, callback: Any, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        if not _is_virtual(forward, caller()):
            return real(self, delay, callback, *args, context=context)
        return VirtualHandle(forward, forward.monotonic() + delay, callback, args, self, context)

    return call_later


def _call_at(forward: FastForward, real: Callable[..., asyncio.TimerHandle]) -> Callable[..., asyncio.TimerHandle]:
    def call_at(
        self: Any, when: float, callback: Any, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        if not _is_virtual(forward, caller()):
            return real(self, when, callback, *args, context=context)
        return VirtualHandle(forward, when, callback, args, self, context)

    return call_at
