"""Tests that take long, looked after by one thread of the run: what they wait for in vain is told while they wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from mockserver.clock import perf_counter
from mockserver.errors import is_on_purpose

__tracebackhide__ = is_on_purpose

SECONDS = 5.0
"""A test that takes longer is looked at; again after twice as long, and so on, until there is something to tell."""
TICK = 0.5


class Patience:
    """The running test, since when it runs, and what was told of it: once a test.

    `look` gives the sentences that there are to tell, `tell` is given the test and one of them.
    """

    def __init__(
        self,
        look: Callable[[], Sequence[str]],
        tell: Callable[[str, str], None],
        *,
        clock: Callable[[], float] = perf_counter,
        seconds: float | None = None,
    ) -> None:
        self._look, self._tell, self._clock = look, tell, clock
        self._seconds = SECONDS if seconds is None else seconds
        self._turn = threading.Lock()
        self._end = threading.Lock()
        self._thread: threading.Thread | None = None
        self.begin("")

    def begin(self, test: str) -> None:
        """A test begins; of the one before, nothing more is told."""
        self._test, self._begun, self._wait = test, self._clock(), self._seconds

    def check(self, *, is_last: bool = False) -> None:
        """Look at the running test, if it is time; `is_last` where it is about to end."""
        taken = self._clock() - self._begun
        is_time = taken >= (self._seconds if is_last else self._wait)
        if not self._test or not is_time or not self._turn.acquire(timeout=self._seconds if is_last else 0):
            return
        try:
            self._wait = 2 * taken
            self._look_at(self._test)
        finally:
            self._turn.release()

    def _look_at(self, test: str) -> None:
        sentences = self._look() if test else ()
        if sentences and self._test == test:
            self._test = ""
            for sentence in sentences:
                self._tell(test, sentence)

    def watch(self) -> None:
        """Check from now on, in a thread."""
        self._end.acquire()
        self._thread = threading.Thread(target=self._watch, name="mockserver-patience", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._end.acquire(timeout=TICK):  # a lock's time-out is real, also where time is virtual
            self.check()

    def end(self) -> None:
        """No test is looked at any more."""
        self._test = ""
        if self._thread is not None:
            self._end.release()
            self._thread.join(1.0)
            self._thread = None
