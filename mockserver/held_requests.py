"""Requests that wait for a moment of the sandbox's clock, or for a job to be changed. Knows no HTTP and no job.

A request that pauses is held: it is neither under way nor over. A clock that goes by itself wakes it at its moment;
one that is moved wakes it where it is moved to, or, when nobody moves it, after a real while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf

from mockserver.bounds import HELD
from mockserver.clock import Clock

PATIENCE = 4.0
"""Real seconds for which a request is held while the clock stands: less than clients commonly wait."""
LONGEST = 3600.0  # a loop's timer need not be set for longer
SETTLE = 1.0  # real seconds in which those that were woken look again
STANDS = "the sandbox's clock stands: advance it while the request waits, or use fast_forward or a clock that goes"


class JobPause:
    """The waiting of one request for a job, until it is closed; `is_held` while it waits, `due` is its moment."""

    __slots__ = ("_moments", "_woken", "due", "is_held", "job")

    def __init__(self, moments: Moments, job: str) -> None:
        self._moments, self.job = moments, job
        self._woken: asyncio.Future[bool] | None = None
        self.due, self.is_held = inf, False
        moments.pauses[self] = None

    def look(self) -> None:
        """It will be held once its client was told how things stand: who moves the clock waits for that."""
        self._moments.looks(self)

    def close(self) -> None:
        """Its request is over."""
        self._moments.pauses.pop(self, None)
        self._moments.looked(self)

    async def until(self, due: float) -> bool:
        """Wait for a moment, at most; True when it is time to look again, False when the clock stands.

        Who asks may have seen an earlier time: the clock was moved meanwhile, and wakes nobody for that once more.
        """
        if self._moments.is_over:
            return False
        if due <= self._moments.clock.now():
            return True
        loop, wait = asyncio.get_running_loop(), self._moments.clock.wall_seconds_until(due)
        self.due, self._woken, self.is_held = due, loop.create_future(), True
        self._moments.told()
        self._moments.looked(self)
        seconds = PATIENCE if wait is None else min(wait, LONGEST)
        timer = loop.call_later(seconds, self.wake, wait is not None)
        try:
            return await self._woken
        finally:
            timer.cancel()
            self._let_go()

    def wake(self, is_time: bool = True) -> None:
        """Let it look again."""
        if self._woken is not None and not self._woken.done():
            self._moments.looks(self)
            self._let_go()
            self._woken.set_result(is_time)

    def _let_go(self) -> None:
        if self.is_held:
            self.is_held = False
            self._moments.told()


class Moments:
    """The pauses of a sandbox's requests."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.pauses: dict[JobPause, None] = {}
        self.is_over = False
        self.told: Callable[[], object] = lambda: None
        """Called whenever a request begins to be held, or is held no more: others may be those who move the clock."""
        self._looking: set[JobPause] = set()
        self._all_looked: set[asyncio.Future[None]] = set()  # several may move the clock, or ask what is next, at once

    def pause(self, job: str) -> JobPause | None:
        """A new pause of who waits for a job, to be closed; None when there are too many."""
        return None if len(self.pauses) >= HELD else JobPause(self, job)

    @property
    def held(self) -> int:
        """How many requests are held now."""
        return sum(pause.is_held for pause in [*self.pauses])  # other threads ask as well

    def next_due(self) -> float | None:
        """The next moment that one waits for; None when none waits for one that comes."""
        due = min([pause.due for pause in [*self.pauses] if pause.is_held], default=inf)
        return due if due < inf else None

    def wake(self) -> None:
        """The clock was moved or switched: all look again."""
        self._wake([*self.pauses])

    def changed(self, job: str) -> None:
        """A job was changed: those that wait for it look again."""
        self._wake([pause for pause in self.pauses if pause.job == job])

    def end(self) -> None:
        """The server ends: none waits any longer."""
        self.is_over = True
        for pause in [*self.pauses]:
            pause.wake(False)

    async def come(self, moment: float) -> None:
        """It is this moment: those that waited for it look again, before anything else happens."""
        self._wake([pause for pause in self.pauses if pause.due <= moment])
        if self._looking:
            await self._settle({*self._looking})

    async def _settle(self, awaited: set[JobPause]) -> None:
        """Wait until all have looked; who of these has not by then is waited for no longer."""
        all_looked = asyncio.get_running_loop().create_future()
        self._all_looked.add(all_looked)
        try:
            await asyncio.wait([all_looked], timeout=SETTLE)
        finally:
            self._all_looked.discard(all_looked)
        if not all_looked.done():
            self._looking -= awaited
            self.told()
            self._end_settling()

    def _end_settling(self) -> None:
        if not self._looking:
            for each in self._all_looked:
                if not each.done():
                    each.set_result(None)

    def _wake(self, pauses: list[JobPause]) -> None:
        for pause in pauses:
            if pause.is_held:
                pause.wake()

    @property
    def is_looking(self) -> bool:
        """Whether one looks, and is to be held, or over."""
        return bool(self._looking)

    def looks(self, pause: JobPause) -> None:
        """One was woken, or begins."""
        self._looking.add(pause)
        self.told()

    def looked(self, pause: JobPause) -> None:
        """One that was woken has looked: it waits again, or goes on."""
        if pause in self._looking:
            self._looking.remove(pause)
            self.told()
        self._end_settling()
