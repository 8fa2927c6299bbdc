"""Virtual time: what time it is, and waiting in it. Joins the register of waits and the thread that moves the clock."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from mockserver.virtual_time import real_time
from mockserver.virtual_time.autojump import Autojump
from mockserver.virtual_time.frames import place
from mockserver.virtual_time.loops import Loop, current_loop
from mockserver.virtual_time.sandbox_time import LIMIT, SandboxTime
from mockserver.virtual_time.waits import VirtualWait, Waits

__tracebackhide__ = True

_GRID = 2**20  # a monotonic start on this grid keeps sums and differences of times exact


class FastForward:
    """Virtual time while it is on. `elapsed` are the sandbox's seconds since then."""

    def __init__(self, time: SandboxTime, limit: float = LIMIT) -> None:
        self.time = time
        self.is_on = True
        self._started = time.now()
        self._monotonic = math.ceil(real_time.monotonic() * _GRID) / _GRID
        self._waits = Waits()
        self._autojump = Autojump(time, self._waits, limit)
        if self._autojump.may_hold:  # a call may wait for the clock while nothing else does
            self._autojump.start()

    def __repr__(self) -> str:
        return f"<FastForward {'on' if self.is_on else 'off'}>"  # its time may have to be asked for

    @property
    def elapsed(self) -> float:
        """The sandbox's seconds since virtual time was switched on."""
        return self.time.now() - self._started

    def monotonic(self) -> float:
        """A monotonic clock that goes as the sandbox's; it continues the machine's own."""
        return self._monotonic + self.elapsed

    def call(self) -> AbstractContextManager[None]:
        """While a client call is open the clock stands, also before the server has seen the request."""
        return self._waits.call()

    def sleep(self, seconds: float, where: str | None = None) -> None:
        """Block this thread for virtual seconds. Raises ClockRanAway past the limit; `where` is who to name then."""
        woken = threading.Event()
        wait = self._wait(seconds, woken.set, where or place())
        try:
            woken.wait()
        finally:
            self._waits.drop(wait)
        if wait.error is not None:
            raise wait.error

    async def asleep(self, seconds: float, where: str | None = None) -> None:
        """As `sleep`, for a coroutine under asyncio or trio."""
        loop = self._loop()
        event = loop.event()
        wait = self._wait(seconds, lambda: loop.post(event.set), where or place(), loop)
        try:
            await event.wait()
        finally:
            self._waits.drop(wait)
        if wait.error is not None:
            raise wait.error

    def timer(self, seconds: float, callback: Callable[[], object], loop: Loop | None = None) -> VirtualWait:
        """Call `callback` in `loop`, by default the running one, after virtual seconds unless `cancel` comes first."""
        loop = self._loop(loop)

        def ring() -> None:
            if not wait.is_over:
                callback()

        wait = self._wait(seconds, lambda: loop.post(ring), place(), loop, is_sleep=False)
        return wait

    def deadline(self, seconds: float, wake: Callable[[], object], where: str) -> VirtualWait:
        """Call `wake` after virtual seconds, for a thread that blocks until then unless `rouse` comes first.

        Past the limit the wait gets an error, which the thread is to raise.
        """
        return self._wait(seconds, wake, where)

    def rouse(self, wait: VirtualWait) -> bool:
        """A blocked thread is woken before its deadline; False when the deadline came first."""
        return self._waits.rouse(wait)

    def cancel(self, wait: VirtualWait) -> None:
        """Call a timer off; one that has rung already is left alone."""
        self._waits.drop(wait)

    def stop(self) -> None:
        """Switch virtual time off: whatever still waits is woken."""
        self.is_on = False
        self._autojump.stop()

    def _loop(self, loop: Loop | None = None) -> Loop:
        loop = loop or current_loop()
        if loop is None:
            raise RuntimeError("no event loop runs in this thread")
        return self._waits.loops.setdefault(loop.key, loop)

    def _wait(
        self,
        seconds: float,
        wake: Callable[[], object],
        where: str,
        loop: Loop | None = None,
        *,
        is_sleep: bool = True,
    ) -> VirtualWait:
        now = self.time.now()
        deadline = now + seconds
        if deadline - now < seconds:  # rounded down: a sleep must not end early
            deadline = math.nextafter(deadline, math.inf)
        wait = VirtualWait(deadline, wake, where, threading.get_ident(), loop, is_sleep)
        self._waits.add(wait)
        if self.is_on:
            self._autojump.start()
        return wait
