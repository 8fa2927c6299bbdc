"""Two servers as users start them over one engine, while one walks the clock: what clients and a receiver count."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from check_kit import behave, write
from engine_kit import Engine
from flow_kit import KEY, streaming
from language_kit import NAME, documents
from serve_kit import Served, serving
from until_kit import until

CONTROL = "/_mock/sandboxes/default"
JOBS = 6
FOLLOWED = 4
WALK = 60.0
LONG = 120.0
CHANGES = streaming(heartbeat=0.5, every=99), behave("/webhooks/ended/sign", {"scheme": "standard-webhooks"})


class Hooks:
    """A receiver of webhooks: jobs with the ids of what told of them. `came` hears how many came, before the answer."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.came: Callable[[int], None] = lambda many: None
        outer, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    outer.got.append((body["id"], self.headers["webhook-id"]))
                    outer.came(len(outer.got))
                with suppress(OSError):  # who told is gone
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@contextmanager
def hooks() -> Iterator[Hooks]:
    made = Hooks()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        thread.join()
        made.server.server_close()


class Server:
    """One of them, with a client."""

    def __init__(self, served: Served, client: httpx.Client) -> None:
        self.served, self.client = served, client

    def send(self, number: int) -> None:
        os.kill(self.served.process.pid, number)

    def told(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.request(method, CONTROL + path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    @property
    def now(self) -> float:
        return float(self.told("GET", "/clock")["epoch"])

    def moved(self, seconds: float) -> float | str:
        """What the clock says after a move, or why that is not known: the client's word, or the server's status."""
        try:
            answer = self.client.post(f"{CONTROL}/clock/advance", json={"seconds": seconds})
        except httpx.TransportError as error:
            return type(error).__name__
        return float(answer.json()["epoch"]) if answer.is_success else str(answer.status_code)

    def submit(self, hook: str) -> str:
        answer = self.client.post(f"/{NAME}/v1/jobs", json={"prompt": "x", "callback": hook}, headers=KEY)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def followed(self, job: str, came: Callable[[], None]) -> str:
        """How a stream of a job's events ends: its last event, or what the client says where it broke off."""
        event = ""
        try:
            with self.client.stream("GET", f"/{NAME}/v1/jobs/{job}/events", headers=KEY) as answer:
                for line in answer.iter_lines():
                    came()
                    event = line.removeprefix("event: ") if line.startswith("event: ") else event
        except httpx.TransportError as error:
            return type(error).__name__
        return event


class Walk:
    """Both, with jobs a second apart, of which each has half; both hold streams, and the first one delivers."""

    def __init__(self, servers: tuple[Server, Server], hook: Hooks, pool: ThreadPoolExecutor) -> None:
        self.servers, self.hook, self._pool = servers, hook, pool
        self.beats, self.beat = 0, lambda many: None
        self.jobs: list[str] = []
        self.streams: list[Future[str]] = []

    def begin(self) -> None:
        first = self.servers[0]
        first.told("PUT", "/limits", {"on": False})
        first.told("GET", "/webhooks")
        for n in range(JOBS):
            self.jobs.append(self.servers[n % 2].submit(self.hook.url))
            first.told("POST", "/clock/advance", {"seconds": 1})
        for n in range(FOLLOWED):
            follow = self.servers[n % 2].followed
            self.streams.append(self._pool.submit(follow, self.jobs[n], self._came if n % 2 else lambda: None))
        until(lambda: first.told("GET", "")["held"]["requests"] == FOLLOWED)
        self.end = round(first.now + WALK, 6)

    def _came(self) -> None:
        """Something came on a stream that the second one holds."""
        self.beats += 1
        self.beat(self.beats)

    def walking(self, at: int) -> Future[float | str]:
        """A walk that is asked of one of them, while it goes on."""
        return self._pool.submit(self.servers[at].moved, WALK)


@contextmanager
def walk(engine: Engine, folder: Path) -> Iterator[Walk]:
    contract = write(folder / NAME, documents(*CHANGES))
    options = ("--store", engine.url, "--contracts", str(contract), "--clock", "manual", "--insecure-webhooks")
    with ExitStack() as stack:
        hook, servers = stack.enter_context(hooks()), list[Server]()
        for _ in range(2):
            served = stack.enter_context(serving(*options, "--quiet"))
            client = httpx.Client(base_url=served.url, trust_env=False, timeout=LONG)
            servers.append(Server(served, stack.enter_context(client)))
        pool = stack.enter_context(ThreadPoolExecutor(8))
        stack.callback(lambda: [each.send(signal.SIGKILL) for each in servers])
        made = Walk((servers[0], servers[1]), hook, pool)
        made.begin()
        yield made
