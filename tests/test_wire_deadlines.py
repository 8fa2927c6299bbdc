"""Idle, half-sent and overlong: every connection that does not get on is closed, and told why where it can be."""

from __future__ import annotations

import asyncio
import ssl
import threading
from typing import Any

import pytest
from wire_kit import PATIENCE, STACKS, Echo, answer, ask, dial, read_to_end, read_until, status_of

from mockserver.wire import Limits, ThreadServer, self_signed, serve_in_thread
from mockserver.wire.deadlines import Wheel

SHORT = 0.05
AMPLE = 1.0  # a deadline before which the test itself has to do something, on a busy machine, too
LONG = 3600.0
GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
CHUNKED = b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(params=STACKS, ids="-".join)
def stack(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    return request.param


def limited(stack: tuple[Any, Any], app: Any = None, **seconds: float) -> ThreadServer:
    limits = Limits(**{"head_seconds": LONG, "idle_seconds": LONG, "body_seconds": LONG, **seconds})
    return serve_in_thread(app or Echo(), http=stack[0], loop=stack[1], limits=limits)


@pytest.mark.parametrize("sent", [b"", GET, GET + b"\r\n"], ids=["at once", "after an answer", "after an empty line"])
def test_an_idle_connection_is_closed(stack: tuple[Any, Any], sent: bytes) -> None:
    with limited(stack, idle_seconds=AMPLE if sent else SHORT) as server:
        assert ask(server, sent).count(b"HTTP/1.1 ") == bool(sent)


@pytest.mark.parametrize("sent", [b"G", GET[:-1], GET + b"GET"], ids=["a letter", "all but the end", "the second"])
def test_a_half_sent_head_is_refused_with_408(stack: tuple[Any, Any], sent: bytes) -> None:
    with limited(stack, head_seconds=SHORT) as server:
        last = ask(server, sent).rpartition(b"HTTP/1.1 ")[2]
    assert last.startswith(b"408")


@pytest.mark.parametrize("sent", [POST, POST + b"x", CHUNKED, CHUNKED + b"5\r\nab"])
def test_a_half_sent_body_is_refused_with_408(stack: tuple[Any, Any], sent: bytes, caplog: Any) -> None:
    with limited(stack, body_seconds=SHORT) as server:
        assert status_of(ask(server, sent)) == 408
    assert not caplog.records


async def early(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, b"early")


async def begun(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
    while (await receive())["type"] != "http.disconnect":
        pass


@pytest.mark.parametrize("app", [early, begun], ids=["complete", "begun"])
def test_a_half_sent_body_ends_a_connection_that_is_answered_already(
    stack: tuple[Any, Any], app: Any, caplog: Any
) -> None:
    with limited(stack, app, body_seconds=SHORT) as server:
        assert ask(server, POST).count(b"HTTP/1.1 ") == 1
    assert not caplog.records


def test_a_body_may_follow_its_early_answer(stack: tuple[Any, Any]) -> None:
    with limited(stack, early, idle_seconds=AMPLE) as server, dial(server) as sock:
        sock.sendall(POST)
        assert status_of(read_until(sock, b"early")) == 200
        sock.sendall(b"0123456789" + GET)
        assert read_to_end(sock).endswith(b"early")


def test_a_client_is_not_blamed_for_an_application_that_does_not_read(stack: tuple[Any, Any]) -> None:
    refill, seen = threading.Event(), []

    async def late(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await asyncio.get_running_loop().run_in_executor(None, refill.wait)
        size, more = 0, True
        while more:
            message = await receive()
            size, more = size + len(message["body"]), message["more_body"]
        seen.append(size)
        await answer(send, b"ok")

    server = limited(stack, late, body_seconds=AMPLE, idle_seconds=AMPLE)
    with server, dial(server) as expecting, dial(server) as sending:
        expecting.sendall(POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
        sending.sendall(POST.replace(b"10", b"200000") + b"x" * 199_999)
        for _ in range(4):  # that many deadlines, told by connections that nobody uses
            with dial(server) as idle:
                assert idle.recv(1) == b""
        refill.set()
        assert status_of(read_until(expecting, b"\r\n\r\n")) == 100
        expecting.sendall(b"x" * 10)
        assert read_until(expecting, b"ok")
        sending.sendall(b"x")
        assert read_until(sending, b"ok")
    assert sorted(seen) == [10, 200_000]


def test_over_tls_a_refused_or_idle_client_is_closed_too(stack: tuple[Any, Any]) -> None:
    tls = self_signed(["127.0.0.1"])
    trust = ssl.create_default_context(cadata=tls.ca_pem.decode())
    limits = Limits(idle_seconds=AMPLE, head_seconds=AMPLE)
    with serve_in_thread(Echo(), http=stack[0], loop=stack[1], tls=tls, limits=limits) as server:
        for sent, status in ((b"", 0), (b"GET /#", 408), (b"GET\x00", 400)):
            with dial(server) as sock, trust.wrap_socket(sock, server_hostname="127.0.0.1") as secure:
                secure.sendall(sent)
                assert status_of(read_to_end(secure)) == status


def test_without_a_tls_hello_the_connection_is_closed(stack: tuple[Any, Any], caplog: Any) -> None:
    limits = Limits(head_seconds=SHORT)
    with serve_in_thread(Echo(), http=stack[0], loop=stack[1], tls=self_signed(["a"]), limits=limits) as server:
        assert ask(server, b"") == b""
        assert ask(server, GET) == b""
    assert not caplog.records


class _Loop:
    """Keeps what is due later until the test says that later is now."""

    def __init__(self) -> None:
        self.later: list[Any] = []

    def call_later(self, seconds: float, callback: Any) -> None:
        self.later.append(callback)

    def turn(self) -> None:
        self.later.pop()()


class _Connection:
    def __init__(self, due: int) -> None:
        self.due = due
        self.expired = False

    def expire(self) -> None:
        self.expired = True


@pytest.fixture
def connections() -> list[_Connection]:
    return [_Connection(0), _Connection(2), _Connection(3)]


def test_the_wheel_expires_what_is_due_and_nothing_else(connections: list[_Connection]) -> None:
    loop: Any = _Loop()
    wheel = Wheel(loop, lambda: connections, 1.0)
    wheel.start()
    wheel.start()
    assert len(loop.later) == 1
    loop.turn()
    assert [connection.expired for connection in connections] == [False, True, False]
    loop.turn()
    assert [connection.expired for connection in connections] == [False, True, True]


@pytest.mark.parametrize("name", ["head_seconds", "idle_seconds", "body_seconds"])
def test_the_wheel_goes_by_the_shortest_deadline(name: str) -> None:
    limits = Limits(**{"head_seconds": LONG, "idle_seconds": LONG, "body_seconds": LONG, name: SHORT})
    assert limits.shortest() == SHORT


def test_the_wheel_stands_still_without_connections(connections: list[_Connection]) -> None:
    loop: Any = _Loop()
    wheel = Wheel(loop, lambda: connections, 1.0)
    wheel.start()
    connections.clear()
    loop.turn()
    assert not loop.later


@pytest.mark.parametrize("seconds", [0.0, 0.05, 1.0, 10.0])
def test_a_deadline_never_comes_early(seconds: float) -> None:
    loop: Any = _Loop()
    wheel = Wheel(loop, list, 1.0)
    assert (wheel.turns(seconds) - 1) * 0.25 >= seconds


def test_patience_with_the_tests_is_longer_than_any_deadline_in_them() -> None:
    assert AMPLE * 10 < PATIENCE
