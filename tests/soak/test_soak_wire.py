"""The server under clients that want to hurt it: memory, deadlines and endings, with figures printed (`-s`)."""

from __future__ import annotations

import contextlib
import random
import signal
import socket
import threading
import time
from typing import Any

import pytest
from wire_kit import ALL_STACKS, STACKS, Echo, answer, dial, read_to_end, read_until, status_of
from wire_process import program

from mockserver.wire import Limits, serve_in_thread

pytestmark = pytest.mark.soak

FLOOD = 100 * 1024 * 1024
GROWTH_KIB = 5 * 1024


@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
def test_a_flood_of_headers_is_answered_431_and_not_kept(http: str, loop: str) -> None:
    lines = b"x-flood: 0123456789abcdef\r\n" * 4096
    with program(http, loop) as server:
        before = int(server.get("/memory"))
        with server.dial() as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
            for _ in range(FLOOD // len(lines)):
                sock.sendall(lines)
            got = read_to_end(sock)
        growth = int(server.get("/memory")) - before
    print(f"\n{http} {loop}: {FLOOD >> 20} MiB of headers, memory +{growth} KiB")
    assert status_of(got) == 431
    assert growth < GROWTH_KIB


@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
def test_sigterm_with_five_hung_requests_ends_within_its_grace(http: str, loop: str) -> None:
    with program(http, loop) as server, contextlib.ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(server.dial()).sendall(b"GET /hang HTTP/1.1\r\nHost: a\r\n\r\n")
            assert server.line() == "hung"
        begun = time.monotonic()
        assert server.ended(signal.SIGTERM) == (0, "over\n", "")
        took = time.monotonic() - begun
    print(f"\n{http} {loop}: ended after {took:.2f} s")
    assert took < 2.5


PARTS = {
    "idle": b"",
    "half a head": b"GET /x HTTP/1.1\r\nHost:",
    "half a body": b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123",
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("http", "loop"), STACKS)
def test_500_slow_sockets_are_closed_while_others_are_served(http: Any, loop: Any, part: str) -> None:
    limits = Limits(head_seconds=1.0, idle_seconds=1.0, body_seconds=1.0)
    with serve_in_thread(Echo(), http=http, loop=loop, limits=limits) as server, contextlib.ExitStack() as stack:
        slow = [stack.enter_context(dial(server)) for _ in range(500)]
        for sock in slow:
            sock.sendall(PARTS[part])
        answered = _latencies(server.port, 2.0)
        closed = [read_to_end(sock) for sock in slow]
    p99 = sorted(answered)[len(answered) * 99 // 100]
    print(f"\n{http} {loop}, 500 sockets {part}: {len(answered)} others served, p99 {p99 * 1000:.1f} ms")
    assert {status_of(got) for got in closed} == ({0} if part == "idle" else {408})
    assert p99 < 0.05


def _latencies(port: int, seconds: float) -> list[float]:
    took = []
    with socket.create_connection(("127.0.0.1", port)) as sock:
        end = time.monotonic() + seconds
        while (begun := time.monotonic()) < end:
            sock.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            assert read_until(sock, b"/x 0")
            took.append(time.monotonic() - begun)
    return took


@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
def test_2000_clients_that_drop_anywhere_leave_nothing_behind(http: Any, loop: Any, caplog: Any) -> None:
    async def slowly(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        while (message := await receive()).get("more_body"):
            pass
        if message["type"] == "http.request":
            await answer(send, b"x" * 100_000)

    whole = b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" * 3
    draw = random.Random(7)
    with serve_in_thread(slowly, http=http, loop=loop) as server:
        for _ in range(2000):
            with dial(server) as sock:
                sock.sendall(whole[: draw.randrange(len(whole))])
                if draw.random() < 0.5:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        state = server.state
        empty = threading.Event()
        server.loop.call_soon_threadsafe(_when_empty, server.loop, state, empty)
        assert empty.wait(10.0)
    print(f"\n{http} {loop}: {state.total_requests} requests answered")
    assert not caplog.records


def _when_empty(loop: Any, state: Any, empty: threading.Event) -> None:
    if state.connections or state.tasks:
        loop.call_later(0.01, _when_empty, loop, state, empty)
    else:
        empty.set()


@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
def test_64_descriptors_and_200_sockets_again_and_again(http: str, loop: str) -> None:
    with program(http, loop, graceful=0.05, descriptors="64") as server:
        slowest = 0.0
        for _ in range(10):
            with contextlib.ExitStack() as stack:
                for _ in range(200):
                    stack.enter_context(server.dial())
            begun = time.monotonic()
            assert server.get("/x") == b"ok"
            slowest = max(slowest, time.monotonic() - begun)
        code, _, err = server.ended(signal.SIGTERM)
    print(f"\n{http} {loop}: recovered within {slowest * 1000:.0f} ms, {err.count(chr(10))} lines logged")
    assert slowest < 1.0
    assert code == 0
    assert err.count("\n") < 100
