"""A client that shuts down its sending side after its request, and reads: it is answered, however long that takes.

Until something is written to it, it cannot be told from one that has left: who only waits for a client to leave is told
that it has.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from until_kit import until
from wire_kit import ALL_STACKS, Echo, answer, dial, read_to_end

from mockserver.mounting import WIRE
from mockserver.wire import ThreadServer, self_signed, serve_in_thread
from mockserver.wire.connection_handle import LINGER_NOT

GET = b"GET /one HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"connection: close\r\n"


def half_closed(server: ThreadServer, sent: bytes) -> bytes:
    """All that comes to a client that sends these bytes, and that it sends no more."""
    with dial(server) as sock:
        sock.sendall(sent)
        sock.shutdown(socket.SHUT_WR)
        return read_to_end(sock)


class Late:
    """Answers each request once its client sends no more, and with its body; `told` is what it was told meanwhile."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await scope["state"][WIRE].gone()
        await getattr(self, scope["path"][1:])(scope, receive, send)

    async def one(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await Echo()(scope, receive, send)

    two = one

    async def listening(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """What there is of the request, then that the client has left."""
        self.told += [(await receive())["type"], (await receive())["type"], (await receive())["type"]]

    async def both(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """An answer in pieces, which ends when the client has left."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"piece", "more_body": True})
        await self.listening(scope, receive, send)

    async def leaving(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        scope["state"][WIRE].close()
        await answer(send, b"to nobody")


@pytest.fixture(scope="module", params=ALL_STACKS, ids=str)
def late(request: pytest.FixtureRequest) -> Iterator[tuple[Late, ThreadServer]]:
    http, loop = request.param
    app = Late()
    with serve_in_thread(app, http=http, loop=loop) as server:
        yield app, server


def test_an_answer_that_comes_later_is_sent_and_is_the_last(late: tuple[Late, ThreadServer]) -> None:
    told = half_closed(late[1], GET.replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\nabc"))
    assert (told.startswith(b"HTTP/1.1 200"), told.count(LAST), told.endswith(b"/one 3")) == (True, 1, True), told


def test_all_that_was_asked_is_answered_in_its_order(late: tuple[Late, ThreadServer]) -> None:
    told = half_closed(late[1], GET + GET.replace(b"one", b"two") + GET)
    parts = told.split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert [part.split(b"\r\n\r\n")[1] for part in parts] == [b"/one 0", b"/two 0", b"/one 0"], told
    assert [part.count(LAST) for part in parts] == [0, 0, 1]


@pytest.mark.parametrize(
    "rest", [GET[:9], b"POST /two HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab"], ids=["head", "body"]
)
def test_what_is_not_there_in_full_is_not_answered(late: tuple[Late, ThreadServer], rest: bytes) -> None:
    told = half_closed(late[1], GET + rest)
    assert (told.count(b"HTTP/1.1 "), told.endswith(b"/one 0")) == (1, True), told


def test_who_waits_for_the_client_to_leave_is_told_that_it_has(late: tuple[Late, ThreadServer]) -> None:
    app, server = late
    app.told.clear()
    assert half_closed(server, GET.replace(b"one", b"listening")) == b""
    assert app.told == ["http.request", "http.disconnect", "http.disconnect"]
    app.told.clear()
    assert b"piece" in half_closed(server, GET.replace(b"one", b"both"))
    assert app.told == ["http.request", "http.disconnect", "http.disconnect"]


def test_who_closes_then_sends_nothing(late: tuple[Late, ThreadServer]) -> None:
    assert half_closed(late[1], GET.replace(b"one", b"leaving")) == b""


@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
def test_who_waits_already_is_told_as_well(http: str, loop: str) -> None:
    told: list[str] = []

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        while not told or told[-1] != "http.disconnect":
            told.append((await receive())["type"])

    with serve_in_thread(app, http=http, loop=loop) as server:
        assert half_closed(server, GET) == b""
    assert (told[0], told[-1]) == ("http.request", "http.disconnect")


@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
def test_a_client_that_has_left_is_noticed_by_the_first_that_is_written(http: str, loop: str) -> None:
    ended: list[bool] = []

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        wire = scope["state"][WIRE]
        await wire.gone()
        ended.append(wire.is_gone)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not wire.is_gone:
            await send({"type": "http.response.body", "body": b"more", "more_body": True})
            await asyncio.sleep(0)
        ended.append(wire.is_gone)

    with serve_in_thread(app, http=http, loop=loop) as server, ExitStack() as stack:
        sock = stack.enter_context(dial(server))
        sock.sendall(GET)
        sock.close()
        until(lambda: len(ended) == 2)
    assert ended == [False, True]


POST = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"


@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
@pytest.mark.parametrize(("sent", "unread"), [(b"", (b"", False)), (b"ab", (b"ab", False)), (b"abcd", (b"abcd", True))])
def test_what_had_come_of_a_body_is_there_for_who_was_late(
    http: str, loop: str, sent: bytes, unread: tuple[bytes, bool]
) -> None:
    told: list[Any] = []

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        wire = scope["state"][WIRE]
        told.append("called")
        await wire.closed()
        told.extend([(await receive())["type"], wire.unread(), wire.unread()])

    with serve_in_thread(app, http=http, loop=loop) as server, dial(server) as sock:
        sock.sendall(POST + sent)
        until(lambda: told)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        sock.close()  # by RST
        until(lambda: told[1:])
    assert told == ["called", "http.disconnect", unread, (b"", False)]


def test_over_tls_both_directions_end_at_once() -> None:
    told: list[bool] = []

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        wire = scope["state"][WIRE]
        await wire.gone()
        told.append(wire.is_gone)
        await answer(send, b"to nobody")

    tls = self_signed(["127.0.0.1"])
    trust = ssl.create_default_context(cadata=tls.ca_pem.decode())
    with serve_in_thread(app, tls=tls) as server, dial(server) as raw:
        with trust.wrap_socket(raw, server_hostname="127.0.0.1") as sock:
            sock.sendall(GET)
            sock.unwrap().close()
        until(lambda: told)
    assert told == [True]
