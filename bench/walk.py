"""`make walk`: how far a reader walks to follow one request: calls, files, and returns to a file already left.

Five walks are counted inside a running server, on its own thread. Knows nothing of speed.
"""

from __future__ import annotations

import json
import socket
import statistics
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from asked import form

from mockserver import start

ROOT = Path(__file__).parent.parent
ROOMS = tuple(str(ROOT / name) for name in ("mockserver", "pytest_plugin"))
INLINED = frozenset(("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>"))  # part of their function for a reader
BACKGROUND = "deadlines.py"  # the wheel of time-outs turns whether a request is there or not
ROUNDS = 5


class Walk(NamedTuple):
    """`returns`: how often the way comes back to a file that it had left."""

    calls: int
    files: int
    returns: int


@dataclass
class Recorder:
    """Notes each call into the project's files while it is on. Frames are kept, so that a resumed one is known."""

    on: bool = False
    frames: list[FrameType] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def profile(self, frame: FrameType, event: str, _: Any) -> None:
        """What the interpreter calls for each event of a thread."""
        if event != "call" or not self.on:
            return
        code = frame.f_code
        if not code.co_filename.startswith(ROOMS) or code.co_name in INLINED or code.co_filename.endswith(BACKGROUND):
            return
        self.files.append(code.co_filename)
        if not any(frame is known for known in self.frames):
            self.frames.append(frame)

    def walk(self, work: Callable[[], object]) -> Walk:
        """What happens inside while `work` asks from outside."""
        self.frames.clear()
        self.files.clear()
        self.on = True
        work()
        self.on = False
        moves = [name for n, name in enumerate(self.files) if n == 0 or self.files[n - 1] != name]
        return Walk(len(self.frames), len(set(moves)), len(moves) - len(set(moves)))


class Client:
    """One connection that is kept open: what opening one costs is no part of a walk."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._file = self._socket.makefile("rb")

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> bytes:
        """Send one request, give the body of its answer."""
        lines = [f"{method} {target} HTTP/1.1", "host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
        if body:
            lines.append(f"content-length: {len(body)}")
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        status = self._file.readline()
        length = 0
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        content = self._file.read(length)
        if not status.startswith(b"HTTP/1.1 2"):
            raise SystemExit(f"{method} {target}: {status!r} {content!r}")
        return content


@contextmanager
def receiver() -> Iterator[str]:
    """A receiver of webhooks on a thread that is not recorded."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


class Walks:
    """The five walks, in a sandbox whose clock stands."""

    def __init__(self, recorder: Recorder, server: Any, hook: str) -> None:
        self.recorder, self.hook = recorder, hook
        self.sandbox = server.sandbox(insecure_webhooks=True, limits=True)
        self.api = self.sandbox.api("vidgen")
        self.path = "/" + self.api.url.split("/", 3)[3]
        self.headers = {"x-api-key": self.api.api_key}
        self.client = Client(int(server.url.rsplit(":", 1)[1]))

    def submit(self, **more: str) -> Walk:
        """Make a job, after the one before has ended; `self.job` is its id."""
        self.sandbox.clock.advance(3600)
        body, kind = form(**more)
        headers = {**self.headers, "content-type": kind}
        made: list[bytes] = []
        walk = self.recorder.walk(lambda: made.append(self.client.ask("POST", f"{self.path}/api/jobs", headers, body)))
        self.job = json.loads(made[0])["jobId"]
        return walk

    def show(self, query: str = "") -> Walk:
        """Read the job."""
        target = f"{self.path}/api/status/{self.job}{query}"
        return self.recorder.walk(lambda: self.client.ask("GET", target, self.headers))

    def advance(self) -> Walk:
        """Move past the end of a job that has a webhook, over the control API as a client elsewhere does."""
        self.submit(webhookUrl=self.hook)
        url = f"/_mock/sandboxes/{self.sandbox.name}/clock/advance"
        headers, body = {"content-type": "application/json"}, b'{"seconds": 3600}'
        return self.recorder.walk(lambda: self.client.ask("POST", url, headers, body))

    def all(self) -> None:
        """One line a walk."""
        print("What a request meets inside the server. calls: functions entered; files: that they are in;")
        print("returns: how often the way comes back to a file that it had left. Fewer are easier to follow.")
        count("POST multipart", self.submit)
        count("GET of a job, short way", self.show)
        count("GET of a job, long way", lambda: self.show("?x=1"))
        self.api.fault("status", operation="getStatus", status=203)
        count("GET under a fault", self.show)
        count("advance with one webhook", self.advance)


def count(name: str, walk: Callable[[], Walk]) -> None:
    """Print a walk: the median of some rounds, after one that warms the caches."""
    rounds = [walk() for _ in range(ROUNDS + 1)][1:]
    calls, files, returns = (statistics.median_low(column) for column in zip(*rounds, strict=True))
    print(f"{name:<28} {calls:4} calls {files:4} files {returns:4} returns", flush=True)


def main() -> None:
    recorder = Recorder()
    threading.setprofile(recorder.profile)  # of the server's thread, which begins now
    server = start()
    threading.setprofile(None)  # type: ignore[arg-type]
    with server, receiver() as hook:
        walks = Walks(recorder, server, hook)
        with closing(walks.client):
            walks.all()


if __name__ == "__main__":
    sys.exit(main())
