"""The stand-ins for trio's and anyio's sleeps and cancel scopes with a deadline."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Any

from mockserver.virtual_time.frames import CODE_ONLY, WITH_LIBRARIES, caller, place, sleeper
from mockserver.virtual_time.patches import Patches
from mockserver.virtual_time.virtual_clock import FastForward

__tracebackhide__ = True

Scope = Callable[..., AbstractContextManager[Any]]


def patch_trio(forward: FastForward, patches: Patches, trio: ModuleType) -> None:
    """Replace trio's sleeps, its clock and its four ways to set a deadline."""
    clock = trio.current_time
    _patch_shared(forward, patches, trio, trio.TooSlowError)
    patches.function(trio, "sleep_until", _sleep_until(forward, trio.sleep_until))
    for name, too_late in (("move_on_at", None), ("fail_at", trio.TooSlowError)):
        patches.function(trio, name, _scope_at(forward, trio, getattr(trio, name), too_late, clock))


def patch_anyio(forward: FastForward, patches: Patches, anyio: ModuleType) -> None:
    """Replace anyio's sleeps, its clock and its two ways to set a deadline."""
    _patch_shared(forward, patches, anyio, TimeoutError)
    patches.function(anyio, "sleep_until", _sleep_until(forward, anyio.sleep_until))


def _patch_shared(forward: FastForward, patches: Patches, library: ModuleType, too_late: type[Exception]) -> None:
    patches.function(library, "sleep", _sleep(forward, library))
    patches.function(library, "current_time", _current_time(forward, library.current_time))
    patches.function(library, "move_on_after", _scope_after(forward, library, library.move_on_after, None))
    patches.function(library, "fail_after", _scope_after(forward, library, library.fail_after, too_late))


def _sleep(forward: FastForward, library: ModuleType) -> Callable[..., Coroutine[Any, Any, None]]:
    real = library.sleep
    spawner = os.path.dirname(str(library.__file__))

    def sleep(seconds: float) -> Coroutine[Any, Any, None]:
        if forward.is_on and sleeper(spawner) in WITH_LIBRARIES and seconds > 0:
            return forward.asleep(seconds, place())
        pause: Coroutine[Any, Any, None] = real(seconds)
        return pause

    return sleep


def _sleep_until(forward: FastForward, real: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, None]]:
    def sleep_until(deadline: float) -> Coroutine[Any, Any, None]:
        ahead = deadline - forward.monotonic()
        if forward.is_on and caller() in WITH_LIBRARIES and ahead > 0:
            return forward.asleep(ahead, place())
        pause: Coroutine[Any, Any, None] = real(deadline)
        return pause

    return sleep_until


def _current_time(forward: FastForward, real: Callable[[], float]) -> Callable[[], float]:
    def current_time() -> float:
        return forward.monotonic() if forward.is_on and caller() in WITH_LIBRARIES else real()

    return current_time


def _scope_after(forward: FastForward, library: ModuleType, real: Scope, too_late: type[Exception] | None) -> Scope:
    def scope_after(*delay: Any, shield: bool = False, **named: Any) -> AbstractContextManager[Any]:
        seconds = next(iter((*delay, *named.values())))
        if not forward.is_on or caller() not in CODE_ONLY or seconds is None or not 0 < seconds < math.inf:
            return real(*delay, shield=shield, **named)
        return _scope(forward, library, seconds, shield, too_late)

    return scope_after


def _scope_at(
    forward: FastForward,
    library: ModuleType,
    real: Scope,
    too_late: type[Exception] | None,
    clock: Callable[[], float],
) -> Scope:
    """A deadline of a library is by the virtual clock that it reads, and guards what happens in real time."""

    def scope_at(deadline: float, *, shield: bool = False) -> AbstractContextManager[Any]:
        ahead, kind = deadline - forward.monotonic(), caller()
        if forward.is_on and kind not in CODE_ONLY and kind in WITH_LIBRARIES:
            return real(clock() + ahead, shield=shield)
        if not forward.is_on or kind not in CODE_ONLY or not 0 < ahead < math.inf:
            return real(deadline, shield=shield)
        return _scope(forward, library, ahead, shield, too_late)

    return scope_at


@contextmanager
def _scope(
    forward: FastForward, library: ModuleType, seconds: float, shield: bool, too_late: type[Exception] | None
) -> Iterator[Any]:
    scope = library.CancelScope(shield=shield)
    timer = forward.timer(seconds, scope.cancel)
    try:
        with scope:
            yield scope
    finally:
        forward.cancel(timer)
    if too_late is not None and scope.cancelled_caught:
        raise too_late
