"""Whatever a peer does, the proxy goes on, and holds no more than its bounds say."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable

import pytest
from proxy_kit import HOST, REFUSED, asked, connect, dialed, healthy, secured, tunneled, way_of

from mockserver import intercepting
from mockserver.bounds import PROXY_HEAD, PROXY_HOSTS
from mockserver.proxy import Environment, listener, peek
from mockserver.proxy.traffic import OTHERS, Traffic, count


def _reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


HOSTILE: dict[str, Callable[[socket.socket], None]] = {
    "leaves at once": lambda sock: sock.close(),
    "resets at once": _reset,
    "leaves within a head": lambda sock: sock.sendall(b"CONNECT api.acm"),
    "resets within a head": lambda sock: (sock.sendall(b"CONNECT api.acm"), _reset(sock))[-1],
    "leaves instead of TLS": lambda sock: sock.sendall(connect(HOST)),
    "resets instead of TLS": lambda sock: (sock.sendall(connect(HOST)), _reset(sock))[-1],
    "breaks TLS": lambda sock: sock.sendall(connect(HOST) + b"\x16\x03\x01\x00\x05hello" * 9),
    "breaks TLS within a record": lambda sock: sock.sendall(connect(HOST) + b"\x16\x03\x01\xff"),
    "sends noise": lambda sock: sock.sendall(bytes(range(256)) * 100),
    "sends a head without an end": lambda sock: sock.sendall(b"GET http://a/ HTTP/1.1\r\nA: " + b"b" * 100_000),
}


@pytest.mark.parametrize("how", HOSTILE)
@pytest.mark.parametrize("door", ["proxy", "forced"])
def test_a_hostile_client_ends_nobody_but_itself(environment: Environment, how: str, door: str) -> None:
    with dialed(environment, way_of(environment)["tls_port"] if door == "forced" else 0) as sock:
        with contextlib.suppress(ConnectionError):
            HOSTILE[how](sock)
        assert healthy(environment)
    assert healthy(environment)


def test_a_client_that_never_ends_its_head_holds_nobody_up(environment: Environment) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(dialed(environment)).sendall(b"CONNECT ")
        for _ in range(20):
            stack.enter_context(tunneled(environment))
        assert healthy(environment)


def test_a_head_that_is_too_long_is_refused(environment: Environment) -> None:
    answer = asked(environment, b"CONNECT a:1 HTTP/1.1\r\nA: " + b"b" * PROXY_HEAD)
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_what_is_no_request_to_a_proxy_is_refused(environment: Environment) -> None:
    assert asked(environment, b"HELO there\r\n\r\n").startswith(b"HTTP/1.1 400 This is the proxy of mockserver")


def test_a_client_that_takes_too_long_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "HEAD_SECONDS", 0.05)
    with intercepting(hosts={HOST: "vidgen"}) as environment:
        assert asked(environment, b"CONNECT ") == b""
        assert asked(environment, connect(HOST)).startswith(b"HTTP/1.1 200 ")  # and no TLS after it
        assert asked(environment, b"", port=way_of(environment)["tls_port"]) == b""


def test_a_client_that_was_refused_is_not_read_for_ever(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peek, "PROXY_REFUSED", 100_000)
    with dialed(environment) as sock:
        sock.sendall(b"POST http://elsewhere.example/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
        with pytest.raises(ConnectionError):
            _send_for_ever(sock)


def _send_for_ever(sock: socket.socket) -> None:
    while True:
        sock.sendall(b"x" * 65536)


def test_connections_past_the_bound_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "PROXY_CONNECTIONS", 10)
    with intercepting(hosts={HOST: "vidgen"}) as environment, contextlib.ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(dialed(environment)).sendall(b"CONNECT ")
        with contextlib.suppress(ConnectionError):
            assert asked(environment, connect(HOST)) == b""
        stack.close()
        while not _is_served(environment):
            pass


def _is_served(environment: Environment) -> bool:
    try:
        return healthy(environment)
    except (AssertionError, ConnectionError):  # those that left are not gone yet
        return False


def test_the_report_names_no_more_hosts_than_its_bound() -> None:
    traffic = Traffic()
    for n in range(PROXY_HOSTS + 10):
        count(traffic.refused, f"host{n}.example")
    count(traffic.refused, "host1.example")
    assert (len(traffic.refused), traffic.refused[OTHERS], traffic.refused["host1.example"]) == (PROXY_HOSTS + 1, 10, 2)
    count(traffic.met, "a\x1b[31m\n" + "b" * 10_000)
    assert all(len(name) < 300 and name.isprintable() for name in traffic.met)


def test_a_refused_host_cannot_write_into_the_answer(environment: Environment) -> None:
    answer = asked(environment, b"CONNECT evil\x0bhost:443 HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert asked(environment, connect(f"<b>{REFUSED}")).count(b"\r\n\r\n") == 1


def test_a_server_that_is_stopped_within_the_block_is_no_trouble() -> None:
    with intercepting(hosts={HOST: "vidgen"}) as environment:
        environment.running.stop()


def test_tunnels_end_with_the_proxy() -> None:
    with contextlib.ExitStack() as stack:
        with intercepting(hosts={HOST: "vidgen"}) as environment:
            sock = stack.enter_context(tunneled(environment, "127.0.0.1", environment.running.port))
            tls = stack.enter_context(secured(environment, stack.enter_context(tunneled(environment))))
        for each in (sock, tls):
            with contextlib.suppress(ConnectionError):
                assert each.recv(1) == b""
