"""What tests of the four APIs share: samples, a view of one API, a receiver of webhooks, a judge of films."""

from __future__ import annotations

import io
import json
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from steered_kit import credited, is_elsewhere, waited

from mockserver import Running
from mockserver.api_state import SandboxApi
from mockserver.sandbox import Sandbox
from mockserver.store import AccountRecord

SAMPLES = Path(__file__).parent.parent / "mockserver" / "samples"
START = "2001-09-09T01:46:40.000Z"
UNIX_START = 1_000_000_000
MakeSandbox = Callable[..., Sandbox]
OCTETS = "application/octet-stream"
MEGABYTES_50 = 52_428_800


def sample(name: str) -> bytes:
    """A small real file."""
    return (SAMPLES / name).read_bytes()


PNG, MP3 = sample("portrait.png"), sample("voice.mp3")


def png(width: int, height: int, color: str = "navy") -> bytes:
    """A real picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """A picture, decoded to its last pixel."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def tracks(data: bytes, folder: Path) -> dict[str, str]:
    """The codec of each kind of track that ffprobe finds after decoding every frame, without one word of complaint."""
    return {
        s["codec_type"]: s["codec_name"] for s in streams(data, folder, "-count_frames") if int(s["nb_read_frames"])
    }


def streams(data: bytes, folder: Path, *options: str) -> list[dict[str, Any]]:
    """What ffprobe says of each track, without one word of complaint."""
    path = folder / "film.mp4"
    path.write_bytes(data)
    command = ["ffprobe", "-v", "error", *options, "-show_streams", "-of", "json", str(path)]
    found = subprocess.run(command, capture_output=True, check=True, timeout=300)
    assert found.stderr == b"", found.stderr.decode()
    listed: list[dict[str, Any]] = json.loads(found.stdout)["streams"]
    return listed


@dataclass
class View:
    """One API in a test's sandbox: its inside, and a client of its default account."""

    side: SandboxApi
    http: httpx.Client
    advance: Callable[[float], None]

    @property
    def sandbox(self) -> Sandbox:
        return self.side.sandbox

    @property
    def mine(self) -> AccountRecord:
        """The default account."""
        return next(iter(self.side.accounts.values()))

    @property
    def url(self) -> str:
        return self.sandbox.url(self.side.contract.name)

    def plan(self, count: int = 1, resource: str | None = None, **wishes: Any) -> None:
        """What shall become of the next jobs."""
        self.side.plan(wishes, resource=resource, count=count)

    def credit(self, credits: float) -> None:
        """Give the default account so many credits."""
        self.amend(credits=credits)
        if is_elsewhere(self.sandbox):
            waited(self.sandbox, credited(self.side, self.mine.id, credits))
        else:
            self.side.part.credits[self.mine.id] = credits

    def amend(self, **changes: Any) -> None:
        """Make the default account another one with the same credentials."""
        assert self.side.configured is not None
        mine, *others = self.side.configured.accounts
        self.sandbox.change_here(self.side.accounts_adopted([replace(mine, **changes), *others]))

    def deliveries(self) -> list[Any]:
        """The attempts at webhooks in the journal, in order."""
        return [e for e in self.sandbox.journal if e.kind == "webhook"]


def connect(base_url: str, **headers: str) -> httpx.Client:
    """A client that reads nothing from the environment; `x_api_key` becomes X-API-Key."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Client(base_url=base_url, headers=named, trust_env=False, verify=False)


def only(errors: httpx.Response, status: int) -> Any:
    """The body of a refusal, after a look at its status."""
    assert errors.status_code == status, (errors.status_code, errors.text)
    return errors.json()


@dataclass
class Got:
    """One webhook as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """An HTTP server that takes webhooks and answers with the statuses of `script`, then with 200."""

    port: int
    scheme: str
    script: list[int] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int) -> None:
        """Until so many have arrived; fails after 10 s."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, 10), f"{len(self.got)} of {count} arrived"

    @property
    def url(self) -> str:
        host = "localhost" if self.scheme == "https" else "127.0.0.1"
        return f"{self.scheme}://{host}:{self.port}/hooks/job"


@contextmanager
def receiving(script: Iterable[int] = (), tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with receiver.arrived:
                receiver.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                receiver.arrived.notify_all()
            self.send_response(receiver.script.pop(0) if receiver.script else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver = Receiver(server.server_port, "https" if tls else "http", list(script))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def statuses_of(running: Running, requests: Iterable[httpx.Request]) -> list[int]:
    """The statuses of requests sent at once, each over a socket of its own that was connected before."""
    import asyncio

    async def all_at_once() -> list[int]:
        sent = list(requests)
        pairs = [await asyncio.open_connection("127.0.0.1", running.port) for _ in sent]
        for (_, writer), request in zip(pairs, sent, strict=True):
            writer.write(_bytes(request))
        answers = [await reader.readline() for reader, _ in pairs]
        for _, writer in pairs:
            writer.close()
        return [int(line.split()[1]) for line in answers]

    return asyncio.run(all_at_once())


def _bytes(request: httpx.Request) -> bytes:
    head = f"{request.method} {request.url.raw_path.decode()} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items() if name != "connection")
    return head.encode() + b"connection: close\r\n\r\n" + request.read()
