"""The register of everything that waits for a moment of virtual time. Moves no clock; all methods are thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mockserver.virtual_time.loops import Loop

__tracebackhide__ = True


@dataclass(eq=False, slots=True)
class VirtualWait:
    """One thing that waits until `deadline` (the sandbox's time); `wake` may be called from any thread."""

    deadline: float
    wake: Callable[[], object]
    where: str
    thread: int
    loop: Loop | None = None
    is_sleep: bool = True  # else a time-out, which may lie past the limit of virtual time
    is_over: bool = False
    error: BaseException | None = None


class Waits:
    """Waits, the loops they live in, and the client calls that are under way."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.changes = 0
        self.is_stopped = False
        self.loops: dict[object, Loop] = {}
        self._pending: dict[VirtualWait, None] = {}
        self._waking: set[VirtualWait] = set()
        self._calls = 0

    def _note(self) -> None:
        # Whoever moves the clock is woken only when there may be something to do.
        self.changes += 1
        if not self.has_work():
            self.changed.notify_all()

    def add(self, wait: VirtualWait) -> None:
        """Register a wait; after `stop` it is woken at once."""
        with self.changed:
            if not self.is_stopped:
                self._pending[wait] = None
                self._note()
                self.changed.notify_all()
                return
        wait.wake()

    def drop(self, wait: VirtualWait) -> None:
        """Forget a wait: it was woken, cancelled or is not wanted any more."""
        with self.changed:
            wait.is_over = True
            self._pending.pop(wait, None)
            self._waking.discard(wait)
            self._note()

    def wake(self, waits: list[VirtualWait], error: BaseException | None = None) -> None:
        """Wake some waits; sleeps raise `error`, if given. A thread counts as waking until it drops its wait."""
        with self.changed:
            found = [wait for wait in waits if wait in self._pending]
            for wait in found:
                del self._pending[wait]
                wait.error = error
            self._waking |= {wait for wait in found if wait.loop is None}
            self._note()
        for wait in found:
            wait.wake()

    def rouse(self, wait: VirtualWait) -> bool:
        """A blocked thread goes on before its deadline, and counts as waking; False when the deadline came first."""
        with self.changed:
            if wait not in self._pending:
                return False
            del self._pending[wait]
            self._waking.add(wait)
            self._note()
            return True

    def stop(self) -> None:
        """Wake everything that still waits, and everything that comes later."""
        with self.changed:
            self.is_stopped = True
            self.changed.notify_all()
        self.wake(list(self._pending))

    def alive(self) -> list[VirtualWait]:
        """What waits in a living loop or thread, by deadline and then by age."""
        with self.changed:
            waits = list(self._pending)
        found = [wait for wait in waits if wait.loop is None or wait.loop.is_alive()]
        return sorted(found, key=lambda wait: wait.deadline)

    def sleeping_threads(self) -> set[int]:
        """The threads that are blocked in a sleep."""
        with self.changed:
            return {wait.thread for wait in self._pending if wait.loop is None}

    def has_work(self, held: int = 0) -> bool:
        """Whether a client call is open, beside those that wait for the clock, or a woken thread does not run yet."""
        return self._calls > held or bool(self._waking)

    @contextmanager
    def call(self) -> Iterator[None]:
        """A client call is under way: the clock stands."""
        with self.changed:
            self._calls += 1
            self._note()
        try:
            yield
        finally:
            with self.changed:
                self._calls -= 1
                self._note()

    def pause(self, seconds: float, seen: int) -> None:
        """Wait until something has changed since `changes` was `seen`, at most `seconds` of real time."""
        with self.changed:
            if self.changes == seen:
                self.changed.wait(seconds)

    def has_any(self) -> bool:
        """Whether something waits for a moment of virtual time."""
        return bool(self._pending)

    def await_any(self, seconds: float | None = None) -> bool:
        """Block until something waits, or for so many real seconds; False once stopped."""
        with self.changed:
            self.changed.wait_for(lambda: self._pending or self.is_stopped, seconds)
            return not self.is_stopped
