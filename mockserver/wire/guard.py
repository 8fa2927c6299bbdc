"""`GuardedProtocol`: between the transport and one of uvicorn's HTTP protocols; it lets lawful requests through.

Only lawful bytes of one request at a time reach the protocol beneath: heads and chunk framing are judged here, so that
both protocols refuse alike and neither sees a request before the one ahead of it is answered. Knows no fault, no API.
"""

from __future__ import annotations

import re
from typing import Any

from mockserver.wire.chunks import Chunks, Malformed
from mockserver.wire.connection import NOT_ASKED, Connection, ConnectionMode
from mockserver.wire.head import CHUNKED, END, plain_head
from mockserver.wire.origin import judge_part, judge_whole, trimmed
from mockserver.wire.refusal import Refusal

HELD_BYTES = 64 * 1024  # of requests behind one that is being answered
TRAILER_BYTES = 8 * 1024
LAWFUL_BYTES = 2 * 1024  # of a head that is remembered: the next request often has the same, and it is lawful again

_EMPTY_LINES = re.compile(rb"(?:\r\n)*+").match


def as_last(answer: bytes) -> bytes:
    """A whole answer that says that its connection is closed after it."""
    line, _, rest = answer.partition(b"\r\n")
    return b"%b\r\nconnection: close\r\n%b" % (line, rest)


class GuardedProtocol(Connection):
    """A connection that reads requests. Mixed in before H11Protocol or HttpToolsProtocol."""

    # --- what comes in

    def data_received(self, data: bytes) -> None:
        if self._pending:
            self.flush()
        is_alike = len(data) == self._alike and data.startswith(self._lawful)
        if is_alike and self._ready and self._prompt(data, len(self._lawful)):
            return
        if self._ready and (head := plain_head(data)) is not None:
            end = head.end()
            left = int(head[head.lastindex] if head.lastindex else 0) - len(data) + end
            if left >= 0 and end <= self.limits.header_bytes:  # the hot path: no second request behind this one
                if not left and self._prompt(data, end):
                    if end <= LAWFUL_BYTES:
                        self._lawful, self._alike = data[:end], len(data)
                    return
                self._ready = False
                self._left = left
                self.due = self._wheel.turn + self._body_turns if left else 0
                super().data_received(trimmed(data, end))
                return
        while data:
            data = self._take_in(data)

    def _prompt(self, request: bytes, end: int) -> bool:
        """Answer without the protocol beneath, where the application can. The head ends at `end`."""
        if self._at_once is None or self.flow.write_paused:
            return False
        whole = self._at_once(request, end, self._peer, self._later)
        if whole is None:
            return False
        self.server_state.total_requests += 1  # type: ignore[attr-defined]
        if not whole:
            self._waits, self._ready, self.due = True, False, 0
            self._asked = request, end
            return True
        self._pending = whole
        self._batch.add(self)
        self.due = self._wheel.turn + self._idle_turns
        return True

    def _later(self, whole: bytes | None) -> None:
        """Send an answer that had to be waited for, then take in what came meanwhile. None: go the long way."""
        self._waits, (request, end), self._asked = False, self._asked, NOT_ASKED
        if self.mode is not ConnectionMode.OPEN or self.transport.is_closing():
            return
        if whole is None:
            self._go_long_way(request, end)
            return
        if not whole:
            self.transport.abort()
            return
        self._pending = as_last(whole) if self._is_last else whole
        self._batch.add(self)
        self._rest()
        if self._is_last:
            self.shutdown()
            return
        self.flow.resume_reading()
        self._take_held()

    def _go_long_way(self, request: bytes, end: int) -> None:
        """Let the protocol beneath have a request that was to be answered without it."""
        self.server_state.total_requests -= 1  # type: ignore[attr-defined]
        super().data_received(trimmed(request, end))
        if self._is_last and self._in_cycle():
            self._close_after()
        if self._has_ended:
            self._finish()
        else:
            self.flow.resume_reading()

    def eof_received(self) -> Any:
        is_whole = not self._left and self._chunks is None
        if self.mode is ConnectionMode.OPEN and self._busy() and is_whole and self.transport.can_write_eof():
            self._has_ended = True
            self.wire.ended()
            self._finish()
            return True  # stay open for the answer; TLS ends both directions at once
        self.flush()
        self.due = self.due or self._wheel.turn + self._body_turns  # for what is written to be taken
        return None

    def _take_in(self, data: bytes) -> bytes:
        if self.mode is not ConnectionMode.OPEN:
            return self._throw_away(data)
        if self._left:
            return self._counted(data)
        if self._chunks is not None:
            return self._chunked(data, self._chunks)
        if self._busy():
            self._held += data
            if len(self._held) > HELD_BYTES:  # not before: that the client disconnects is seen by reading alone
                self.flow.pause_reading()
            return b""
        return self._heading(data)

    def _heading(self, data: bytes) -> bytes:
        part, since = self._part, len(self._part)
        part += data
        if part.startswith(b"\r"):  # empty lines before a request are lawful
            del part[: _EMPTY_LINES(part).end()]  # type: ignore[union-attr]
            since = 0
        self._ready = not part and not self._is_last
        end = part.find(END, max(since - 3, 0))
        size = len(part) if end < 0 else end + len(END)
        if size > self.limits.header_bytes:
            self.refuse(Refusal(431, f"The head of the request exceeds {self.limits.header_bytes} bytes."))
            return b""
        if end < 0:
            self._wait_for_head(since)
            return b""
        judged = self._judged(bytes(part[:size]))
        if isinstance(judged, Refusal):
            self.refuse(judged)
            return b""
        rest = bytes(part[size:])
        part.clear()
        self._begin(*judged)
        return rest

    def _judged(self, head: bytes) -> tuple[bytes, int] | Refusal:
        return judge_whole(head, is_secure=self.wire.is_tls)

    def _wait_for_head(self, since: int) -> None:
        if not self._part or self._part == b"\r":
            return
        if not since:
            self.due = self._wheel.turn + self._wheel.turns(self.limits.head_seconds)
        if refusal := judge_part(self._part, since):
            self.refuse(refusal)

    def _begin(self, head: bytes, length: int) -> None:
        self.due = self._wheel.turn + self._body_turns if length else 0
        if length == CHUNKED:
            self._chunks = Chunks(min(TRAILER_BYTES, self.limits.header_bytes))
        else:
            self._left = length
        super().data_received(head)
        if self._is_last and self._in_cycle():
            self._close_after()

    def _counted(self, data: bytes) -> bytes:
        body = data[: self._left]
        self._left -= len(body)
        self._body(body, over=not self._left)
        return data[len(body) :]

    def _chunked(self, data: bytes, chunks: Chunks) -> bytes:
        try:
            lawful, rest = chunks.feed(data)
        except Malformed as error:
            self.refuse(Refusal(400, str(error)))
            return b""
        if rest is not None:
            self._chunks = None
        self._body(lawful, over=rest is not None)
        return rest or b""

    def _body(self, data: bytes, *, over: bool) -> None:
        self.due = 0 if over else self._wheel.turn + self._body_turns
        if over and not self._busy():
            self._rest()
        if data:
            super().data_received(data)

    def _rest(self) -> None:
        self._ready = True
        self.due = self._wheel.turn + self._idle_turns

    # --- what goes out

    def on_response_complete(self) -> None:
        self._answered()
        if self._has_ended:
            self.due = self._wheel.turn + self._body_turns  # for what is written to be taken
        if self.mode is not ConnectionMode.OPEN or self.transport.is_closing():
            return
        if self._left or self._chunks is not None:
            self.due = self._wheel.turn + self._body_turns
            return
        self._rest()
        self._take_held()

    def _take_held(self) -> None:
        """Go on with what came while a request was being answered."""
        held, self._held = bytes(self._held), bytearray()
        if held:
            self.data_received(held)
        if self._has_ended:
            self._finish()

    def _answered(self) -> None:
        super().on_response_complete()  # type: ignore[misc]
