"""The stand-ins for `time` and `datetime`. Each asks who calls and gives real time to everybody outside."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from mockserver.virtual_time import real_time
from mockserver.virtual_time.frames import (
    WITH_LIBRARIES,
    WITH_TRANSPORTS,
    Caller,
    caller,
    sleeper,
)
from mockserver.virtual_time.patches import Patches
from mockserver.virtual_time.virtual_clock import FastForward

__tracebackhide__ = True

N = TypeVar("N", int, float)
NANO = 1_000_000_000


def patch(forward: FastForward, patches: Patches) -> None:
    """Replace the functions of `time` and the methods of `datetime.datetime`.

    `date.today` and `datetime.today` need nothing: written in C, they ask `time.time` in the name of their caller.
    """
    now, localtime = forward.time.now, time.localtime
    patches.function(time, "sleep", _sleep(forward))
    patches.function(time, "time", _clock(forward, real_time.time_, now, WITH_TRANSPORTS))
    patches.function(time, "time_ns", _clock(forward, real_time.time_ns, lambda: int(now() * NANO), WITH_TRANSPORTS))
    patches.function(time, "monotonic", _clock(forward, real_time.monotonic, forward.monotonic, WITH_LIBRARIES))
    nanos = _clock(forward, real_time.monotonic_ns, lambda: int(forward.monotonic() * NANO), WITH_LIBRARIES)
    patches.function(time, "monotonic_ns", nanos)
    for name in ("gmtime", "localtime", "ctime"):
        patches.function(time, name, _of_seconds(forward, getattr(time, name)))
    patches.function(time, "asctime", _of_moment(forward, time.asctime, localtime, 0))
    patches.function(time, "strftime", _of_moment(forward, time.strftime, localtime, 1))
    patches.built_in_method(datetime.datetime, "now", _now(forward))
    patches.built_in_method(datetime.datetime, "utcnow", _utcnow(forward))


def _clock(
    forward: FastForward, real: Callable[[], N], virtual: Callable[[], N], kinds: Collection[Caller]
) -> Callable[[], N]:
    def read() -> N:
        return virtual() if forward.is_on and caller() in kinds else real()

    return read


# Whoever names a moment is answered for that one; who names none means now.


def _of_seconds(forward: FastForward, real: Callable[[float | None], Any]) -> Callable[..., Any]:
    def read(seconds: float | None = None, /) -> Any:
        is_virtual = seconds is None and forward.is_on and caller() in WITH_TRANSPORTS
        return real(forward.time.now() if is_virtual else seconds)

    return read


def _of_moment(forward: FastForward, real: Any, localtime: Any, before: int) -> Callable[..., str]:
    """`before`: how many arguments stand before the moment."""

    def read(*given: Any) -> Any:
        is_virtual = len(given) == before and forward.is_on and caller() in WITH_TRANSPORTS
        return real(*given, localtime(forward.time.now())) if is_virtual else real(*given)

    return read


def _sleep(forward: FastForward) -> Callable[[float], None]:
    def sleep(seconds: float, /) -> None:
        if forward.is_on and sleeper() in WITH_TRANSPORTS and seconds > 0:
            forward.sleep(seconds)
        else:
            real_time.sleep(seconds)

    return sleep


def _now(forward: FastForward) -> Any:
    def now(cls: type[datetime.datetime], tz: datetime.tzinfo | None = None) -> datetime.datetime:
        is_virtual = forward.is_on and caller() in WITH_TRANSPORTS
        return cls.fromtimestamp(forward.time.now() if is_virtual else real_time.time_(), tz)

    return classmethod(now)


def _utcnow(forward: FastForward) -> Any:
    def utcnow(cls: type[datetime.datetime]) -> datetime.datetime:
        is_virtual = forward.is_on and caller() in WITH_TRANSPORTS
        moment = forward.time.now() if is_virtual else real_time.time_()
        return cls.fromtimestamp(moment, datetime.UTC).replace(tzinfo=None)

    return classmethod(utcnow)
