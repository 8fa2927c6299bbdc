"""One reader of a stream of server-sent events, from its first byte to its last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

from mockserver.control.watching.event_log import PIECE, EventLog

RETRY = b"retry: 1000\n\n"
BEAT = b":\n\n"
UNKNOWN = "the events behind that id are kept no more, or are those of another stream"
TOO_SLOW = "events came faster than they were read"


class EventSource(Protocol):
    """Who tells: what is true at the beginning, and how many read."""

    log: EventLog
    readers: int

    async def start(self) -> dict[str, Any]: ...


class EventStream:
    """What one client reads. `close` it when it is over, and it counts no more."""

    media_type = "text/event-stream"

    def __init__(self, source: EventSource, last_id: str | None) -> None:
        self._source, self._last_id = source, last_id
        self._is_open = True
        source.readers += 1

    def close(self) -> None:
        """It is read no more."""
        if self._is_open:
            self._is_open = False
            self._source.readers -= 1

    async def pieces(self) -> AsyncIterator[bytes]:
        """Its bytes as they come. Nothing is made before what came before was taken."""
        log, known = self._source.log, None if self._last_id is None else self._source.log.position(self._last_id)
        n, beats = log.newest if known is None else known, log.beats
        yield RETRY + log.written("start", {**await self._source.start(), "resumed": known is not None}, n)
        if self._last_id is not None and known is None:
            yield log.written("resync", {"why": UNKNOWN}, n)
        while True:
            found = log.after(n)
            if found is None:
                n = log.newest
                yield log.written("resync", {"why": TOO_SLOW}, n)
            elif found[0]:
                n = found[1]
                for start in range(0, len(found[0]), PIECE):  # what waits to be sent is copied for each reader
                    yield found[0][start : start + PIECE]
            elif log.is_over:
                return
            elif beats != log.beats:
                yield BEAT
            else:
                await log.change()
                continue
            beats = log.beats
