"""Sandboxes that tests make themselves: `mockserver.sandbox(…)`. What happened in them counts for the running test.

One that is closed inside a test is read for the last time then; one that lives on counts for each test anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Unpack

from mockserver.errors import MockserverError, is_on_purpose
from mockserver.steering import Mode, SandboxHandle, Steering, Unused, Violation
from mockserver.testing.draws import is_meant
from mockserver.testing.standstill import Standstill, standstill, standstill_of

if TYPE_CHECKING:
    from mockserver.steering import Entry
    from mockserver.steering.server import SandboxSettings

__tracebackhide__ = is_on_purpose

MOST_CLOSED = 3  # of those without violations, the last ones are shown
MOST_BROKEN = 10


def last_look(sandbox: SandboxHandle) -> None:
    """What a test's own sandbox is judged by is read before the test closes it."""
    with suppress(MockserverError):  # a server that is gone tells nothing
        sandbox.journal.keep()
        sandbox.armed.keep()
        sandbox.kept_conduct = sandbox.conduct
    sandbox.before_close = None  # it may be closed twice


class Watched:
    """One sandbox: what was entered in its journal since the test began."""

    def __init__(self, sandbox: SandboxHandle) -> None:
        self.sandbox = sandbox
        self.is_closed = self.is_lost = False
        self._now: float | None = None
        self._judged = 0
        self._unused: list[Unused] | None = None
        self._standstill: Standstill | None = None
        sandbox.before_close = self._keep

    def _keep(self) -> None:
        """Read it for the last time."""
        if not self.is_closed:
            self.is_closed = True
            try:
                self.sandbox.journal.keep()
                self._unused = self.sandbox.armed.unused()
                clock, entries = self.sandbox.ask("clock"), (entry.raw for entry in self.entries())
                self._standstill = standstill(clock, entries, lambda: self.sandbox.ask("jobs"))
                self._now = float(clock["epoch"])
            except MockserverError:  # a server that is gone, or another hand that closed it, left nothing to tell
                self.is_lost = True

    def clock(self) -> float:
        """The sandbox's time, or that of its end. Raises MockserverError when it cannot be had."""
        return self.sandbox.clock.now() if self._now is None else self._now

    def entries(self) -> list[Entry]:
        """The journal of this test. Raises MockserverError when it cannot be had."""
        return self.sandbox.journal.filter(where=lambda entry: entry.n > self._judged)

    def by_mode(self, otherwise: Mode) -> dict[Mode, list[Violation]]:
        """The violations of this test, by what they lead to. Raises MockserverError when they cannot be had."""
        found = self.sandbox.violations.by_mode(otherwise)
        return {mode: [each for each in many if each.n > self._judged] for mode, many in found.items()}

    def unused(self) -> list[Unused]:
        """What the test armed in it and took no effect. Raises MockserverError when that cannot be had."""
        return self.sandbox.armed.unused() if self._unused is None else self._unused

    def standstill(self, limit: int | None = None) -> Standstill | None:
        """Whether a client of this test asks while the clock stands; of the last `limit` entries."""
        return self._standstill if self.is_closed else standstill_of(self.sandbox, self._judged, limit)

    def settle(self) -> None:
        """What happened until now belongs to a test that is over."""
        self.sandbox.handler_errors.clear()
        self.sandbox.armed.clear()
        with suppress(MockserverError):
            newest = self.sandbox.journal.last()
            self._judged = newest.n if newest is not None else 0


class Watch:
    """The sandboxes that count for the running test.

    `counts` says of the frame that arms something whether it does so for this test alone.
    """

    def __init__(self) -> None:
        self.counts: Callable[[FrameType], bool] = is_meant
        self._watched: list[Watched] = []
        self._shared: list[SandboxHandle] = []

    def __bool__(self) -> bool:
        return any(True for _ in self) or any(len(each.armed) for each in self._shared)

    def __iter__(self) -> Iterator[Watched]:
        return iter([each for each in self._watched if not each.is_lost])

    def add(self, sandbox: SandboxHandle) -> SandboxHandle:
        """Watch a sandbox from now on. Of many closed ones, as Hypothesis makes them, a few are kept."""
        sandbox.armed.counts = self.counts
        self._watched.append(Watched(sandbox))
        self._watched = [each for each in self._watched if not each.is_lost]
        closed = [each for each in self._watched if each.is_closed]
        broken = [e for e in closed if e.sandbox.handler_errors or len(e.sandbox.violations) or e.unused()]
        sound = [each for each in closed if each not in broken]
        for each in (*sound[:-MOST_CLOSED], *broken[MOST_BROKEN:]):
            self._watched.remove(each)
        return sandbox

    def share(self, sandbox: SandboxHandle) -> SandboxHandle:
        """Watch what the running test arms in a sandbox that others use as well."""
        sandbox.armed.counts = self.counts
        self._shared.append(sandbox)
        return sandbox

    def unused(self) -> list[Unused]:
        """What the running test armed in all of them, and took no effect."""
        found: list[Unused] = []
        for each in (*self, *self._shared):
            with suppress(MockserverError):  # a server that is gone tells nothing
                found += each.unused() if isinstance(each, Watched) else each.armed.unused()
        return found

    def settle(self) -> None:
        """The test is over: closed sandboxes are forgotten, and what the others did counts no more."""
        self._watched = [each for each in self._watched if not each.is_closed]
        self._shared = []
        for each in self._watched:
            each.settle()


class WatchedSteering(Steering):
    """A server as tests see it: the sandboxes they make of it are watched."""

    def __init__(self, steering: Steering, watch: Watch) -> None:
        self.control = steering.control
        self.url = steering.url
        self._watch = watch

    def sandbox(self, **wanted: Unpack[SandboxSettings]) -> SandboxHandle:
        wanted.setdefault("requests", True)
        return self._watch.add(super().sandbox(**wanted))

    @property
    def default(self) -> SandboxHandle:
        return self._watch.share(super().default)
