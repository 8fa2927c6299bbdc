"""What three real HTTP clients raise when an application breaks its connection through the Wire."""

from __future__ import annotations

import asyncio
import gc
import ssl
import warnings
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import httpx
import pytest
import requests
from wire_kit import ALL_STACKS, PATIENCE, answer

from mockserver.mounting import WIRE
from mockserver.wire import ThreadServer, Wire, self_signed, serve_in_thread

LONG = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
OPEN_END = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"
Fault = Callable[[Wire, Any], Awaitable[None]]


def raw(*, end: str, head: bytes = b"") -> Fault:
    """Write these bytes instead of an answer, then end the connection."""

    async def fault(wire: Wire, send: Any) -> None:
        wire.take()
        wire.write(head)
        if end == "reset" and head:
            await wire.settle()
        getattr(wire, end)()

    return fault


async def begun_then_reset(wire: Wire, send: Any) -> None:
    """The HTTP server begins the answer itself."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
    await send({"type": "http.response.body", "body": b"abc", "more_body": True})
    await wire.settle()
    wire.reset()


async def early_hints(wire: Wire, send: Any) -> None:
    wire.write(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
    await answer(send, b"fine")


async def slow_close(wire: Wire, send: Any) -> None:
    await answer(send, b"fine")
    wire.close()


async def sudden(wire: Wire, send: Any) -> None:
    wire.cut()


FAULTS: dict[str, Fault] = {
    "reset_before_headers": raw(end="reset"),
    "close_before_headers": raw(end="close"),
    "cut_before_headers": sudden,
    "reset_mid_body": raw(end="reset", head=LONG + b"abc"),
    "begun_then_reset": begun_then_reset,
    "close_mid_body": raw(end="close", head=LONG + b"abc"),
    "close_mid_chunks": raw(end="close", head=CHUNKED + b"3\r\nabc\r\n"),
    "close_delimited": raw(end="close", head=OPEN_END + b"abc"),
    "garbage": raw(end="close", head=b"\x00\xff not HTTP at all\r\n\r\n"),
    "bad_chunk": raw(end="close", head=CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n"),
    "two_lengths": raw(end="close", head=LONG[:-2] + b"content-length: 3\r\n\r\nabc"),
    "close_inside_headers": raw(end="close", head=LONG[:30]),
    "early_hints": early_hints,
    "close_after_answer": slow_close,
}
# What the clients raise, in the order httpx, requests, aiohttp; a number is a status and no error.
SEEN: dict[str, tuple[object, object, object]] = {
    "reset_before_headers": ("ReadError", "ConnectionError", "ClientOSError"),
    "close_before_headers": ("RemoteProtocolError", "ConnectionError", "ServerDisconnectedError"),
    "cut_before_headers": ("RemoteProtocolError", "ConnectionError", "ServerDisconnectedError"),
    "reset_mid_body": ("ReadError", "ChunkedEncodingError", "ClientPayloadError"),
    "begun_then_reset": ("ReadError", "ChunkedEncodingError", "ClientPayloadError"),
    "close_mid_body": ("RemoteProtocolError", "ChunkedEncodingError", "ClientPayloadError"),
    "close_mid_chunks": ("RemoteProtocolError", "ChunkedEncodingError", "ClientPayloadError"),
    "close_delimited": (200, 200, 200),
    "garbage": ("RemoteProtocolError", "ConnectionError", "ClientResponseError"),
    "bad_chunk": ("RemoteProtocolError", "ChunkedEncodingError", "ClientResponseError"),
    "two_lengths": ("RemoteProtocolError", "InvalidHeader", "ClientResponseError"),
    "close_inside_headers": ("RemoteProtocolError", 200, "ServerDisconnectedError"),
    "early_hints": (200, 103, 200),
    "close_after_answer": (200, 200, 200),
}


async def breaking(scope: dict[str, Any], receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    while (await receive()).get("more_body"):
        pass
    await FAULTS[scope["path"][1:]](scope["state"][WIRE], send)


def with_httpx(url: str, trust: ssl.SSLContext) -> object:
    try:
        with httpx.Client(timeout=PATIENCE, verify=trust, trust_env=False) as client:
            return client.post(url, content=b"x").status_code
    except httpx.TransportError as error:
        return type(error).__name__


class _Trusting(requests.adapters.HTTPAdapter):
    def __init__(self, trust: ssl.SSLContext) -> None:
        self._trust = trust
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._trust, **kwargs)


def with_requests(url: str, trust: ssl.SSLContext) -> object:
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.mount("https://", _Trusting(trust))
            return session.post(url, data=b"x", timeout=PATIENCE).status_code
    except requests.RequestException as error:
        return type(error).__name__


def with_aiohttp(url: str, trust: ssl.SSLContext) -> object:
    async def ask_it() -> int:
        limit = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=limit) as session, session.post(url, data=b"x", ssl=trust) as got:
            await got.read()
            return got.status

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # its own sockets, which aiohttp leaves to the collector
        try:
            return asyncio.run(ask_it())
        except aiohttp.ClientError as error:
            return type(error).__name__
        finally:
            gc.collect()


pytestmark = pytest.mark.usefixtures("new_garbage")
WAYS = [*((*stack, False) for stack in ALL_STACKS), ("httptools", "uvloop", True), ("h11", "asyncio", True)]
CLIENTS = {"httpx": with_httpx, "requests": with_requests, "aiohttp": with_aiohttp}


@pytest.fixture(scope="module", params=WAYS, ids=str)
def server(request: pytest.FixtureRequest) -> Iterator[ThreadServer]:
    http, loop, tls = request.param
    certificate = self_signed(["127.0.0.1"]) if tls else None
    with serve_in_thread(breaking, http=http, loop=loop, tls=certificate) as running:
        yield running


@pytest.fixture(scope="module")
def trust(server: ThreadServer) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if server.tls:
        context.load_verify_locations(cadata=server.tls.ca_pem.decode())
    return context


def over_tls(fault: str, client: str, expected: object) -> set[object]:
    """TLS stands between the socket and the client: an RST or a bare FIN arrives as an error of its own."""
    if fault.startswith(("reset", "begun", "cut")):
        names = {"httpx": {"ReadError", "RemoteProtocolError"}, "requests": {"ConnectionError"}}
        return {expected} | names.get(client, {"ClientOSError", "ServerDisconnectedError"})
    return {expected}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_connection_looks_as_it_does_in_the_field(
    server: ThreadServer, trust: ssl.SSLContext, fault: str, client: str, caplog: pytest.LogCaptureFixture
) -> None:
    expected = SEEN[fault][list(CLIENTS).index(client)]
    got = CLIENTS[client](f"{server.url}/{fault}", trust)
    assert got in (over_tls(fault, client, expected) if server.tls else {expected})
    assert not [record for record in caplog.records if not record.name.startswith("urllib3")]
