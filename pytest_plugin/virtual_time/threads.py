"""Which threads still have something to do. Looks at stacks from outside; knows nothing of sleeps or clocks.

A thread counts only while code under test is on its stack. It waits when it stands still, at the same instruction and
(where the system tells) without using its processor: at once in one of the standard library's waiting places (locks,
queues, pools, selectors), elsewhere after 20 ms of real time (a lock taken directly, a wait inside C).
"""

from __future__ import annotations

import queue
import selectors
import sys
import threading
from collections.abc import Collection
from types import FrameType

from pytest_plugin.virtual_time import machine
from pytest_plugin.virtual_time.callers import has_code

STILL = 0.020
SETTLED = 0.0003  # a thread may also be caught on its way through such a place
_Place = tuple[int, int, float]
_WAITING_PLACES = frozenset({threading.__file__, queue.__file__, selectors.__file__})


class Threads:
    """Samples of where the threads stand; remembers since when each stands there."""

    def __init__(self) -> None:
        self._since: dict[int, tuple[_Place, float]] = {}

    def look(self, known: Collection[int]) -> tuple[bool, int]:
        """Whether all threads of the code under test wait, and how many there are; `known` ones are left out."""
        known = {*known, threading.get_ident()}
        frames = {
            ident: frame for ident, frame in sys._current_frames().items() if ident not in known and has_code(frame)
        }
        self._since = {ident: since for ident, since in self._since.items() if ident in frames}
        native = {thread.ident: thread.native_id for thread in threading.enumerate()} if frames else {}
        waiting = [
            self._waits(ident, frame, machine.cpu_of_thread(native.get(ident))) for ident, frame in frames.items()
        ]
        return all(waiting), len(frames)

    def _waits(self, ident: int, frame: FrameType, cpu: float) -> bool:
        needed = SETTLED if frame.f_code.co_filename in _WAITING_PLACES else STILL
        place = (id(frame), frame.f_lasti, cpu)
        now = machine.monotonic()
        before, since = self._since.get(ident, (None, now))
        if before != place:
            self._since[ident] = (place, now)
            return False
        return now - since >= needed
