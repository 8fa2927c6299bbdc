"""The newest events of a stream, as the bytes that all its readers are sent. Knows nothing of what they tell.

A reader is a number: that of the last event it was sent. A slow one takes no memory, and is told when it is too late.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import Any

from mockserver.bounds import EVENTS, EVENTS_COUNT
from mockserver.printable import printable_json

PIECE = 64 << 10
"""How many bytes a reader is sent at once, about."""
_ID = re.compile(r"([0-9a-z.-]{1,40})-(\d{1,15})", re.ASCII)


def log_and_number(last_id: str) -> tuple[str, int]:
    """The log's name and the number in an id; no name for what is none."""
    match = _ID.fullmatch(last_id)
    return ("", 0) if match is None else (match[1], int(match[2]))


def event_bytes(log: str, event: str, data: Any, n: int) -> bytes:
    """An event as it is sent; its data are JSON of one line."""
    return f"event: {event}\nid: {log}-{n}\ndata: {printable_json(data)}\n\n".encode()


class EventLog:
    """Events by number, from 1 on; an id is the log's name with it. `beats` counts the signs of life."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.newest = 0
        self.beats = 0
        self.is_over = False
        self._events: deque[bytes] = deque()
        self._bytes = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def add(self, event: str, data: Any) -> None:
        """Tell all readers of an event."""
        self.newest += 1
        line = self.written(event, data, self.newest)
        self._events.append(line)
        self._bytes += len(line)
        while len(self._events) > EVENTS_COUNT or (self._bytes > EVENTS and len(self._events) > 1):
            self._bytes -= len(self._events.popleft())
        self._wake()

    def written(self, event: str, data: Any, n: int) -> bytes:
        """An event of it, as it is sent."""
        return event_bytes(self.name, event, data, n)

    def position(self, last_id: str) -> int | None:
        """The number of the event that a reader had last; None where what came after it is kept no more."""
        name, n = log_and_number(last_id)
        return n if name == self.name and self.newest - len(self._events) <= n <= self.newest else None

    def after(self, n: int) -> tuple[bytes, int] | None:
        """The next events behind one, and the number of the last of them; None where they are kept no more."""
        first = n - self.newest
        if -first > len(self._events):
            return None
        if first < 0 and len(self._events[first]) >= PIECE:
            return self._events[first], n + 1  # the very one: a copy for each reader would be large
        chunk = bytearray()
        while first < 0 and len(chunk) < PIECE and len(self._events[first]) < PIECE:
            chunk += self._events[first]
            first += 1
        return bytes(chunk), self.newest + first

    def beat(self) -> None:
        """Give all readers a sign of life."""
        self.beats += 1
        self._wake()

    def end(self) -> None:
        """Nothing comes any more."""
        self.is_over = True
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if future.get_loop() is asyncio.get_running_loop():
                _done(future)
            else:  # an application without a server of its own may be asked in several
                future.get_loop().call_soon_threadsafe(_done, future)

    async def change(self) -> None:
        """Return when there is something to look at."""
        if self.is_over:
            return
        woken = asyncio.get_running_loop().create_future()
        self._waiting.add(woken)
        try:
            await woken
        finally:
            self._waiting.discard(woken)


def _done(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
