"""A host is mocked, let through or refused, by whichever way a client asks for it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from proxy_kit import HEALTH, HOST, REFUSED, asked, connect, dialed, head_from, healthy, secured, tunneled, way_of
from wire_kit import PATIENCE, read_to_end

from mockserver import intercepting
from mockserver.proxy import Environment, listener


def test_a_mocked_host_is_served_over_tls_in_a_tunnel(environment: Environment) -> None:
    before = environment.traffic.met[HOST]
    assert healthy(environment)
    assert environment.traffic.met[HOST] == before + 1


def test_a_mocked_host_is_served_without_tls_in_a_tunnel(environment: Environment) -> None:
    with tunneled(environment, port=80) as sock:
        sock.sendall(HEALTH)
        assert read_to_end(sock).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("scheme", [b"http", b"https"])
def test_a_mocked_host_is_served_by_a_whole_url(environment: Environment, scheme: bytes) -> None:
    answer = asked(environment, b"GET %b://api.acme.example/api/health HTTP/1.1\r\nHost: x\r\n\r\n" % scheme)
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_two_requests_of_a_tunnel_are_answered_on_one_connection(environment: Environment) -> None:
    with tunneled(environment) as sock, secured(environment, sock) as tls:
        tls.sendall(HEALTH.replace(b"Connection: close\r\n", b""))
        head = head_from(tls)  # type: ignore[arg-type]
        length = next(int(line[16:]) for line in head.split(b"\r\n") if line.startswith(b"content-length: "))
        while length:
            length -= len(tls.recv(length))
        tls.sendall(HEALTH)
        assert read_to_end(tls).startswith(b"HTTP/1.1 200 ")  # type: ignore[arg-type]


def test_a_body_that_comes_with_a_whole_url_arrives(environment: Environment) -> None:
    head = b"POST http://api.acme.example/api/jobs HTTP/1.1\r\nHost: x\r\nX-API-Key: demo-key\r\n"
    answer = asked(environment, head + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{", b"}")
    assert b" 400 " in answer.split(b"\r\n")[0] or b" 415 " in answer.split(b"\r\n")[0]


def test_a_client_that_was_led_here_by_force_is_served(environment: Environment) -> None:
    before = environment.traffic.met[HOST]
    port = way_of(environment)["tls_port"]
    with dialed(environment, port) as sock, secured(environment, sock) as tls:
        tls.sendall(HEALTH)
        assert read_to_end(tls).startswith(b"HTTP/1.1 200 ")
    assert asked(environment, HEALTH, port=port).startswith(b"HTTP/1.1 200 ")
    assert environment.traffic.met[HOST] == before + 2


@pytest.mark.parametrize(
    "request_bytes", [connect(REFUSED), b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
                      b"GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n"],
)  # fmt: skip
def test_another_host_is_refused_in_a_sentence(environment: Environment, request_bytes: bytes) -> None:
    before = environment.traffic.refused.total()
    head, _, body = asked(environment, request_bytes).partition(b"\r\n\r\n")
    reason = head.split(b"\r\n")[0]
    assert reason.startswith(b"HTTP/1.1 502 mockserver refused a call to 'elsewhere.example'")
    assert b"--passthrough elsewhere.example" in body
    assert environment.traffic.refused.total() == before + 1


@pytest.mark.parametrize("spelling", ["API.ACME.EXAMPLE", "api.acme.example."])
def test_a_host_is_known_in_every_spelling(environment: Environment, spelling: str) -> None:
    with tunneled(environment, spelling) as sock, secured(environment, sock) as tls:
        tls.sendall(HEALTH)
        assert read_to_end(tls).startswith(b"HTTP/1.1 200 ")


def test_this_machine_is_reached_as_if_nothing_were_between(environment: Environment) -> None:
    with tunneled(environment, "127.0.0.1", environment.running.port) as sock:
        sock.sendall(b"GET /_mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert b'{"status":"ok"' in read_to_end(sock)


@pytest.mark.parametrize("tls", [True, False])
def test_a_websocket_is_refused_in_a_sentence(environment: Environment, tls: bool) -> None:
    upgrade = b"GET /api/health HTTP/1.1\r\nHost: api.acme.example\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n"
    with tunneled(environment) as sock:
        if tls:
            with secured(environment, sock) as secure:
                secure.sendall(upgrade)
                answer = read_to_end(secure)
        else:
            sock.sendall(upgrade)
            answer = read_to_end(sock)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"asks for a WebSocket" in answer


def test_http_2_is_refused_in_a_sentence_and_not_offered(environment: Environment) -> None:
    with tunneled(environment) as sock, secured(environment, sock, ["h2", "http/1.1"]) as tls:
        assert tls.selected_alpn_protocol() == "http/1.1"
    with tunneled(environment) as sock, secured(environment, sock, ["h2"]) as tls:
        tls.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
        assert b"begins HTTP/2" in read_to_end(tls)


def test_a_fault_of_the_wire_reaches_a_client_behind_the_proxy(environment: Environment) -> None:
    vidgen = environment.running.default.api("vidgen")
    vidgen.fault("reset_before_headers", operation="getHealth", times=1)
    with tunneled(environment) as sock, secured(environment, sock) as tls:
        tls.sendall(HEALTH)
        assert read_to_end(tls) == b""
    assert healthy(environment)


def test_a_client_that_does_not_trust_the_run_is_told_of(environment: Environment) -> None:
    with tunneled(environment) as sock, suppress(OSError):
        ssl.create_default_context().wrap_socket(sock, server_hostname=HOST)
    while HOST not in environment.traffic.distrusted:
        assert healthy(environment)
    assert "UNKNOWN_CA" in environment.traffic.distrusted[HOST]


# --- let through


class Upstream:
    """Sends back what it gets, in capitals, when the client has ended its side."""

    def __init__(self) -> None:
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._sock.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._sock.accept()
                with sock:
                    sock.settimeout(PATIENCE)
                    sock.sendall(read_to_end(sock).upper())

    def close(self) -> None:
        self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()
        self._thread.join(PATIENCE)


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    """What every host that is let through leads to."""
    made, real = Upstream(), listener.dialed

    async def dial(host: str, port: int, tls: Any = None) -> Any:
        assert (host, port) in [("deep.through.example", 443), ("through.example", 80)]
        return await real("127.0.0.1", made.port)

    monkeypatch.setattr(listener, "dialed", dial)
    yield made
    made.close()


def test_a_host_that_is_let_through_gets_every_byte(upstream: Upstream) -> None:
    with intercepting(["*.through.example", "through.example"], hosts={HOST: "vidgen"}) as environment:
        payload = b"\x16\x03\x01 not tls \x00" * 50_000
        with tunneled(environment, "deep.through.example") as sock:
            got: list[bytes] = []
            reader = threading.Thread(target=lambda: got.append(read_to_end(sock)))
            reader.start()
            sock.sendall(payload)
            sock.shutdown(socket.SHUT_WR)
            reader.join(PATIENCE)
        assert got == [payload.upper()]
        with dialed(environment) as sock:
            sock.sendall(b"GET http://through.example/a HTTP/1.1\r\nHost: through.example\r\n\r\n")
            sock.shutdown(socket.SHUT_WR)
            assert read_to_end(sock) == b"GET /A HTTP/1.1\r\nHOST: THROUGH.EXAMPLE\r\nCONNECTION: CLOSE\r\n\r\n"
        assert environment.traffic.passed == {"deep.through.example": 1, "through.example": 1}
        assert asked(environment, connect("notthrough.example")).startswith(b"HTTP/1.1 502 ")


def test_a_host_that_is_let_through_and_cannot_be_reached_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    async def dial(*_: Any) -> Any:
        await asyncio.sleep(0)
        raise OSError("no route")

    monkeypatch.setattr(listener, "dialed", dial)
    with intercepting(["through.example"]) as environment:
        assert b"cannot be reached: no route" in asked(environment, connect("through.example"))
