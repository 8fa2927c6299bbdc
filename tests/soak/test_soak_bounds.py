"""What 20,000 requests of a nasty kind leave behind in a server, and whether reading it all stops others (`-s`)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from hostile_gallery_kit import sent

from mockserver import bounds
from mockserver.launch import contracts_in
from mockserver.live.requests import requests_of_examples
from mockserver.loader.folders import GALLERY

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

ROOT = Path(__file__).parent.parent.parent
REQUESTS = int(os.environ.get("SOAK_REQUESTS", "20000"))
SLACK = 20 * bounds.MIB
LONGEST_PAUSE = 0.05
SANDBOX = "/_mock/sandboxes/default"


class Server:
    """The command in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url
        self.port = int(url.rpartition(":")[2])
        self.client = httpx.Client(base_url=url, trust_env=False, timeout=120)

    def memory(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))

    def many(self, requests: Iterator[bytes]) -> Counter[int]:
        """Send requests over one connection, each after the answer to the one before; gives how often each status."""
        found = Counter[int]()
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as sock:
            for request in requests:
                sock.sendall(request)
                found[self._answered(sock)] += 1
        return found

    @staticmethod
    def _answered(sock: socket.socket) -> int:
        data = b""
        while b"\r\n\r\n" not in data:
            more = sock.recv(1 << 16)
            assert more, "the server hung up"
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        left = (int(lengths[0].split(b":")[1]) if lengths else 0) - len(body)
        while left > 0:
            left -= len(sock.recv(1 << 16))
        return int(head[9:12])


@contextmanager
def served(*words: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--quiet", *words]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            server = Server(process, process.stdout.readline().strip())
            server.client.put(f"{SANDBOX}/limits", json={"on": False})
            for _ in range(3):  # an account may have one job at a time: those end at once
                at_once = {"api": "vidgen", "queued": 0, "running": 0, "count": 10_000}
                assert server.client.post(f"{SANDBOX}/plans", json=at_once).status_code == 201
            yield server
            server.client.close()
        finally:
            process.kill()


def get(path: str, *headers: str) -> bytes:
    key = () if any(each.startswith("X-API-Key") for each in headers) else ("X-API-Key: demo-key",)
    lines = "".join(f"{each}\r\n" for each in ("Host: localhost", *key, *headers))
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()


def post(path: str, body: bytes, kind: str = "application/json") -> bytes:
    lines = f"Host: localhost\r\nX-API-Key: demo-key\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


IMAGE = "/miraflow/api/image/generate"
PART = b'--x\r\ncontent-disposition: form-data; name="webhookUrl"\r\n\r\n' + b"a" * 100_000 + b"\r\n--x--\r\n"
PICTURES = b'--x\r\ncontent-disposition: form-data; name="%b"; filename="%b%d"\r\ncontent-type: %b\r\n\r\n%b\r\n'


def job_with_webhook(n: int) -> bytes:
    image = PICTURES % (b"image", b"a" * 200, n, b"image/png", b"\x89PNG\r\n\x1a\n" + b"\0" * 32)
    audio = PICTURES % (b"audio", b"b" * 200, n, b"audio/mpeg", b"ID3" + b"\0" * 32)
    hook = b'--x\r\ncontent-disposition: form-data; name="webhookUrl"\r\n\r\nhttps://a.invalid/' + b"h" * 1500
    return post("/vidgen/api/jobs", image + audio + hook + b"\r\n--x--\r\n", "multipart/form-data; boundary=x")


def fault(n: int) -> bytes:
    body = {"api": "vidgen", "fault": "given_body", "body": f"{n}" * 8000}
    return post(f"{SANDBOX}/faults", json.dumps(body).encode())


def plan(n: int) -> bytes:
    body = {"api": "vidgen", "outcome": "FAILED", "error": f"{n:04d}"[:4] * 500}
    return post(f"{SANDBOX}/plans", json.dumps(body).encode())


JOURNAL, JOBS = bounds.JOURNAL, bounds.JOBS
# A job, an upload or an entry has a size beside its texts; the count bounds that part.
JOB, UPLOAD = 3 * bounds.KIB, 2 * bounds.KIB

Kind = tuple[Callable[[int], bytes], int]
KINDS: dict[str, Kind] = {
    "paths of 60 KB": (lambda n: get(f"/vidgen/{n}" + "a" * 60_000), JOURNAL),
    "1,500 headers": (lambda n: get(f"/vidgen/api/{n}", *(f"x-{n}-{i}: v" for i in range(1500))), JOURNAL),
    "refused JSON of 900 KB": (lambda n: post(IMAGE, b'{"prompt": "' + b"a" * 900_000 + b'"}'), JOURNAL),
    "refused forms": (lambda n: post("/vidgen/api/jobs", PART, "multipart/form-data; boundary=x"), JOURNAL),
    "unknown ids": (lambda n: get(f"/vidgen/api/status/{n}" + "i" * 8000), JOURNAL),
    "random keys": (lambda n: get("/vidgen/api/jobs", f"X-API-Key: {n}" + "k" * 4000, f"user-agent: {n}"), JOURNAL),
    "queries": (lambda n: get(f"/vidgen/api/jobs?limit={n}&" + "q=%41&" * 2000), JOURNAL),
    "jobs with long prompts": (
        lambda n: post(IMAGE, json.dumps({"prompt": f"{n}" + "\U0001f600" * 1900, "name": f"{n}"}).encode()),
        JOURNAL + JOBS + REQUESTS * JOB,
    ),
    "jobs with webhooks": (
        job_with_webhook, JOURNAL + JOBS + bounds.POSTINGS + REQUESTS * (JOB + 2 * UPLOAD) + 16 * bounds.MIB,
    ),
    "armed faults": (fault, bounds.FAULTS),
    "plans": (plan, bounds.ORDERS),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_20000_requests_leave_no_more_behind_than_the_bounds_say(kind: str) -> None:
    make, bound = KINDS[kind]
    with served() as server:
        server.many(make(n) for n in range(20))  # what first ones load is not kept by requests
        before, begun = server.memory(), time.monotonic()
        statuses = server.many(make(n) for n in range(REQUESTS))
        growth = server.memory() - before
        took = time.monotonic() - begun
    print(f"\n{REQUESTS} × {kind}: +{growth >> 20} MiB of at most {bound >> 20}, {took:.0f} s, {dict(statuses)}")
    if kind.startswith("jobs"):
        assert set(statuses) <= {200, 201}
    assert growth < bound + SLACK


GALLERY_APIS = sorted(folder.name for folder in GALLERY.iterdir() if folder.is_dir())


def creations(api: str) -> list[bytes]:
    """The examples of requests that create something in an API of the gallery."""
    (contract,) = (each for each in contracts_in((), [api]) if each.name == api)
    found = []
    creating = (each for each in contract.operations.values() if each.verb == "create" and each.stream is None)
    for operation in (each for each in creating if each.wait is None or each.wait.place):
        for asked in requests_of_examples(contract, operation):
            kind, body = asked.encoded()
            lines = [f"{name}: {value}".encode() for name, value in asked.headers]
            lines += [f"Content-Type: {kind}".encode()] if kind else []
            made = sent(contract, operation, asked.target.encode(), *lines, body=body)
            found.append(made.replace(b"Connection: close\r\n", b"", 1))
    return found


@pytest.mark.parametrize("api", GALLERY_APIS)
def test_20000_jobs_of_an_api_of_the_gallery_leave_no_more_behind_than_the_bounds_say(api: str) -> None:
    requests = creations(api)
    with served("--api", api, "--clock", "x5000") as server:  # an account may have few at a time: those end soon
        server.many(requests[n % len(requests)] for n in range(20))
        before = server.memory()
        statuses = server.many(requests[n % len(requests)] for n in range(REQUESTS))
        growth = server.memory() - before
    bound = JOURNAL + JOBS + bounds.POSTINGS + REQUESTS * 2 * (JOB + UPLOAD) + 16 * bounds.MIB
    print(f"\n{REQUESTS} × {api}: +{growth >> 20} MiB of at most {bound >> 20}, {dict(statuses)}")
    assert sum(number for status, number in statuses.items() if status < 300) > REQUESTS // 20
    assert max(statuses) < 500
    assert growth < bound + SLACK


def test_20000_sandboxes_opened_and_closed_with_late_requests_stay_within_the_bounds() -> None:
    with served() as server:

        def rounds(count: int) -> Iterator[bytes]:
            for n in range(count):
                name = f"s{count}-{n}"
                yield post("/_mock/sandboxes", json.dumps({"name": name, "owner": "t" * 500}).encode())
                yield f"DELETE /_mock/sandboxes/{name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
                yield get(f"/@{name}/vidgen/" + "a" * 8000)

        server.many(rounds(50))
        before = server.memory()
        server.many(rounds(REQUESTS))
        growth = server.memory() - before
    bound = bounds.CLOSED + bounds.LATE
    print(f"\n{REQUESTS} sandboxes opened and closed: +{growth >> 20} MiB of at most {bound >> 20}")
    assert growth < bound + SLACK


READINGS = ("journal", "journal?format=har", "conduct", "coverage", "jobs", "webhooks", "reset")


@pytest.mark.parametrize("reading", READINGS)
def test_others_are_answered_while_all_that_is_kept_is_read(reading: str) -> None:
    body = json.dumps({"prompt": "a kite " * 60, "name": "kite"}).encode()
    with served() as server:
        server.many(post(IMAGE, body) for _ in range(100_000))
        took = _latencies(server, _read(reading))
    p99 = took[len(took) * 99 // 100]
    print(f"\n{reading}: {len(took)} others meanwhile, p99 {p99 * 1000:.1f} ms, longest {took[-1] * 1000:.1f} ms")
    assert p99 < LONGEST_PAUSE


READER = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as sock:
    sock.sendall(bytes.fromhex(sys.argv[2]))
    begun = sock.recv(1 << 16)
    while sock.recv(1 << 20):
        pass
sys.exit(not begun.startswith(b"HTTP/1.1 20"))
"""
"""Who reads it, in a process of its own: what it does with the bytes stops nobody else."""


def _read(reading: str) -> bytes:
    if reading == "reset":
        return post(f"{SANDBOX}/reset", b"{}").replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    return get(f"{SANDBOX}/{reading}", "Connection: close")


def _latencies(server: Server, request: bytes) -> list[float]:
    """How long others wait for an answer while one request is answered."""
    command = [sys.executable, "-c", READER, str(server.port), request.hex()]
    health, took = get("/vidgen/api/health"), []
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=60) as sock,
        subprocess.Popen(command) as reader,
    ):
        while reader.poll() is None or not took:
            begun = time.monotonic()
            sock.sendall(health)
            Server._answered(sock)
            took.append(time.monotonic() - begun)
            time.sleep(0.001)
    assert reader.returncode == 0
    return sorted(took)
