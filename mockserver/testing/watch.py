"""Sandboxes that tests make themselves: `mockserver.sandbox(…)`. What happened in them counts for the running test.

One that is closed inside a test is read for the last time then; one that lives on counts for each test anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Unpack

from mockserver.errors import MockserverError, is_on_purpose
from mockserver.steering import Mode, SandboxHandle, Steering, Violation

if TYPE_CHECKING:
    from mockserver.steering import Entry
    from mockserver.steering.server import SandboxSettings

__tracebackhide__ = is_on_purpose

MOST_CLOSED = 3  # of those without violations, the last ones are shown
MOST_BROKEN = 10


class Watched:
    """One sandbox: what was entered in its journal since the test began."""

    def __init__(self, sandbox: SandboxHandle) -> None:
        self.sandbox = sandbox
        self.is_closed = self.is_lost = False
        self._now: float | None = None
        self._judged = 0
        sandbox.before_close = self._keep

    def _keep(self) -> None:
        """Read it for the last time."""
        if not self.is_closed:
            self.is_closed = True
            try:
                self.sandbox.journal.keep()
                self._now = self.sandbox.clock.now()
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

    def settle(self) -> None:
        """What happened until now belongs to a test that is over."""
        self.sandbox.handler_errors.clear()
        with suppress(MockserverError):
            newest = self.sandbox.journal.last()
            self._judged = newest.n if newest is not None else 0


class Watch:
    """The sandboxes that count for the running test."""

    def __init__(self) -> None:
        self._watched: list[Watched] = []

    def __iter__(self) -> Iterator[Watched]:
        return iter([each for each in self._watched if not each.is_lost])

    def add(self, sandbox: SandboxHandle) -> SandboxHandle:
        """Watch a sandbox from now on. Of many closed ones, as Hypothesis makes them, a few are kept."""
        self._watched.append(Watched(sandbox))
        self._watched = [each for each in self._watched if not each.is_lost]
        closed = [each for each in self._watched if each.is_closed]
        broken = [each for each in closed if each.sandbox.handler_errors or len(each.sandbox.violations)]
        sound = [each for each in closed if each not in broken]
        for each in (*sound[:-MOST_CLOSED], *broken[MOST_BROKEN:]):
            self._watched.remove(each)
        return sandbox

    def settle(self) -> None:
        """The test is over: closed sandboxes are forgotten, and what the others did counts no more."""
        self._watched = [each for each in self._watched if not each.is_closed]
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
