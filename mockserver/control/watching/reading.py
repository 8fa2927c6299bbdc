"""One reader of a stream of server-sent events, from its first byte to its last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Protocol

from mockserver.control.watching.event_log import PIECE, EventLog, event_bytes, log_and_number
from mockserver.errors import StateError
from mockserver.state.watch_port import Told

RETRY = b"retry: 1000\n\n"
BEAT = b":\n\n"
SILENT = 15
"""So often is asked what another process tells, with no answer, before a sign of life is given."""
UNKNOWN = "the events behind that id are kept no more, or are those of another stream"
TOO_SLOW = "events came faster than they were read"


class EventSource(Protocol):
    """Who tells: what is true at the beginning, and how many read."""

    log: EventLog
    readers: int
    last: str

    async def start(self) -> dict[str, Any]: ...
    async def tell(self) -> None: ...
    async def missed(self, log: str, after: int, waits: bool) -> Told | None: ...


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
        name, n = log_and_number(self._last_id or "")
        if (
            name not in ("", self._source.log.name)
            and (missed := await self._source.missed(name, n, False)) is not None
        ):
            async for piece in self._relayed(name, n, missed):
                yield piece
            return
        log, position = self._source.log, None if self._last_id is None else self._source.log.position(self._last_id)
        n, beats = log.newest if position is None else position, log.beats
        yield RETRY + log.written("start", {**await self._source.start(), "resumed": position is not None}, n)
        if self._last_id is not None and position is None:
            yield log.written("resync", {"why": UNKNOWN}, n)
        while True:
            events = log.after(n)
            if events is None:
                n = log.newest
                yield log.written("resync", {"why": TOO_SLOW}, n)
            elif events[0]:
                n = events[1]
                for start in range(0, len(events[0]), PIECE):  # what waits to be sent is copied for each reader
                    yield events[0][start : start + PIECE]
            elif log.is_over:
                return
            elif beats != log.beats:
                yield BEAT
            else:
                await log.change()
                continue
            beats = log.beats

    async def _relayed(self, name: str, n: int, missed: Told | None) -> AsyncIterator[bytes]:
        """What another process tells, to whom the reader had come first. Where that ends, the client comes back."""
        yield RETRY + event_bytes(name, "start", {**await self._source.start(), "resumed": True}, n)
        text, silent = "", 0
        while missed is not None:
            n, silent = missed.n, 0 if missed.text else silent + 1
            if missed.text:
                text = missed.text
                yield text.encode()
            elif self._source.log.is_over:
                break
            elif silent % SILENT == 0:
                yield BEAT
            missed = await self._source.missed(name, n, not self._source.log.is_over)
        if missed is None and not self._source.log.is_over:
            with suppress(StateError):
                await self._source.tell()  # it may have been closed, which is seen here now
        if (last := self._source.last) and f"event: {last}\n" not in text:
            yield event_bytes(name, last, {}, n + 1)
