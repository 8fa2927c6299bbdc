"""A load of requests at a given rate over one connection, and what it costs the live page: both are cheap to make."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from page_kit import Tab, World
from wire_kit import PATIENCE

WATCH = """
window.tasks = [];
const seen = (list) => tasks.push(...list.getEntries().map((e) => e.duration));
new PerformanceObserver(seen).observe({ type: "longtask" });
"""
"""Runs in the page before its own scripts: tasks that hold it up for more than 50 ms."""
NEWEST = (
    "Math.max(0, ...[...document.querySelectorAll('#journal-list .row .number')].map((e) => Number(e.textContent)))"
)
"""The number of the newest entry that is drawn."""


class Client:
    """Sends one request again and again over a connection that stays, and reads each answer."""

    def __init__(self, world: World, path: str = "/api/health", api: str = "vidgen") -> None:
        url = urlsplit(world.apis[api]["url"])
        self._socket = socket.create_connection((url.hostname, url.port), timeout=PATIENCE)
        self._request = f"GET {url.path}{path} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode()
        self.sent = 0

    def send(self, count: int = 1) -> None:
        """So many requests, one after the other."""
        for _ in range(count):
            self._socket.sendall(self._request)
            self._read()
            self.sent += 1

    def _read(self) -> None:
        head, _, body = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        (length,) = [int(line.partition(b":")[2]) for line in head.lower().splitlines() if b"content-length" in line]
        while len(body) < length:
            body += self._socket.recv(1 << 16)

    def _until(self, end: bytes) -> bytes:
        found = b""
        while end not in found:
            found += self._socket.recv(1 << 16)
            assert found, "the server has closed the connection"
        return found

    def close(self) -> None:
        self._socket.close()


@contextmanager
def requests(world: World, rate: float) -> Iterator[Client]:
    """So many requests a second, or as many as this machine makes."""
    client, over = Client(world), threading.Event()

    def send() -> None:
        began = time.monotonic()
        while not over.is_set():
            client.send(max(0, int((time.monotonic() - began) * rate) - client.sent))
            over.wait(0.004)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield client
    finally:
        over.set()
        thread.join()
        client.close()


@dataclass(frozen=True)
class Gauge:
    """What was used so far: processor seconds of the page's thread, a server and all of the browser; what is kept."""

    main_thread: float
    heap: float
    nodes: float
    server: float
    browser: float

    @classmethod
    def of(cls, page: Tab, server: int = 0, profile: str = "") -> Gauge:
        page.command("Performance.enable", timeDomain="threadTicks")  # what others do meanwhile does not count
        page.command("HeapProfiler.collectGarbage")
        told = page.command("Performance.getMetrics")["result"]["metrics"]
        found = {each["name"]: each["value"] for each in told}
        nodes = page.run("return document.querySelectorAll('*').length")
        spent = seconds_of([server]) if server else 0.0
        return cls(found["TaskDuration"], found["JSHeapUsedSize"], nodes, spent, seconds_of(family(profile)))


def seconds_of(processes: Iterable[int]) -> float:
    """The processor time of processes."""
    return sum(int(n) for each in processes for n in _fields(each)[11:13]) / os.sysconf("SC_CLK_TCK")


def _fields(process: int) -> list[str]:
    """What the system says of a process behind its name; the second one is its parent. Zeros of one that has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 13


def family(profile: str) -> list[int]:
    """The processes of the browser that has this profile."""
    if not profile:
        return []
    numbers = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
    parents = {each: int(_fields(each)[1]) for each in numbers}
    found = [each for each in numbers if profile in _command(each)]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each and child not in found]
    return found


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def caught_up(page: Tab, newest: int) -> float:
    """Seconds until the page shows an entry."""
    began = time.monotonic()
    page.until(f"{NEWEST} >= {newest}")
    return time.monotonic() - began


def drawn(page: Tab) -> int:
    """The number of the newest entry that it shows."""
    return int(page.run(f"return {NEWEST}"))
