"""What Python's clients open to the proxy is closed again wherever the proxy does not lead on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.proxy.python_client import ANSWER, LedClient, patch_httpcore

REFUSAL = b"HTTP/1.1 502 Bad Gateway\r\n\r\n"


class TimedOut(Exception):
    """As httpcore has it."""


class ConnectError(Exception):
    """As httpcore has it."""


@dataclass
class Stream:
    """One of httpcore: gives these bytes, then breaks, ends or never ends."""

    gives: bytes = b""
    broken: bool = False
    endless: bytes = b""
    closed: list[str] = field(default_factory=list)

    def write(self, _data: bytes, _timeout: Any) -> None:
        pass

    def read(self, size: int, _timeout: Any) -> bytes:
        piece, self.gives = self.gives[:size], self.gives[size:]
        if not piece and self.broken:
            raise TimedOut
        return piece or self.endless

    def close(self) -> None:
        self.closed.append("close")


class AsyncStream:
    """The same for clients that await."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def write(self, data: bytes, timeout: Any) -> None:  # noqa: ASYNC109
        self._stream.write(data, timeout)

    async def read(self, size: int, timeout: Any) -> bytes:  # noqa: ASYNC109
        return self._stream.read(size, timeout)

    async def aclose(self) -> None:
        self._stream.close()


def dialed(stream: Stream, is_async: bool) -> Any:
    """What httpcore gets for a connection to a host, when the connection to the proxy is this stream."""
    way = LedClient({"port": 1, "hosts": []}, "")

    class Sync:
        def connect_tcp(self, _host: Any, _port: Any, _timeout: Any = None) -> Stream:
            return stream

    class Async:
        async def connect_tcp(self, _host: Any, _port: Any, _timeout: Any = None) -> AsyncStream:
            return AsyncStream(stream)

    httpcore = SimpleNamespace(SyncBackend=Sync, AnyIOBackend=Async, ConnectError=ConnectError)
    patch_httpcore(httpcore, way)
    if is_async:
        return asyncio.run(Async().connect_tcp("api.acme.example", 443))
    return Sync().connect_tcp("api.acme.example", 443)


FAILING = {
    "it breaks within the head": (Stream(b"HTTP/1.1 2", broken=True), TimedOut),
    "it breaks within the sentence": (Stream(REFUSAL, broken=True), TimedOut),
    "it ends within the head": (Stream(b"HTTP/1.1 "), ConnectError),
    "it refuses": (Stream(REFUSAL + b"refused"), ConnectError),
    "its head never ends": (Stream(endless=b"a" * 1), ConnectError),
}


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("how", FAILING)
def test_a_stream_is_closed_where_the_proxy_does_not_lead_on(how: str, is_async: bool) -> None:
    given, error = FAILING[how]
    stream = Stream(given.gives, given.broken, given.endless)
    with pytest.raises(error):
        dialed(stream, is_async)
    assert set(stream.closed) == {"close"}


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_stream_that_leads_on_stays_open(is_async: bool) -> None:
    stream = Stream(b"HTTP/1.1 200 OK\r\n\r\nrest")
    assert dialed(stream, is_async) is not None
    assert (stream.closed, stream.gives) == ([], b"rest")
    assert len(stream.gives) < ANSWER
