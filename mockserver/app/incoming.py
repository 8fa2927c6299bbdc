"""The body of a request as it arrives over ASGI. Knows neither contracts nor media types."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol

from mockserver.errors import RequestError
from mockserver.operations import Breach
from mockserver.validation import Decoder, coding_of

Receive = Callable[[], Awaitable[Any]]
JSON_BYTES = 1 << 20
DRAIN_BYTES = DECODED_BYTES = 128 << 20
DRAIN_SECONDS = 5.0


class ClientLeft(Exception):
    """The client went away before its request was complete."""


class UnreadBytes(Protocol):
    """The connection, which may have more of a body than was received when its client left."""

    def unread(self) -> tuple[bytes, bool]: ...


class Incoming:
    """The body of one request, read at most once, without its content coding; `size` is that of what was read.

    `text` is the whole of it, where it was read at one go. `coding` is None where nobody understands it.
    """

    __slots__ = (
        "_broken", "_decoder", "_early", "_ended", "_heard", "_most", "_peeked", "_receive", "_wire", "coding", "done",
        "size", "text",
    )  # fmt: skip

    def __init__(self, receive: Receive, headers: Mapping[bytes, bytes], wire: UnreadBytes | None = None) -> None:
        self._peeked: bytes | None = None
        self._receive, self._wire = receive, wire
        self.done = b"transfer-encoding" not in headers and headers.get(b"content-length", b"0") == b"0"
        self.size = 0
        self.text = b""
        self.coding = coding_of(headers[b"content-encoding"]) if b"content-encoding" in headers else ""
        self._decoder = Decoder(self.coding) if self.coding else None
        self._broken: RequestError | Breach | ClientLeft | None = None  # why it can be read no further
        self._heard: Callable[[bytes], object] | None = None
        self._ended: Callable[[], object] | None = None
        self._early: list[bytes] = []
        self._most: int | None = None

    def break_off(self, most: int) -> None:
        """Read no more than so many bytes: then it is as if the client had left."""
        self._most = most

    @property
    def has_left(self) -> bool:
        """Whether the client went away while it was read."""
        return isinstance(self._broken, ClientLeft)

    def tell(self, heard: Callable[[bytes], object], ended: Callable[[], object]) -> None:
        """Tell of every byte that was sent, content coding and all, and of the end; of what arrived already at once."""
        self._heard, self._ended = heard, ended
        for chunk in self._early:
            heard(chunk)
        if self._early:
            ended()  # somebody has read all of it
        self._early.clear()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises ClientLeft; for a broken coding or a bomb, RequestError or Refused."""
        if self._broken is not None:
            raise self._broken
        if self._peeked is not None:
            peeked, self._peeked, self.done = self._peeked, None, True
            self.size += len(peeked)
            yield peeked
        async for chunk in self._decoded(self._decoder) if self._decoder is not None else self._sent():
            self.size += len(chunk)
            yield chunk

    async def _sent(self) -> AsyncIterator[bytes]:
        """The bytes as they were sent."""
        while not self.done:
            message = await self._receive()
            has_left, chunk = False, message.get("body", b"")
            if message["type"] != "http.request":
                has_left, chunk = self._unread()
            self.done = has_left or not message.get("more_body")
            if self._most is not None:
                chunk = chunk[: self._most]
                self._most -= len(chunk)
            if chunk and self._heard is not None:
                self._heard(chunk)
            if self.done and not has_left and self._ended is not None:
                self._ended()
            if chunk:
                yield chunk
            if has_left or self._most == 0:
                self.done, self._broken = True, ClientLeft()
                raise ClientLeft

    def _unread(self) -> tuple[bool, bytes]:
        """Whether the client left before its body was there in full, and what of it was; a wire alone knows."""
        chunk, is_whole = (b"", False) if self._wire is None else self._wire.unread()
        return not is_whole, chunk

    async def _decoded(self, decoder: Decoder) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._sent():
                for count, piece in enumerate(decoder.feed(chunk)):
                    if count:
                        await asyncio.sleep(0)  # a few bytes may unfold to many: others want to be answered meanwhile
                    if self.size + len(piece) > DECODED_BYTES:
                        raise Breach("too_large", f"the body unfolds to more than {DECODED_BYTES} bytes")
                    yield piece
            decoder.finish()
        except (RequestError, Breach) as error:
            self._broken = error
            raise

    async def all(self, most: int) -> bytes:
        """The whole body. Raises Refused `too_large` past `most` bytes, and as `chunks` does."""
        if self._broken is not None:
            raise self._broken
        if self.done:
            return b""
        parts = []
        async for chunk in self.chunks():
            parts.append(chunk)
            if self.size > most:
                self._broken = Breach("too_large", f"the body is larger than {most} bytes")
                raise self._broken
        self.text = parts[0] if len(parts) == 1 else b"".join(parts)
        return self.text

    async def peek(self) -> Incoming:
        """The same body to read beforehand; this one stays to be read. Raises Refused and ClientLeft like `all`."""
        listener, self._heard = self._heard, self._heard or self._early.append
        try:
            data = b"" if self.done else await self.all(JSON_BYTES)
        finally:
            self._heard = listener
        copy = Incoming(self._receive, {}, self._wire)
        if data:
            self._peeked, copy._peeked, self.size = data, data, 0
            self.done = copy.done = False
        return copy

    async def disconnected(self) -> None:
        """Return when the client disconnected; what it still sends is thrown away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def drain(self) -> None:
        """Read the rest and throw it away, or the client loses the answer to a reset."""
        if self._peeked is not None:
            self.size, self.done, self._peeked = len(self._peeked), True, None
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                async for chunk in self._sent():
                    self.size += len(chunk)
                    if self.size > DRAIN_BYTES:
                        return
        except (TimeoutError, ClientLeft):
            return


class Whole(Incoming):
    """A body that is at hand. Its `text` is told once its turn has come."""

    __slots__ = ()
    done, coding, _peeked, _decoder, _broken = True, "", None, None, None

    def __init__(self, body: bytes) -> None:
        self.size, self.text = len(body), b""
