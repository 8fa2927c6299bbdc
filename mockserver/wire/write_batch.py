"""`Tray`: answers that are ready, carried out together. Knows no protocol and no HTTP.

Each write wakes the client's process, and the server pays for it: where many connections ask at the same moment, a
third of an answer's cost. So what is ready in one turn of the loop goes out at its end, or as soon as a few are.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

FULL = 8


class Owing(Protocol):
    """Who has an answer to write."""

    def pay(self) -> None:
        """Write it, unless that was done meanwhile."""


class Tray:
    """One server's; `put` is called in its loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._owing: list[Owing] = []
        self._is_called = False

    def put(self, owing: Owing) -> None:
        """See to it that this one pays before the loop waits again."""
        self._owing.append(owing)
        if len(self._owing) == FULL:
            self._carry()
        elif not self._is_called:
            self._is_called = True
            self._loop.call_soon(self._carry)

    def _carry(self) -> None:
        self._is_called = False  # where the tray was full, a call comes yet: it carries out what was put since
        owing, self._owing = self._owing, []
        for each in owing:
            each.pay()
