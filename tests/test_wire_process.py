"""The server as a program: signals, exit codes, and too few file descriptors."""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import Any

import pytest
from wire_kit import ALL_STACKS, STACKS, Echo, dial, read_to_end, read_until
from wire_process import Program, program

from mockserver.wire import bind, descriptors, run, serve_in_thread

HANG = b"GET /hang HTTP/1.1\r\nHost: a\r\n\r\n"


def hang(server: Program, stack: contextlib.ExitStack, count: int) -> None:
    for _ in range(count):
        stack.enter_context(server.dial()).sendall(HANG)
        assert server.line() == "hung"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("http", "loop"), STACKS)
def test_a_signal_ends_hung_requests_and_the_program_exits_with_0(http: str, loop: str, number: int) -> None:
    with program(http, loop, graceful=0.05) as server, contextlib.ExitStack() as stack:
        hang(server, stack, 5)
        assert server.ended(number) == (0, "over\n", "")


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_run_returns_after_a_signal_and_leaves_the_handlers_as_they_were(loop: Any) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    heard: list[str] = []

    def listening(url: str) -> None:
        heard.append(url)
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)

    run(Echo(), bind(), on_listening=listening, loop=loop)
    assert heard[0].startswith("http://127.0.0.1:")
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_a_second_signal_does_not_wait_for_the_grace() -> None:
    with program("auto", "auto", graceful=3600) as server, contextlib.ExitStack() as stack:
        idle = stack.enter_context(server.dial())
        hang(server, stack, 1)
        server.process.send_signal(signal.SIGINT)
        assert idle.recv(1) == b""  # the first one has arrived
        assert server.ended(signal.SIGINT) == (0, "over\n", "")


@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
def test_with_too_few_descriptors_it_says_little_and_recovers(http: str, loop: str) -> None:
    with program(http, loop, graceful=0.05, descriptors="64") as server:
        with contextlib.ExitStack() as stack:
            for _ in range(200):
                stack.enter_context(server.dial())
        assert server.get("/x", seconds=1.0) == b"ok"
        code, out, err = server.ended(signal.SIGTERM)
    assert (code, out) == (0, "over\n")
    assert err.count("\n") < 100


class _Loop:
    """As much of a loop as the handler needs, with a time the test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.others = 0

    def time(self) -> float:
        return self.now

    def default_exception_handler(self, context: object) -> None:
        self.others += 1


def test_exhausted_descriptors_are_logged_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    loop, handler = _Loop(), descriptors.ExhaustionHandler()
    loop.now = 100.0
    for _ in range(1000):
        handler(loop, {"exception": OSError(24, "Too many open files")})  # type: ignore[arg-type]
    assert len(caplog.records) == 1
    loop.now += descriptors.QUIET_SECONDS
    handler(loop, {"exception": OSError(24, "Too many open files")})  # type: ignore[arg-type]
    assert len(caplog.records) == 2
    assert loop.others == 0


def test_other_errors_of_the_loop_go_where_they_always_go(caplog: pytest.LogCaptureFixture) -> None:
    loop, handler = _Loop(), descriptors.ExhaustionHandler()
    for context in ({}, {"exception": ValueError()}, {"exception": ConnectionResetError(104, "reset")}):
        handler(loop, context)  # type: ignore[arg-type]
    assert (loop.others, len(caplog.records)) == (3, 0)


@pytest.mark.parametrize(
    ("limit", "open_now", "expected"),
    [(1024, 24, (700, 32)), (64, 16, (20, 2)), (8, 30, (1, 1)), (10**6, 0, (999_700, 32))],
)
def test_room_is_left_for_a_burst_of_connections(
    monkeypatch: pytest.MonkeyPatch, limit: int, open_now: int, expected: tuple[int, int]
) -> None:
    monkeypatch.setattr(descriptors, "_limit", lambda: limit)
    monkeypatch.setattr(descriptors, "_open_now", lambda: open_now)
    assert descriptors.room_and_burst() == expected


@pytest.mark.parametrize("soft", [-1, 10**9])
def test_no_limit_on_descriptors_is_a_large_one(monkeypatch: pytest.MonkeyPatch, soft: int) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda which: (soft, soft))
    room, _ = descriptors.room_and_burst()
    assert 90_000 < room < descriptors.NO_LIMIT


def test_a_connection_beyond_the_room_is_reset_and_the_others_live(caplog: pytest.LogCaptureFixture) -> None:
    with serve_in_thread(Echo()) as server, dial(server) as first, contextlib.ExitStack() as stack:
        first.sendall(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read_until(first, b"/a 0")
        server.settings.room = 1
        late: socket.socket = stack.enter_context(dial(server))
        assert read_to_end(late) == b""
        first.sendall(b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read_until(first, b"/b 0")
    assert not caplog.records
