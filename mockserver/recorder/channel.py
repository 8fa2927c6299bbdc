"""A connection to an upstream, with TLS or without: bytes in, bytes out, and whether its end was said to be the end.

The socket is read and written here, and TLS is done over memory, for what transports of asyncio lose: what has arrived
once nothing can be sent any more (an upstream that answers before it has read all and closes), and whether a connection
ended with TLS's own end (close_notify). Knows no HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from typing import Any

BUFFER = 64 * 1024


class Channel:
    """Bytes to an upstream and from it; `is_cut` once TLS ended without close_notify: more may have been to come."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        self._is_sending = False
        self.is_cut = False

    @classmethod
    async def connect(cls, host: str, port: int) -> Channel:
        """A connection to the first of a name's addresses that takes one. Raises OSError: that of the last."""
        addresses = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for address in addresses[:-1]:
            with contextlib.suppress(OSError):
                return cls(await _connected(*address))
        return cls(await _connected(*addresses[-1]))

    async def secure(self, trust: ssl.SSLContext, host: str) -> None:
        """Begin TLS, with the certificate verified. Raises OSError."""
        self._tls = trust.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        while True:
            try:
                self._tls.do_handshake()
                await self._flush()
                return
            except ssl.SSLWantReadError:
                await self._flush()
                if not await self._fill():
                    raise ConnectionResetError("the connection ended within the handshake of TLS") from None
            except ssl.SSLError:
                with contextlib.suppress(OSError):
                    await self._flush()  # the alert that tells the upstream why
                raise

    async def read(self) -> bytes:
        """What came; nothing at the end. Raises OSError."""
        if self._tls is None:
            return await self._loop.sock_recv(self._sock, BUFFER)
        while True:
            try:
                return self._tls.read(BUFFER)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLWantReadError:
                with contextlib.suppress(OSError):  # what cannot be sent is no reason not to read
                    await self._flush()
                if not await self._fill():
                    self.is_cut = True
                    return b""

    async def write(self, data: bytes) -> None:
        """Send all of it. Raises OSError; what has arrived can still be read."""
        if self._tls is None:
            await self._loop.sock_sendall(self._sock, data)
            return
        left = memoryview(data)
        while left:
            left = left[self._tls.write(left) :]
        await self._flush()

    def close(self) -> None:
        """Be done with it, at once; nobody may be reading or writing."""
        self._sock.close()

    async def _fill(self) -> bool:
        data = await self._loop.sock_recv(self._sock, BUFFER)
        self._incoming.write(data)
        return bool(data)

    async def _flush(self) -> None:
        if self._is_sending:
            return  # who sends sends this too: a reader must not wait for an upstream that reads nothing
        self._is_sending = True
        try:
            while self._outgoing.pending:
                await self._loop.sock_sendall(self._sock, self._outgoing.read())
        finally:
            self._is_sending = False


async def _connected(family: int, kind: int, protocol: int, _: str, address: tuple[Any, ...]) -> socket.socket:
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock
