"""The Wire itself, seen from a plain socket."""

from __future__ import annotations

import ssl
import threading
from typing import Any

import pytest
from wire_kit import PATIENCE, STACKS, answer, ask, dial, read_to_end, status_of

from mockserver.mounting import WIRE
from mockserver.wire import Wire, self_signed, serve_in_thread

GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
GET_LAST = b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
HELLO = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"

pytestmark = pytest.mark.parametrize(("http", "loop"), STACKS)


def test_an_unsolicited_second_answer_follows_the_first(http: Any, loop: Any) -> None:
    async def twice(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, b"one")
        wire: Wire = scope["state"][WIRE]
        wire.write(HELLO + b"22")
        wire.close()

    with serve_in_thread(twice, http=http, loop=loop) as server:
        got = ask(server, GET)
    assert got.count(b"HTTP/1.1 200") == 2
    assert got.endswith(b"22")


def test_each_connection_has_its_own_wire_for_all_its_requests(http: Any, loop: Any) -> None:
    wires: list[Wire] = []

    async def remember(scope: Any, receive: Any, send: Any) -> None:
        wires.append(scope["state"][WIRE])
        await answer(send, b"ok")

    with serve_in_thread(remember, http=http, loop=loop) as server:
        ask(server, GET + GET_LAST)
        ask(server, GET_LAST)
    assert wires[0] is wires[1] is not wires[2]


def test_a_taken_wire_sends_nothing_of_the_http_server(http: Any, loop: Any, caplog: Any) -> None:
    async def taken(scope: Any, receive: Any, send: Any) -> None:
        scope["state"][WIRE].take()
        await answer(send, b"never")
        assert await receive() == {"type": "http.disconnect"}
        scope["state"][WIRE].write(b"only this")

    with serve_in_thread(taken, http=http, loop=loop) as server:
        assert ask(server, GET + GET) == b"only this"
    assert not caplog.records


def test_gone_returns_when_the_client_leaves_although_it_still_sent(http: Any, loop: Any, caplog: Any) -> None:
    left, ready = threading.Event(), threading.Event()

    async def waiting(scope: Any, receive: Any, send: Any) -> None:
        wire: Wire = scope["state"][WIRE]
        wire.take()
        wire.take()
        ready.set()
        await wire.gone()
        assert wire.is_gone
        for nothing in (wire.close, wire.reset, wire.cut, wire.pause):
            nothing()
        wire.write(b"x")
        await wire.settle()
        left.set()

    with serve_in_thread(waiting, http=http, loop=loop) as server:
        with dial(server) as sock:
            sock.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" + b"x" * 900_000)
            assert ready.wait(PATIENCE)
        assert left.wait(PATIENCE)
    assert not caplog.records


def test_a_paused_wire_does_not_read_until_its_transport_does(http: Any, loop: Any) -> None:
    stalled = threading.Event()

    async def slow_reader(scope: Any, receive: Any, send: Any) -> None:
        wire: Wire = scope["state"][WIRE]
        wire.pause()
        stalled.set()
        wire._transport.resume_reading()
        size, more = 0, True
        while more:
            message = await receive()
            size, more = size + len(message["body"]), message["more_body"]
        await answer(send, b"%d" % size)

    with serve_in_thread(slow_reader, http=http, loop=loop) as server, dial(server) as sock:
        sock.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\nConnection: close\r\n\r\n")
        assert stalled.wait(PATIENCE)
        sock.sendall(b"x" * 900_000)
        assert read_to_end(sock).endswith(b"900000")


def test_a_large_answer_leaves_before_the_reset(http: Any, loop: Any) -> None:
    async def big(scope: Any, receive: Any, send: Any) -> None:
        wire: Wire = scope["state"][WIRE]
        wire.take()
        wire.write(b"x" * 8_000_000)
        await wire.settle()
        wire.reset()

    with serve_in_thread(big, http=http, loop=loop) as server, dial(server) as sock:
        sock.sendall(GET)
        size = 0
        while size < 8_000_000:
            size += len(sock.recv(1 << 20))
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_over_tls_the_wire_says_so(http: Any, loop: Any) -> None:
    seen: list[object] = []

    async def look(scope: Any, receive: Any, send: Any) -> None:
        wire: Wire = scope["state"][WIRE]
        seen.append(wire.is_tls)
        wire.close()

    tls = self_signed(["127.0.0.1"])
    trust = ssl.create_default_context(cadata=tls.ca_pem.decode())
    server = serve_in_thread(look, http=http, loop=loop, tls=tls)
    with server, dial(server) as sock, trust.wrap_socket(sock, server_hostname="127.0.0.1") as secure:
        secure.sendall(GET)
        assert secure.recv(1) == b""
    assert seen == [True]


def test_a_task_that_ends_with_an_untouched_wire_changes_nothing(http: Any, loop: Any) -> None:
    async def plain(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, b"ok")

    with serve_in_thread(plain, http=http, loop=loop) as server:
        assert status_of(ask(server, GET + GET_LAST)) == 200
