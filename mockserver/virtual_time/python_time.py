"""Lets time go faster in another Python while it sleeps: copied beside a `sitecustomize`, which loads it.

`time.sleep` and `asyncio.sleep` take less, and clocks show the time that went by so. What waits for something else (a
socket, a condition) waits in real time for a moment, so that a slow machine is not taken for a slow server; the rest of
its wait is skipped as fast. Runs alone, in any Python from 3.9 on.
"""

from __future__ import annotations

import _thread
import functools
import time
from collections.abc import Callable
from typing import Any

__tracebackhide__ = True

REAL = {name: getattr(time, name) for name in ("sleep", "time", "monotonic", "perf_counter")}
LEAST = 0.0005


class Time:
    """How far time is ahead of the machine's; it goes on faster while somebody sleeps."""

    def __init__(self, rate: float, grace: float) -> None:
        self.rate = rate
        self.grace = grace
        self._ahead = 0.0
        self._sleepers = 0
        self._since = 0.0
        self._lock = _thread.allocate_lock()

    @property
    def is_fast(self) -> bool:
        """Whether somebody sleeps."""
        return self._sleepers > 0

    def ahead(self) -> float:
        """The seconds by which it is ahead."""
        with self._lock:
            return self._ahead + self._gained()

    def _gained(self) -> float:
        return float(REAL["monotonic"]() - self._since) * (self.rate - 1) if self._sleepers else 0.0

    def skip(self, seconds: float) -> None:
        """Time that nobody waited for has gone by."""
        with self._lock:
            self._ahead += max(0.0, seconds)

    def __enter__(self) -> None:
        """Somebody sleeps."""
        with self._lock:
            if not self._sleepers:
                self._since = REAL["monotonic"]()
            self._sleepers += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            gained = self._gained()
            self._sleepers -= 1
            if not self._sleepers:
                self._ahead += gained

    def shorter(self, seconds: float) -> float:
        """The real seconds of a wait for something that may come."""
        if seconds <= self.grace:
            return seconds
        return self.grace + (seconds - self.grace) / self.rate

    def waited(self, wait: Callable[[float], Any], seconds: float) -> Any:
        """What a wait gives; where it gives nothing, its whole time has gone by."""
        began = REAL["monotonic"]()
        found = wait(self.shorter(seconds))
        if not found and seconds > self.grace:
            self.skip(seconds - (REAL["monotonic"]() - began))
        return found


def patch_time(module: Any, passing: Time) -> None:
    """Sleeps and clocks."""

    def sleep(seconds: float) -> None:
        if not seconds > 0:
            REAL["sleep"](seconds)  # which says what is wrong with it
            return
        with passing:
            REAL["sleep"](seconds / passing.rate)

    def clock(name: str) -> None:
        setattr(module, name, functools.wraps(REAL[name])(lambda: REAL[name]() + passing.ahead()))
        setattr(module, f"{name}_ns", lambda: int(getattr(module, name)() * 1e9))

    module.sleep = functools.wraps(REAL["sleep"])(sleep)
    for name in ("time", "monotonic", "perf_counter"):
        clock(name)


def patch_tasks(module: Any, passing: Time) -> None:
    """`asyncio.sleep`; the loop's own clock is that of `time`."""
    real = module.sleep

    @functools.wraps(real)
    async def sleep(delay: float, *args: Any, **named: Any) -> Any:
        if not delay > 0:
            return await real(delay, *args, **named)
        with passing:
            return await real(delay, *args, **named)

    module.sleep = sleep


def patch_selectors(module: Any, passing: Time) -> None:
    """What loops wait with."""
    for name in ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector"):
        kind = getattr(module, name, None)
        if kind is not None and "select" in vars(kind):
            kind.select = _selecting(kind.select, passing)


def _selecting(real: Callable[..., Any], passing: Time) -> Callable[..., Any]:
    @functools.wraps(real)
    def select(self: Any, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return real(self, timeout)
        if passing.is_fast:
            return real(self, max(LEAST, timeout / passing.rate))
        return passing.waited(functools.partial(real, self), timeout)

    return select


def patch_socket(module: Any, passing: Time) -> None:
    """How long a socket waits for bytes."""
    real = module.socket.settimeout

    @functools.wraps(real)
    def settimeout(self: Any, value: float | None) -> None:
        real(self, passing.shorter(value) if isinstance(value, (int, float)) else value)

    module.socket.settimeout = settimeout


def patch_threading(module: Any, passing: Time) -> None:
    """Conditions, on which events, queues and futures rest."""
    real = module.Condition.wait

    @functools.wraps(real)
    def wait(self: Any, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return real(self, timeout)
        return passing.waited(functools.partial(real, self), timeout)

    module.Condition.wait = wait


def patch_datetime(module: Any, passing: Time) -> None:
    """`datetime.now`, which asks the machine itself."""
    real = module.datetime

    class Kind(type):
        def __instancecheck__(cls, found: object) -> bool:
            return isinstance(found, real)

        def __subclasscheck__(cls, found: type) -> bool:
            return issubclass(found, real)

    def now(cls: Any, tz: Any = None) -> Any:
        return cls.fromtimestamp(REAL["time"]() + passing.ahead(), tz)

    def utcnow(cls: Any) -> Any:
        return cls.fromtimestamp(REAL["time"]() + passing.ahead(), module.timezone.utc).replace(tzinfo=None)

    members = {"now": classmethod(now), "utcnow": classmethod(utcnow), "today": classmethod(now), "__slots__": ()}
    module.datetime = Kind("datetime", (real,), {**members, "__module__": "datetime"})


PATCHES: dict[str, Callable[[Any, Time], None]] = {
    "time": patch_time, "selectors": patch_selectors, "asyncio.tasks": patch_tasks, "socket": patch_socket,
    "threading": patch_threading, "datetime": patch_datetime,
}  # fmt: skip
