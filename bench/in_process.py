"""What a request costs the processor inside the server of a checkout, without sockets: `in_process.py CHECKOUT`.

Reads lines `get|post CONNECTIONS COUNT` and prints microseconds of the processor for each request. With several
connections a request has arrived on each of them when the loop turns. The checkout may be an old one: what is asked of
it here has been there since 925a2a4.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

CHECKOUT = Path(sys.argv[1]).resolve()
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "bench"), str(Path(__file__).parent)]

import server  # noqa: E402, its own
from asked import BODY, form  # noqa: E402, or ours, where it has none

from mockserver import launch  # noqa: E402, its own

HEAD = "{} {} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nX-API-Key: demo-key\r\n{}\r\n"
TURNS = 10_000
"""So often may the loop turn until an answer is there."""


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 80)}.get(name, default)

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def writelines(self, list_of_data: Any) -> None:
        self.written.append(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return False

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Connections:
    """Connections to the server of the checkout, and what they ask."""

    def __init__(self, app: Any) -> None:
        wire = import_module("mockserver.wire.settings")
        settings_class = getattr(wire, "WireSettings", None) or wire.Settings
        self.settings = settings_class(app, limits=import_module("mockserver.wire.limits").Limits())
        if not self.settings.loaded:
            self.settings.load()
        self.state = import_module("mockserver.wire.server").Server(self.settings).server_state
        self.open: list[tuple[Any, Transport]] = []

    def connect(self, count: int) -> list[tuple[Any, Transport]]:
        """So many of them."""
        while len(self.open) < count:
            protocol = self.settings.http_protocol_class(config=self.settings, server_state=self.state, app_state={})
            transport = Transport()
            protocol.connection_made(transport)
            self.open.append((protocol, transport))
        return self.open[:count]

    async def ask(self, request: bytes, count: int = 1) -> list[bytes]:
        """The answers to a request on each of so many connections."""
        used = self.connect(count)
        for protocol, transport in used:
            transport.written.clear()
            protocol.data_received(request)
        for _ in range(TURNS):
            if all(transport.written for _, transport in used):
                return [b"".join(transport.written) for _, transport in used]
            await asyncio.sleep(0)
        raise SystemExit("no answer")


def application() -> Any:
    """The one that the checkout's own bench serves."""
    served: list[Any] = []
    vars(launch).update(bind=lambda *_: None, serve=lambda app, *_: served.append(app))
    server.main(0, 0)
    return served[0]


def posted(path: str, body: bytes, kind: str) -> bytes:
    lines = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return HEAD.format("POST", path, lines).encode() + body


async def requests(connections: Connections) -> dict[str, bytes]:
    """Of a job that never ends, and of one that is submitted in JSON; each is answered well."""
    first, *_ = await connections.ask(posted("/vidgen/api/jobs", *form()))
    job = json.loads(first.partition(b"\r\n\r\n")[2])["jobId"]
    made = {
        "get": HEAD.format("GET", f"/vidgen/api/status/{job}", "").encode(),
        "post": posted("/miraflow/api/image/generate", json.dumps(BODY).encode(), "application/json"),
    }
    for request in made.values():
        answer, *_ = await connections.ask(request)
        if not answer.startswith(b"HTTP/1.1 2"):
            raise SystemExit(answer)
    return made


async def main(app: Any) -> None:
    connections = Connections(app)
    made = await requests(connections)
    print("ready", flush=True)
    for line in sys.stdin:
        kind, used, count = line.split()
        request, rounds = made[kind], int(count) // int(used)
        gc.collect()
        began = time.process_time()
        for _ in range(rounds):
            await connections.ask(request, int(used))
        taken = time.process_time() - began
        print(1e6 * taken / (rounds * int(used)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(application()))
