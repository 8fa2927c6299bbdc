"""Starting, stopping, listening, certificates: the server as its users hold it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from wire_kit import ALL_STACKS, PATIENCE, STACKS, Echo, answer, ask, dial, read_to_end

from mockserver.errors import UsageError
from mockserver.mounting import WIRE
from mockserver.wire import bind, protocol_class, self_signed, serve_in_thread, tls_files, url_of
from mockserver.wire import protocol as protocol_module

GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
def test_a_server_is_there_when_started_and_gone_when_stopped(http: Any, loop: Any, caplog: Any) -> None:
    with serve_in_thread(Echo(), http=http, loop=loop) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert httpx.get(server.url + "/x", trust_env=False).text == "/x 0"
        assert server.is_running
    assert not server.is_running
    with pytest.raises(ConnectionRefusedError), dial(server):
        pass
    server.stop()
    assert not caplog.records


def test_its_answers_carry_only_what_the_application_sent() -> None:
    with serve_in_thread(Echo()) as server:
        got = httpx.get(server.url + "/x", trust_env=False)
    assert set(got.headers) == {"content-length"}


def test_others_can_run_coroutines_on_its_loop() -> None:
    async def where() -> str:
        return threading.current_thread().name

    with serve_in_thread(Echo()) as server:
        assert asyncio.run_coroutine_threadsafe(where(), server.loop).result(PATIENCE) == f"mockserver:{server.port}"


@pytest.mark.parametrize(("http", "loop"), STACKS)
def test_stopping_lets_an_answer_under_way_finish(http: Any, loop: Any) -> None:
    begun, finish = threading.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        begun.set()
        await finish.wait()
        await answer(send, b"finished")

    server = serve_in_thread(slow, http=http, loop=loop, graceful=PATIENCE)
    with dial(server) as sock, dial(server) as idle:
        sock.sendall(GET)
        assert begun.wait(PATIENCE)
        stopper = threading.Thread(target=server.stop)
        stopper.start()
        assert read_to_end(idle) == b""  # the server is stopping by now
        server.loop.call_soon_threadsafe(finish.set)
        assert read_to_end(sock).endswith(b"finished")
        stopper.join(PATIENCE)
    assert not server.is_running


async def _hang_on_receive(scope: Any, receive: Any, send: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _hang_on_nothing(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.Event().wait()


async def _hang_on_the_wire(scope: Any, receive: Any, send: Any) -> None:
    wire = scope["state"][WIRE]
    wire.take()
    await wire.gone()


async def _hang_mid_answer(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await asyncio.Event().wait()


@pytest.mark.parametrize("hang", [_hang_on_receive, _hang_on_nothing, _hang_on_the_wire, _hang_mid_answer])
@pytest.mark.parametrize(("http", "loop"), ALL_STACKS)
def test_stopping_ends_hung_requests_without_a_word(http: Any, loop: Any, hang: Any, caplog: Any) -> None:
    begun = threading.Semaphore(0)

    async def hung(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        begun.release()
        await hang(scope, receive, send)

    server = serve_in_thread(hung, http=http, loop=loop, graceful=0.01)
    with dial(server) as one, dial(server) as two:
        one.sendall(GET)
        two.sendall(GET)
        assert begun.acquire(timeout=PATIENCE)
        assert begun.acquire(timeout=PATIENCE)
        server.stop()
        assert not server.is_running
        assert read_to_end(one) == read_to_end(two)
    assert not caplog.records


def test_an_application_is_opened_and_closed() -> None:
    heard: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for _ in range(2):
            heard.append((await receive())["type"])
            await send({"type": heard[-1] + ".complete"})

    serve_in_thread(app).stop()
    assert heard == ["lifespan.startup", "lifespan.shutdown"]


def test_an_application_that_refuses_to_start_is_a_usage_error() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": ""})

    with pytest.raises(UsageError, match="refused to start"):
        serve_in_thread(app)


def test_an_application_that_does_not_come_up_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    release, others = threading.Event(), set(threading.enumerate())

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(None, release.wait)
        raise RuntimeError("too late")

    monkeypatch.setattr("mockserver.wire.threads.START_SECONDS", 0.01)
    with pytest.raises(UsageError, match=r"within 0\.01 seconds"):
        serve_in_thread(app)
    release.set()
    for thread in set(threading.enumerate()) - others:
        if thread.name.startswith("mockserver:"):
            thread.join(PATIENCE)


def test_a_taken_port_is_named_at_once() -> None:
    with serve_in_thread(Echo()) as server, pytest.raises(UsageError, match=f"port {server.port} cannot"):
        serve_in_thread(Echo(), port=server.port)


@pytest.mark.parametrize(
    ("host", "port"), [("203.0.113.1", 0), ("127.0.0.1", 70_000), ("no such host.", 0), ("a" * 99, 0)]
)
def test_an_address_that_cannot_be_had_is_a_usage_error(host: str, port: int) -> None:
    with pytest.raises(UsageError, match="Choose another address"):
        bind(host, port)


def test_a_bound_socket_speaks_tcp_by_name_so_that_nagle_is_off() -> None:
    with bind() as sock:
        assert sock.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(
    ("host", "tls", "begins"),
    [
        ("127.0.0.1", False, "http://127.0.0.1:"),
        ("0.0.0.0", True, "https://127.0.0.1:"),
        ("::1", False, "http://[::1]:"),
    ],
)
def test_the_url_reaches_the_socket(host: str, tls: bool, begins: str) -> None:
    with bind(host) as sock:
        url = url_of(sock, self_signed(["a"]) if tls else None)
        assert url == f"{begins}{sock.getsockname()[1]}"


def test_it_listens_on_ipv6() -> None:
    with serve_in_thread(Echo(), host="::1") as server:
        assert httpx.get(server.url + "/six", trust_env=False).text == "/six 0"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    leaf = authority.issue_cert("127.0.0.1")
    leaf.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    leaf.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    leaf.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    return tmp_path


@pytest.mark.parametrize("names", [("cert.pem", "key.pem"), ("both.pem",)])
def test_certificates_come_from_files(certificate: Path, names: tuple[str, ...]) -> None:
    tls = tls_files(*[certificate / name for name in names])
    trust = ssl.create_default_context(cafile=str(certificate / "ca.pem"))
    with serve_in_thread(Echo(), tls=tls) as server:
        assert server.url.startswith("https://")
        assert httpx.get(server.url + "/x", verify=trust, trust_env=False).text == "/x 0"


@pytest.mark.parametrize(
    "names", [("none.pem", None), ("key.pem", None), ("ca.pem", "key.pem"), ("cert.pem", "cert.pem")]
)
def test_certificates_that_cannot_be_used_are_a_usage_error(certificate: Path, names: tuple[str, str | None]) -> None:
    cert, key = names
    with pytest.raises(UsageError, match="cannot be used"):
        tls_files(certificate / cert, certificate / key if key else None)


def test_an_encrypted_key_is_a_usage_error_and_no_question_on_the_terminal(certificate: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key((certificate / "key.pem").read_bytes(), None)
    secret = serialization.BestAvailableEncryption(b"secret")
    kind = serialization.PrivateFormat.PKCS8
    (certificate / "locked.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, kind, secret))
    with pytest.raises(UsageError, match="encrypted"):
        tls_files(certificate / "cert.pem", certificate / "locked.pem")


def test_without_trustme_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(UsageError, match=r"mockserver-kit\[tls\]"):
        self_signed(["localhost"])


def test_without_httptools_h11_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_module.importlib.util, "find_spec", lambda name: None)
    assert protocol_class("auto") is protocol_class("h11")
    with pytest.raises(UsageError, match="httptools is not installed"):
        protocol_class("httptools")


def test_what_the_application_raises_is_logged_and_a_500(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("a mistake in the application")

    with serve_in_thread(app) as server:
        got = ask(server, GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert got.startswith(b"HTTP/1.1 500 ")
    assert [record.message.strip() for record in caplog.records] == ["Exception in ASGI application"]
