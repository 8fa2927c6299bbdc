"""Which threads still have something to do. Looks at stacks from outside; knows nothing of sleeps or clocks.

A thread counts while code under test is on its stack, or when it is new or idle and may come to such code. It
waits when it stands still, at the same instruction and (where the system tells) without using or wanting a processor:
almost at once in one of the standard library's waiting places (locks, pools, selectors), elsewhere after 20 ms of real
time (a lock taken directly, a wait inside C). A thread that is starting another one runs, and so does one that was
woken and has not had its turn yet.
"""

from __future__ import annotations

import selectors
import sys
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import thread as pool_thread
from types import FrameType

from mockserver.virtual_time import real_time
from mockserver.virtual_time.frames import CARRIERS, LOCKS, Caller, kind_of

__tracebackhide__ = True

STILL = 0.020
SETTLED = 0.0003  # a thread may also be caught on its way through such a place
_Place = tuple[int, int, float]
_WAITING_PLACES = frozenset(
    [(threading.__file__, name) for name in ("wait", "join", "acquire", "_wait_for_tstate_lock")]
    + [(selectors.__file__, "select"), (pool_thread.__file__, "_worker")]
)
_START = threading.Thread.start.__code__


class Threads:
    """Samples of where the threads stand; remembers since when each stands there."""

    def __init__(self) -> None:
        self._since: dict[int, tuple[_Place, float]] = {}

    def look(self, known: Collection[int]) -> tuple[bool, int]:
        """Whether all threads that count wait, and how many there are; `known` ones are left out."""
        known = {*known, threading.get_ident()}
        stacks = {ident: list(_stack(frame)) for ident, frame in sys._current_frames().items() if ident not in known}
        stacks = {ident: stack for ident, stack in stacks.items() if _counts(stack)}
        self._since = {ident: since for ident, since in self._since.items() if ident in stacks}
        native = {thread.ident: thread.native_id for thread in threading.enumerate()} if stacks else {}
        waiting = [self._waits(ident, stack, native.get(ident)) for ident, stack in stacks.items()]
        return all(waiting), len(stacks)

    def _waits(self, ident: int, stack: list[FrameType], native_id: int | None) -> bool:
        used, is_wanting = real_time.thread_use(native_id)
        place = (id(stack[0]), stack[0].f_lasti, used)
        now = real_time.monotonic()
        before, since = self._since.get(ident, (None, now))
        is_starting = any(frame.f_code is _START for frame in stack)
        if before != place or is_wanting or is_starting or _was_woken(stack[0]):
            self._since[ident] = (place, now)
            return False
        code = stack[0].f_code
        return now - since >= (SETTLED if (code.co_filename, code.co_name) in _WAITING_PLACES else STILL)


def _was_woken(innermost: FrameType) -> bool:
    """Whether a thread that still stands in such a place has been told to go on: it has not had its turn yet."""
    place = (innermost.f_code.co_filename, innermost.f_code.co_name)
    if place == (threading.__file__, "wait"):  # of a condition; the lock is free from the notice to the awakening
        waiter = innermost.f_locals.get("waiter")
        return waiter is not None and not waiter.locked()
    if place == (pool_thread.__file__, "_worker"):  # since 3.13 its work may be in no queue any more: the system tells
        work = innermost.f_locals.get("work_queue")
        return work is not None and not work.empty()
    return False


def _stack(innermost: FrameType) -> Iterator[FrameType]:
    frame: FrameType | None = innermost
    while frame is not None:
        yield frame
        frame = frame.f_back


def _counts(stack: list[FrameType]) -> bool:
    stack = [frame for frame in stack if frame.f_code.co_filename != LOCKS]
    may_begin = all(frame.f_code.co_filename in CARRIERS or kind_of(frame) is Caller.TRANSPORT for frame in stack)
    return may_begin or any(kind_of(frame) is Caller.CODE for frame in stack)
