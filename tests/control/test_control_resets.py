"""A reset or a close ends what is under way, as its clients see it over real connections."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fault_kit import PATIENCE, Caller, account_of, calling, quiet, video_files
from wire_kit import read_to_end

from mockserver import Running
from mockserver.faults import fault_of
from mockserver.sandbox import Sandbox

ENDINGS = ["reset", "close"]


@pytest.fixture
def caller(make_sandbox: Callable[..., Sandbox]) -> Iterator[Caller]:
    with calling(make_sandbox, insecure_webhooks=True) as made:
        yield made


def end(running: Running, sandbox: Sandbox, how: str) -> None:
    """Over the control API."""
    url = f"{running.url}/_mock/sandboxes/{sandbox.name}"
    told = httpx.post(f"{url}/reset", json={}, trust_env=False) if how == "reset" else None
    told = told or httpx.delete(url, headers={"Content-Type": "application/json"}, trust_env=False)
    assert told.status_code == 204, told.text


@pytest.mark.parametrize("how", ENDINGS)
def test_a_request_that_is_still_sent_is_answered_410_and_makes_no_job(
    running: Running, caller: Caller, how: str
) -> None:
    sent = httpx.Request("POST", caller.url("/api/jobs"), files=dict(video_files()))
    head = [f"POST {sent.url.path} HTTP/1.1", f"X-API-Key: {account_of(caller.sandbox, 'vidgen').key}"]
    head += [f"{name}: {value}" for name, value in sent.headers.items()]
    body = sent.read()
    with socket.create_connection(("127.0.0.1", running.port), PATIENCE) as sock:
        sock.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode() + body[:1000])
        quiet(running.thread.loop, caller.sandbox, 1)
        end(running, caller.sandbox, how)
        sock.sendall(body[1000:])
        got = read_to_end(sock)
    assert got.startswith(b"HTTP/1.1 410 ")
    assert f"was {how.removesuffix('e')}".encode() in got
    assert caller.api.store.newest(10) == []
    assert len(caller.sandbox.journal) == 0


@pytest.mark.parametrize("how", ENDINGS)
@pytest.mark.parametrize("fault", [{"fault": "hang"}, {"fault": "latency", "seconds": 3600}])
def test_silence_ends_with_its_sandbox(running: Running, caller: Caller, fault: dict[str, Any], how: str) -> None:
    caller.api.faults.arm(*fault_of({"operation": "getHealth", **fault}))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(caller.get, "/api/health")
        quiet(running.thread.loop, caller.sandbox, 1)
        end(running, caller.sandbox, how)
        error = asked.exception(PATIENCE)
        assert isinstance(error, httpx.RemoteProtocolError) if error else asked.result().status == 410
    assert len(caller.sandbox.journal) == 0


@pytest.mark.parametrize("how", ENDINGS)
def test_a_download_ends_with_its_sandbox(running: Running, caller: Caller, how: str) -> None:
    caller.api.plan({"result_bytes": 10**12})
    job = caller.job()
    caller.sandbox.clock.advance(100)
    film = urlsplit(str(caller.status(job)["outputVideo"]))
    with socket.create_connection(("127.0.0.1", running.port), PATIENCE) as sock:
        sock.sendall(f"GET {film.path}?{film.query} HTTP/1.1\r\nHost: {film.netloc}\r\n\r\n".encode())
        assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")
        end(running, caller.sandbox, how)
        assert len(read_to_end(sock)) < 10**9


@pytest.mark.parametrize("how", ENDINGS)
def test_a_move_of_the_clock_that_waits_for_a_receiver_ends_and_moves_nothing_more(
    running: Running, caller: Caller, how: str
) -> None:
    url = f"{running.url}/_mock/sandboxes/{caller.sandbox.name}/clock/advance"
    with socket.create_server(("127.0.0.1", 0)) as receiver, ThreadPoolExecutor(1) as pool:
        receiver.settimeout(PATIENCE)
        made = caller.create(hook=f"http://127.0.0.1:{receiver.getsockname()[1]}/")
        assert made.status == 201, made.body
        asked = pool.submit(httpx.post, url, json={"seconds": 1000}, trust_env=False, timeout=PATIENCE)
        connection, _ = receiver.accept()  # and no answer
        with connection:
            moved = caller.sandbox.clock.now()
            end(running, caller.sandbox, how)
            told = asked.result(PATIENCE)
    assert (told.status_code, told.json()["title"]) == (410, "Gone")
    assert caller.sandbox.clock.now() == moved < 1_000_000_000 + 1000
    assert [entry for entry in caller.sandbox.journal if entry.kind == "webhook"] == []
