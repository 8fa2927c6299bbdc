"""`Wire`: one connection, held by its transport, for those who want to break it.

It stands in the state of a scope, under WIRE. Read the request body before you break anything: closing a connection
that holds unread bytes turns a FIN into an RST. Knows bytes and connections, not requests, answers or faults.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterable
from typing import Protocol

LINGER_NOT = struct.pack("ii", 1, 0)
KERNEL_SECONDS = 0.02  # what the kernel may need to send what it was given; an RST would throw it away


class Holder(Protocol):
    """The protocol object of the connection, as far as a Wire needs it."""

    @property
    def has_begun(self) -> bool: ...
    def give_wire(self) -> None: ...
    def answer(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool: ...
    def unread(self) -> tuple[bytes, bool]: ...
    async def room(self) -> None: ...


class Wire:
    """The transport of one connection. All methods may be called on a connection that is gone: they do nothing then.

    `take`, `reset`, `close` and `cut` take the wire: the HTTP server sends nothing more on this
    connection, further input is thrown away, `receive()` gives `http.disconnect`, and the application may return
    without having answered; the connection ends when the task that took it ends. `write` alone does not take it: the
    bytes go before, between or after those of the HTTP server (early hints, a second answer).
    """

    __slots__ = ("_closed", "_ended", "_holder", "_transport", "answer", "is_adopted", "requests", "unread")

    def __init__(self, holder: Holder, transport: asyncio.Transport) -> None:
        self._holder = holder
        self._transport = transport
        self._closed = asyncio.Event()
        self._ended = asyncio.Event()
        self.requests = 0  # counted by those who break one of several
        self.is_adopted = False  # whether the client takes this server for another host
        self.answer = holder.answer
        """`answer(status, headers, body)` sends a whole answer at once; False, and nothing sent, where it cannot."""
        self.unread = holder.unread
        """`unread()` gives what came of a body that was not received when `receive()` gave `http.disconnect`, and
        whether that is the end of it. It gives it once.
        """

    @property
    def is_tls(self) -> bool:
        return self._transport.get_extra_info("sslcontext") is not None

    @property
    def is_gone(self) -> bool:
        """Whether the connection is closed, by either side, or about to be."""
        return self._closed.is_set() or self._transport.is_closing()

    @property
    def has_begun(self) -> bool:
        """Whether something of an answer was sent."""
        return self._holder.has_begun

    def take(self) -> None:
        """Keep the HTTP server from sending anything more; call it in the task that serves the request."""
        self._holder.give_wire()

    def write(self, data: bytes) -> None:
        """Send these bytes as they are (encrypted, over TLS)."""
        if not self.is_gone:
            self._transport.write(data)

    def reset(self) -> None:
        """End the connection by RST. What was not sent yet is lost: `await settle()` before, where it must arrive."""
        self.take()
        sock = self._transport.get_extra_info("socket")
        if sock is not None and not self._closed.is_set():
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self._transport.abort()

    def close(self) -> None:
        """End the connection by FIN after what was written is sent; over TLS with a close_notify before it."""
        self.take()
        if not self.is_gone:
            self._transport.close()

    def cut(self) -> None:
        """End the connection by FIN at once, over TLS without close_notify. What was not sent yet is lost."""
        self.take()
        self._transport.abort()

    def pause(self) -> None:
        """Stop reading from the client, so that its sends fill up and stall. Nor is its leaving noticed."""
        if not self.is_gone:
            self._transport.pause_reading()

    async def room(self) -> None:
        """Return when the client has taken enough of what was written that more may be, or is gone."""
        if not self.is_gone:
            await self._holder.room()

    async def settle(self) -> None:
        """Return when what was written has very likely left, so that an RST after it does not take it along."""
        while not self.is_gone and self._transport.get_write_buffer_size():  # noqa: ASYNC110
            # No event tells that a buffer is empty: the transport's own comes at a low-water mark.
            await asyncio.sleep(KERNEL_SECONDS)
        await asyncio.sleep(KERNEL_SECONDS)

    async def gone(self) -> None:
        """Return when the connection is closed, by either side, or the client sends no more.

        A client that left and one that only has said all that it had to say look alike until something is written to
        them. Who has nothing to write takes both for gone, and closes; who has an answer writes it.
        """
        await self._ended.wait()

    async def closed(self) -> None:
        """Return when the connection is closed, by either side."""
        await self._closed.wait()

    def ended(self) -> None:
        """Called by the protocol object when the client sends no more."""
        self._ended.set()

    def lost(self) -> None:
        """Called by the protocol object when the connection is closed."""
        self._closed.set()
        self._ended.set()
