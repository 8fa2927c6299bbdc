"""`mockserver serve` as users start it, under clients that want to hurt it, with figures printed (`-s`)."""

from __future__ import annotations

import contextlib
import json
import random
import resource
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fault_kit import video_files
from serve_kit import Served, serving
from wire_kit import PATIENCE, read_to_end, status_of

from mockserver import Running, start

pytestmark = pytest.mark.soak

DEFAULT = "/_mock/sandboxes/default"
KEY = {"X-API-Key": "demo-key"}
FLOOD = 100 * 1024 * 1024
GROWTH_KIB = 5 * 1024


def _memory(server: Served) -> int:
    """KiB that the process has held at most."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


@contextlib.contextmanager
def _served(**options: Any) -> Iterator[tuple[Served, httpx.Client]]:
    """The command, and a client of it."""
    with (
        serving("--quiet", **options) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=PATIENCE) as client,
    ):
        yield server, client


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: a\r\nX-API-Key: demo-key\r\n\r\n".encode()


def _create(url: str) -> httpx.Request:
    return httpx.Request("POST", f"{url}/vidgen/api/jobs", headers=KEY, files=dict(video_files()))


def _bytes(request: httpx.Request) -> bytes:
    head = b"".join(b"%s: %s\r\n" % pair for pair in request.headers.raw)
    return b"POST %s HTTP/1.1\r\n%s\r\n%s" % (request.url.raw_path, head, request.read())


HUNG = [
    {"fault": "hang", "operation": "getHealth"},
    {"fault": "stall", "operation": "listJobs"},
    {"fault": "latency", "operation": "getStatus", "seconds": 3600},
    {"fault": "half_open", "operation": "cancelJob", "seconds": 3600},
    {"fault": "answer_lost", "operation": "createJob", "how": "hang"},
]


def test_sigterm_with_five_hung_faults_ends_soon_and_without_a_traceback() -> None:
    with _served() as (server, client), contextlib.ExitStack() as stack:
        for fault in HUNG:
            made = client.post(f"{DEFAULT}/faults", json={"api": "vidgen", **fault})
            assert made.status_code == 201, made.text
        asked = [
            _get("/vidgen/api/health"), _get("/vidgen/api/jobs"), _get("/vidgen/api/status/x"),
            _get("/vidgen/api/jobs/x").replace(b"GET", b"DELETE"),
            _bytes(_create(server.url)),
        ]  # fmt: skip
        for each in asked:
            stack.enter_context(server.dial()).sendall(each)
        _await_hung(client)
        begun = time.monotonic()
        code, err = server.ended(signal.SIGTERM)
        took = time.monotonic() - begun
    print(f"\nserve with {len(HUNG)} hung faults ended after {took:.2f} s with code {code}")
    assert (code, err) == (0, "")
    assert took < 2.5


def _await_hung(client: httpx.Client) -> None:
    """Until each of the faults has taken effect."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        shown = client.get(f"{DEFAULT}/faults", params={"api": "vidgen"}).json()
        if [each["applied"] for each in shown] == [1] * len(HUNG):
            return
    raise AssertionError(json.dumps(shown, indent=1))


def test_a_flood_of_headers_is_answered_431_and_not_kept() -> None:
    lines = b"x-flood: 0123456789abcdef\r\n" * 4096
    with _served() as (server, client):
        client.get("/vidgen/api/nothing")  # what a first refusal loads is not the flood's
        before = _memory(server)
        with server.dial() as sock:
            sock.sendall(b"GET /vidgen/api/health HTTP/1.1\r\nHost: a\r\n")
            for _ in range(FLOOD // len(lines)):
                sock.sendall(lines)
            got = read_to_end(sock)
        growth = _memory(server) - before
    print(f"\nserve: {FLOOD >> 20} MiB of headers, memory +{growth} KiB")
    assert status_of(got) == 431
    assert growth < GROWTH_KIB


def test_64_descriptors_and_200_sockets() -> None:
    with _served(limits={resource.RLIMIT_NOFILE: 64}) as (server, client):
        client.get("/vidgen/api/health")
        client.close()
        with contextlib.ExitStack() as stack:
            for _ in range(200):
                stack.enter_context(server.dial())
        begun = time.monotonic()
        health = httpx.get(f"{server.url}/vidgen/api/health", trust_env=False, timeout=PATIENCE)
        took = time.monotonic() - begun
        code, err = server.ended(signal.SIGTERM)
    print(f"\nserve with 64 descriptors: recovered within {took * 1000:.0f} ms, {err.count(chr(10))} lines logged")
    assert health.status_code == 200
    assert took < 1.0
    assert code == 0
    assert err.count("\n") < 100


def test_2000_clients_that_drop_inside_a_create_leave_nothing_behind(caplog: Any) -> None:
    draw = random.Random(7)
    with start() as server:
        server.app.sandboxes.default.limits_on = False
        whole = _bytes(_create(server.url))
        begun = time.monotonic()
        for _ in range(2000):
            with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as sock:
                sock.sendall(whole[: draw.randrange(len(whole))])
                if draw.random() < 0.5:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        _await_quiet(server)
        took = time.monotonic() - begun
        jobs = httpx.get(f"{server.url}{DEFAULT}/jobs", trust_env=False).json()
        kept = server.app.sandboxes.default.in_flight
        with httpx.Client(trust_env=False) as client:
            made = client.send(_create(server.url))
    print(f"\n2000 clients dropped inside a create: {took:.1f} s, {len(jobs)} jobs, {kept} requests in flight")
    assert (jobs, kept) == ([], 0)
    assert made.status_code == 201  # whole, the request is a good one
    assert not [record for record in caplog.records if record.levelno > 20]


def _await_quiet(server: Running) -> None:
    """Until no connection and no task is left."""
    state, end = server.thread.state, time.monotonic() + PATIENCE
    while (state.connections or state.tasks) and time.monotonic() < end:
        time.sleep(0.01)
    assert not state.connections
    assert not state.tasks
