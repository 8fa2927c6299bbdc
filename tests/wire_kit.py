"""What the wire's tests share: small raw ASGI applications, and a socket that says what it read."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

from mockserver.wire import ThreadServer

STACKS = [("httptools", "uvloop"), ("h11", "asyncio")]
ALL_STACKS = [(http, loop) for http in ("httptools", "h11") for loop in ("uvloop", "asyncio")]
PATIENCE = 60.0  # seconds after which a test that waits for the server is wrong


class Echo:
    """Answers with what it was sent; `seen` holds (method, path, headers) of every request that reached it."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, list[tuple[bytes, bytes]]]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        self.seen.append((scope["method"], scope["path"], scope["headers"]))
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            more = message["more_body"]
        await answer(send, b"%s %d" % (scope["path"].encode(), len(body)))


async def answer(send: Any, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextlib.contextmanager
def dial(server: ThreadServer) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as sock:
        yield sock


def read_to_end(sock: socket.socket) -> bytes:
    """Everything until the server closes, by FIN or RST."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while piece := sock.recv(65536):
            got += piece
    return got


def read_until(sock: socket.socket, end: bytes) -> bytes:
    """Everything until these bytes came; head and body of an answer may come in two pieces."""
    got = b""
    while not got.endswith(end) and (piece := sock.recv(65536)):
        got += piece
    return got


def ask(server: ThreadServer, *pieces: bytes) -> bytes:
    """Send the pieces on one connection and read until the server closes it."""
    with dial(server) as sock:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                sock.sendall(piece)
        return read_to_end(sock)


def status_of(answer: bytes) -> int:
    """The status of the first answer, 0 when there was none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
