"""A blind tunnel between a client and a host that is let through. Knows bytes alone."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress

from mockserver.bounds import PROXY_BUFFER

CONNECT_SECONDS = 30.0
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def dialed(host: str, port: int, tls: ssl.SSLContext | None = None) -> Pair:
    """A connection to a host. Raises OSError."""
    async with asyncio.timeout(CONNECT_SECONDS):
        return await asyncio.open_connection(host, port, ssl=tls, limit=PROXY_BUFFER)


async def accepted(sock: socket.socket) -> Pair:
    """The same of a socket that a client opened."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=PROXY_BUFFER, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, sock)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def join(one: Pair, other: Pair) -> None:
    """Carry bytes both ways until both have ended; what breaks one end breaks the other."""
    for _, writer in (one, other):
        writer.transport.set_write_buffer_limits(PROXY_BUFFER)
    try:
        async with asyncio.TaskGroup() as ways:
            ways.create_task(_carry(one[0], other[1]))
            ways.create_task(_carry(other[0], one[1]))
    except* OSError:
        pass
    finally:
        for _, writer in (one, other):
            writer.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(PROXY_BUFFER):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    else:
        with suppress(OSError):
            writer.close()
