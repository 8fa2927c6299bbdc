"""The stand-ins for the time-outs of events, conditions, semaphores, queues and futures of threads.

Their own code runs as it is. While the code under test is inside one of them, in its thread alone, the clock that such
code reads goes as the sandbox's, and the lock that `Condition.wait` makes to wait on waits until a virtual deadline.
"""

from __future__ import annotations

import concurrent.futures
import math
import queue
import threading
from collections.abc import Callable
from typing import Any

from mockserver.virtual_time import real_time
from mockserver.virtual_time.frames import CODE_ONLY, caller, place
from mockserver.virtual_time.patches import Patches
from mockserver.virtual_time.virtual_clock import FastForward
from mockserver.virtual_time.waits import VirtualWait

__tracebackhide__ = True

# Class, method, and where among its arguments (`self` apart) the time-out stands.
_METHODS: tuple[tuple[type[Any], str, int], ...] = (
    (threading.Event, "wait", 0),
    (threading.Condition, "wait", 0),
    (threading.Condition, "wait_for", 1),
    (threading.Semaphore, "acquire", 1),
    (queue.Queue, "get", 1),
    (queue.Queue, "put", 2),
    (concurrent.futures.Future, "result", 0),
    (concurrent.futures.Future, "exception", 0),
)


class _Inside(threading.local):
    """Whether this thread is inside one of the methods, called by the code under test; and from where."""

    where: str | None = None


def patch(forward: FastForward, patches: Patches) -> None:
    """Replace the methods, the clocks they read, and the maker of the locks they wait on."""
    inside = _Inside()
    for owner, name, at in _METHODS:
        patches.attribute(owner, name, _method(forward, inside, getattr(owner, name), at))
    for module, name in ((threading, "_time"), (queue, "time")):
        patches.attribute(module, name, _clock(forward, inside))
    patches.attribute(threading, "_allocate_lock", _allocate_lock(forward, inside))


def _method(forward: FastForward, inside: _Inside, real: Callable[..., Any], at: int) -> Callable[..., Any]:
    def method(self: Any, *given: Any, **named: Any) -> Any:
        timeout = named.get("timeout", given[at] if len(given) > at else None)
        is_short = isinstance(timeout, int | float) and 0 < timeout < math.inf
        if not (is_short and forward.is_on and caller() in CODE_ONLY):
            return real(self, *given, **named)
        before, inside.where = inside.where, place()
        try:
            return real(self, *given, **named)
        finally:
            inside.where = before

    return method


def _clock(forward: FastForward, inside: _Inside) -> Callable[[], float]:
    def clock() -> float:
        return real_time.monotonic() if inside.where is None else forward.monotonic()

    return clock


def _allocate_lock(forward: FastForward, inside: _Inside) -> Callable[[], Any]:
    def allocate_lock() -> Any:
        return real_time.allocate_lock() if inside.where is None else _Waiter(forward, inside.where)

    return allocate_lock


class _Waiter:
    """What `Condition.wait` waits on: taken once, then again until `notify` releases it or its time is over."""

    def __init__(self, forward: FastForward, where: str) -> None:
        self._forward = forward
        self._where = where
        self._lock = real_time.allocate_lock()
        self._guard = real_time.allocate_lock()
        self._is_taken = self._is_notified = False
        self._wait: VirtualWait | None = None

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As a lock's. Raises ClockRanAway past the limit of virtual time."""
        if timeout >= 0 and self._is_taken and blocking:
            return self._await_release(timeout)
        self._is_taken = True
        return self._lock.acquire(blocking)

    def _await_release(self, seconds: float) -> bool:
        with self._guard:
            if self._is_notified:
                return True
            wait = self._wait = self._forward.deadline(seconds, self._lock.release, self._where)
        try:
            self._lock.acquire()
        finally:
            self._forward.cancel(wait)
        if wait.error is not None:
            raise wait.error
        return self._is_notified

    def release(self) -> None:
        """As a lock's. RuntimeError tells `notify` that this one waits no more and another is to be woken."""
        with self._guard:
            if self._is_notified or (self._wait is not None and not self._forward.rouse(self._wait)):
                raise RuntimeError("release of what nobody waits for")
            self._is_notified = True
            self._lock.release()
