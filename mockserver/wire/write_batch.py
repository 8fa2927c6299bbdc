"""`WriteBatch`: answers that are ready, written together. Knows no protocol and no HTTP.

Each write wakes the client's process, and the server pays for it: where many connections ask at the same moment, a
third of an answer's cost. So what is ready in one turn of the loop goes out at its end, or as soon as a few are.
A client that asks alone would pay for one more turn and gain nothing: whoever has an answer twice in a row is not kept
waiting.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

FULL = 8


class Pending(Protocol):
    """Who has an answer to write."""

    def flush(self) -> None:
        """Write it, unless that was done meanwhile."""


class WriteBatch:
    """One server's; `add` is called in its loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pending: list[Pending] = []
        self._is_called = False
        self._last = 0  # the id of who was added last; a number, so that no lost connection is held

    def add(self, pending: Pending) -> None:
        """See to it that this one is flushed before the loop waits again."""
        if self._last == id(pending) and not self._pending:
            pending.flush()
            return
        self._last = id(pending)
        self._pending.append(pending)
        if len(self._pending) == FULL:
            self._flush()
        elif not self._is_called:
            self._is_called = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_called = False  # where the batch was full, a call comes yet: it writes what was added since
        pending, self._pending = self._pending, []
        for each in pending:
            each.flush()
