"""A connection to an upstream, with TLS or without: bytes in, bytes out, and whether its end was said to be the end.

TLS is done here, over memory: the transport of asyncio drops what it has not handed on yet when a connection ends
without TLS's own end (close_notify), and then takes both ends for the same. Knows no HTTP.
"""

from __future__ import annotations

import asyncio
import ssl

BUFFER = 64 * 1024


class Channel:
    """Bytes to an upstream and from it; `is_cut` once TLS ended without close_notify: more may have been to come."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        self.is_cut = False

    async def secure(self, trust: ssl.SSLContext, host: str) -> None:
        """Begin TLS, with the certificate verified. Raises OSError."""
        self._tls = trust.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        while True:
            try:
                self._tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                self._flush()
                if not await self._fill():
                    raise ConnectionResetError("the connection ended within the handshake of TLS") from None
            finally:
                self._flush()

    async def read(self) -> bytes:
        """What came; nothing at the end. Raises OSError."""
        if self._tls is None:
            return await self._reader.read(BUFFER)
        while True:
            try:
                return self._tls.read(BUFFER)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLWantReadError:
                self._flush()
                if not await self._fill():
                    self.is_cut = True
                    return b""

    async def write(self, data: bytes) -> None:
        """Send all of it. Raises OSError."""
        if self._tls is None:
            self._writer.write(data)
        else:
            left = memoryview(data)
            while left:
                left = left[self._tls.write(left) :]
            self._flush()
        await self._writer.drain()

    def close(self) -> None:
        """Be done with it, at once."""
        self._writer.transport.abort()

    async def _fill(self) -> bool:
        data = await self._reader.read(BUFFER)
        self._incoming.write(data)
        return bool(data)

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._writer.write(self._outgoing.read())
