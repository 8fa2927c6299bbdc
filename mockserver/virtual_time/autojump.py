"""Moves the sandbox's clock when nobody has anything left to do.

The rule. The clock moves to the earliest deadline, or moment that the server waits for, when all of this holds, and
holds still after a short real pause (left out when one sleeping thread is all there is):

- no client call is open and no request is in flight, but those that the server holds back until the clock moves;
- every living loop in which something has waited has nothing ready for some turns (or its thread sleeps);
- every other thread with code under test on its stack waits (see `threads`);
- every thread that was woken runs again.

It does so from a thread of its own, so that a webhook receiver in any of the loops can answer meanwhile.
"""

from __future__ import annotations

import threading

from mockserver.virtual_time.sandbox_time import LIMIT, ClockRanAway, SandboxTime
from mockserver.virtual_time.threads import Threads
from mockserver.virtual_time.waits import VirtualWait, Waits

__tracebackhide__ = True

QUIET = 0.0003  # real seconds without any change before the clock moves: bytes may be on their way
PATIENCE = 0.010  # real seconds for a loop to say that it is idle
SHORT, LONG = 0.0002, 0.005
LOOK = 0.01  # real seconds between two looks whether the server holds a request back
INSTANT = 1e-6  # the least step that a float of seconds since 1970 can surely take


class Autojump:
    """The thread that moves the clock; started by the first wait."""

    def __init__(self, time: SandboxTime, waits: Waits, limit: float = LIMIT) -> None:
        self._time = time
        self._waits = waits
        self._threads = Threads()
        self._limit = limit
        self._end = time.now() + limit
        self._thread = threading.Thread(target=self._run, name="mockserver-fast-forward", daemon=True)
        self._start = threading.Lock()
        self.may_hold = time.held() is not None

    def start(self) -> None:
        """Start the thread unless it runs."""
        with self._start:
            if self._thread.ident is None:
                self._thread.start()

    def stop(self) -> None:
        """Wake all waits and end the thread."""
        self._waits.stop()
        with self._start:
            if self._thread.ident is not None:
                self._thread.join(10)

    def _run(self) -> None:
        pause, look = SHORT, LOOK if self.may_hold else None
        while self._waits.await_any(look):
            seen = self._waits.changes
            try:
                moved = self._turn()
            except Exception as error:  # the sandbox is gone: whoever sleeps has to hear of it
                self._waits.wake([wait for wait in self._waits.alive() if wait.is_sleep], error)
                moved = False
            if not moved:
                # The end of a call is a change; for all else we have to look again.
                self._waits.pause(LONG if self._waits.has_work() else pause, seen)
            pause = SHORT if moved else min(2 * pause, LONG)

    def _turn(self) -> bool:
        """Wake what is due; else move the clock if all is quiet. False when there was nothing to do."""
        if self._wake_due():
            return True
        if not self._waits.has_any() and self._held()[1] is None:
            return False
        if not self._is_quiet():
            return False
        waits = self._waits.alive()
        deadlines = [wait.deadline for wait in waits[:1]] + [due for due in (self._held()[1],) if due is not None]
        if not deadlines:
            return False
        if min(deadlines) > self._end:
            return self._give_up(waits)
        self._move_to(min(deadlines))
        return self._wake_due() or True

    def _held(self) -> tuple[int, float | None]:
        """How many requests the server holds back until the clock moves, and until when the next one."""
        return (self.may_hold and self._time.held()) or (0, None)

    def _wake_due(self) -> bool:
        now = self._time.now()
        due = [wait for wait in self._waits.alive() if wait.deadline <= now]
        if due:
            self._waits.wake(due)
        return bool(due)

    def _move_to(self, deadline: float) -> None:
        while (ahead := deadline - self._time.now()) > 0:
            self._time.advance(max(ahead, INSTANT))

    def _give_up(self, waits: list[VirtualWait]) -> bool:
        sleeps = [wait for wait in waits if wait.is_sleep]
        for wait in sleeps:
            self._waits.wake([wait], ClockRanAway.at(wait.where, self._limit))
        return bool(sleeps)

    def _is_quiet(self) -> bool:
        changes = self._waits.changes
        is_still, others = self._look()
        if is_still and others:
            self._waits.pause(QUIET, changes)
            is_still = self._waits.changes == changes and self._look()[0]
        return is_still and self._waits.changes == changes

    def _look(self) -> tuple[bool, int]:
        """Whether nobody has anything to do at this moment, and how many loops and threads were asked."""
        asleep = self._waits.sleeping_threads()
        loops = [loop for loop in list(self._waits.loops.values()) if loop.is_alive()]
        awake = [loop for loop in loops if loop.thread not in asleep]
        if self._waits.has_work(self._held()[0]) or not all(loop.is_idle(PATIENCE) for loop in awake):
            return False, 0
        all_wait, threads = self._threads.look(asleep | {loop.thread for loop in loops})
        return all_wait and not self._time.in_flight(), len(loops) + threads
