"""Sending bytes of any length: one chunk at a time, no faster than the client takes them, until it disconnects.

Every loop that sends an answer is this one. Knows neither sockets nor HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mockserver.faults.base import FaultConnection

WriteBytes = Callable[[bytes], Awaitable[None]]
ByteStream = Iterable[bytes] | AsyncIterable[bytes]


class Presence(Protocol):
    """Whether the client is still connected."""

    @property
    def is_gone(self) -> bool: ...


async def stream(client: Presence, chunks: ByteStream, write: WriteBytes, interval: float = 0.0) -> None:
    """Hand the chunks to `write`, one at a time, until the client disconnects; no chunk is made after that.

    Between two chunks pass `interval` seconds, and in any case a turn of the loop: a client that reads fast never makes
    `write` wait, so that nobody else would be served, and nobody would notice that it disconnected.
    """
    n = 0
    async for chunk in each_of(chunks):
        if n:
            await asyncio.sleep(interval)
        if client.is_gone:
            return
        await write(chunk)
        n += 1


async def each_of(chunks: ByteStream) -> AsyncIterator[bytes]:
    """The chunks one by one, also those that have to be waited for."""
    if isinstance(chunks, AsyncIterable):
        async for chunk in chunks:
            yield chunk
    else:
        for chunk in chunks:
            yield chunk


async def pour(connection: FaultConnection, chunks: ByteStream, interval: float = 0.0) -> None:
    """Write chunks to the wire itself, as fast as the client takes them."""

    async def write(chunk: bytes) -> None:
        await connection.room()
        connection.write(chunk)

    await stream(connection, chunks, write, interval)
