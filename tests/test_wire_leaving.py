"""A server that is told to leave: who is just sending is answered and told to go elsewhere, who is silent is let go."""

from __future__ import annotations

import contextlib
import signal
import socket

import pytest
from until_kit import until
from wire_kit import ALL_STACKS, read_to_end, read_until
from wire_process import Program, program

GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
HANG = GET.replace(b"/x", b"/hang")
LONG = 60.0
LAST = b"connection: close\r\n"


def leaves(server: Program) -> None:
    """It was told to, and has heard it: nobody is let in any more."""
    server.process.send_signal(signal.SIGTERM)
    until(lambda: not is_open(server))


def is_open(server: Program) -> bool:
    try:
        server.dial().close()
    except ConnectionError:  # refused, or let in by the kernel alone
        return False
    return True


def kept(server: Program, stack: contextlib.ExitStack) -> socket.socket:
    """A connection on which something was asked."""
    sock = stack.enter_context(server.dial())
    sock.sendall(GET)
    assert read_until(sock, b"\r\n\r\nok")
    return sock


@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
def test_what_comes_on_a_kept_connection_is_answered_as_the_last(http: str, loop: str) -> None:
    with program(http, loop, linger=LONG) as server, contextlib.ExitStack() as stack:
        one, two, fresh = kept(server, stack), kept(server, stack), stack.enter_context(server.dial())
        two.sendall(GET[:9])
        leaves(server)
        one.sendall(GET)
        two.sendall(GET[9:] + GET)
        fresh.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        fresh.sendall(b"cd")
        for each in (one, two, fresh):
            answer = read_to_end(each)
            assert (answer.startswith(b"HTTP/1.1 200"), answer.count(LAST), answer.count(b"ok")) == (True, 1, 1), answer
        assert server.process.wait(LONG) == 0, "when nobody is left, not after the whole time"


@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
def test_a_silent_connection_is_let_go_and_a_hung_one_ended(http: str, loop: str) -> None:
    with program(http, loop, graceful=0.2, linger=0.05) as server, contextlib.ExitStack() as stack:
        silent, hung = kept(server, stack), kept(server, stack)
        hung.sendall(HANG)
        assert server.line() == "hung"
        server.process.send_signal(signal.SIGTERM)
        assert (read_to_end(silent), read_to_end(hung)) == (b"", b"")
        assert server.process.wait(LONG) == 0


def test_a_second_signal_waits_for_no_silent_connection() -> None:
    with program("auto", "auto", linger=3600) as server, contextlib.ExitStack() as stack:
        silent = kept(server, stack)
        leaves(server)
        assert server.ended(signal.SIGTERM) == (0, "over\n", "")
        assert read_to_end(silent) == b""


def test_whom_the_kernel_has_let_in_is_answered_as_well() -> None:
    with program("auto", "auto", descriptors="64", linger=LONG) as server, contextlib.ExitStack() as stack:
        kept(server, stack).close()
        server.process.send_signal(signal.SIGSTOP)
        waiting = [stack.enter_context(server.dial()) for _ in range(12)]  # it accepts two at a time
        for each in waiting:
            each.sendall(GET)
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGCONT)
        answers = [read_until(each, b"\r\n\r\nok") for each in waiting]
        assert [each[:12] for each in answers] == [b"HTTP/1.1 200"] * 12
        assert sum(LAST in each for each in answers) >= 8, "most of them came when it was leaving"
        for each in waiting:
            each.close()
        assert server.process.wait(LONG) == 0
