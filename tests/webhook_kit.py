"""Receivers on loopback that the tests of webhook delivery send to, and a resolver that says what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from mockserver.webhooks import DeliveryAttempt, deliver

BODY = b'{"jobId": "clx1", "status": "COMPLETED"}'
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Echo: a\r\n\r\nok"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Receiver:
    """A server on a free `port` that keeps what it was sent."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.port = 0

    async def take(self, reader: asyncio.StreamReader) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        self.heads.append(head)
        self.bodies.append(await reader.readexactly(length))


@contextlib.asynccontextmanager
async def receiving(
    handler: Handler, tls: ssl.SSLContext | None = None, *, takes: bool = True
) -> AsyncIterator[Receiver]:
    """Run a receiver, which takes in a request before the handler has its turn, and end all it began."""
    receiver = Receiver()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if takes:
                await receiver.take(reader)
            await handler(reader, writer)
            await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await asyncio.gather(*tasks)
        await server.wait_closed()


def answering(*parts: bytes) -> Handler:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"".join(parts))

    return answer


async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer nothing until the sender hangs up."""
    await reader.read()


async def send(url: str, timeout: float = 30, headers: Any = (), **options: Any) -> DeliveryAttempt:  # noqa: ASYNC109
    return await deliver(url, headers, options.pop("body", BODY), timeout=timeout, **options)


async def attempt_at(handler: Handler, **options: Any) -> DeliveryAttempt:
    async with receiving(handler) as receiver:
        return await send(f"http://127.0.0.1:{receiver.port}/hook", **options)


def resolve(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Let the resolver give each of these answers once, and then none."""
    left = list(answers)

    async def getaddrinfo(loop: object, host: str, port: int, **_: object) -> list[Any]:
        if not left:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(0, 0, 0, "", (address, port)) for address in left.pop(0)]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
