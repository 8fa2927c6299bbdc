"""A client that disconnects costs nothing more: whatever was being sent to it, however, ends."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fault_kit import Caller, Httpx, account_of, on_loop, video_files
from serve_kit import serving
from until_kit import until
from wire_kit import PATIENCE

from mockserver import start
from mockserver.app import Mockserver
from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.app.presence import while_present
from mockserver.app.sending import send_reply
from mockserver.clock import Clock
from mockserver.faults import CATALOGUE, MEDIA, Reply, fault_of, stream
from mockserver.faults.bodies import HalfGzip
from mockserver.faults.streaming import pour
from mockserver.journal import JournalEntry
from mockserver.launch import contracts_in
from mockserver.mounting import WIRE
from mockserver.operations import Breach, Refused
from mockserver.state.pages import all_entries
from mockserver.wire import ThreadServer, self_signed, serve_in_thread

ENDLESS = 10**12
READ = 65_536
STACKS = list(itertools.product([("httptools", "uvloop"), ("h11", "asyncio")], [False, True]))
PARAMETERS: dict[str, dict[str, Any]] = {
    "bandwidth": {"bytes_per_second": 1_000_000_000},
    "close_mid_body": {"framing": "chunked"},
    "dribbled_body": {"interval": 0},
    "dribbled_headers": {"interval": 0},
    "latency": {"seconds": 3600},
    "slow_close": {"seconds": 3600},
}
# They take leave of the client by themselves, or cut the connection before there is a body to read.
SHORT = {"reset_before_headers", "close_before_headers", "close_keep_alive", "close_mid_headers", "garbage"}
SILENT = {"hang", "latency"}  # nothing comes that a client could read
DEAF = {"half_open"}  # does not listen, so that it does not notice either
SENDS_NOTHING = {"upload_cut"}  # breaks what arrives
FAULTS = [
    name
    for name, kind in CATALOGUE.items()
    if kind.category in ("wire", "pace") and name not in SHORT | DEAF | SENDS_NOTHING
]


class World:
    """A server, and the URL of a finished result that has no end."""

    def __init__(self, app: Mockserver, server: ThreadServer) -> None:
        self.server = server
        self.sandbox = app.sandboxes.create(clock=Clock("manual"), limits_on=False)
        self.trust = ssl.create_default_context(cadata=server.tls.ca_pem.decode()) if server.tls else None
        client = Httpx({"X-API-Key": account_of(self.sandbox, "vidgen").key}, PATIENCE, self.trust)
        caller = Caller(self.sandbox, "vidgen", client)
        self.api = caller.api
        self.api.plan({"result_bytes": ENDLESS})
        job = caller.job()
        self.sandbox.clock.advance(100)
        self.film = urlsplit(str(caller.status(job)["outputVideo"]))
        client.close()

    def dial(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE)
        return self.trust.wrap_socket(sock, server_hostname="127.0.0.1") if self.trust else sock

    def ask(self, *more: str) -> socket.socket:
        """A connection on which the result was asked for."""
        sock = self.dial()
        lines = [f"GET {self.film.path}?{self.film.query} HTTP/1.1", f"Host: {self.film.netloc}", *more, "", ""]
        sock.sendall("\r\n".join(lines).encode())
        return sock

    def until_idle(self) -> None:
        """Return when the server works for nobody any more."""
        on_loop(self.server.loop, _until(lambda: not self.server.state.tasks))

    def is_healthy(self) -> bool:
        with httpx.Client(verify=self.trust or True, trust_env=False, timeout=PATIENCE) as client:
            return client.get(f"{self.server.url}/_mock/health").status_code == 200


@pytest.fixture(scope="module", params=STACKS, ids=str)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    (http, loop), tls = request.param
    app = Mockserver(contracts_in())
    with serve_in_thread(app, http=http, loop=loop, tls=self_signed(["127.0.0.1"]) if tls else None) as server:
        app.listening(server.url)
        yield World(app, server)


def read(sock: socket.socket, most: int = READ) -> int:
    """How many bytes came, up to `most`."""
    got = 0
    while got < most and (piece := sock.recv(READ)):
        got += len(piece)
    return got


@pytest.mark.parametrize("asked", ["", "Range: bytes=5-", "Range: bytes=0-500000000000,600000000000-"])
def test_the_rest_of_a_result_is_not_made_once_the_client_disconnects(world: World, asked: str) -> None:
    with world.ask(*filter(None, [asked])) as sock:
        assert read(sock) >= READ
    world.until_idle()
    assert world.is_healthy()


@pytest.mark.parametrize("name", FAULTS)
def test_no_fault_goes_on_sending_once_the_client_disconnects(world: World, name: str) -> None:
    fault = {"fault": name, "operation": MEDIA, **PARAMETERS.get(name, {})}
    armed = world.api.faults.arm(*fault_of(fault))
    try:
        with world.ask() as sock:
            read(sock, 0 if name in SILENT else 2_000)
            until(lambda: armed.applied)
        world.until_idle()
    finally:
        world.api.faults.disarm(armed.id)
    assert world.is_healthy()


async def _until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - nothing tells of a count
            await asyncio.sleep(0.002)


def test_fifty_clients_that_read_a_little_and_leave_keep_nobody_waiting(world: World) -> None:
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(world.ask()) for _ in range(50)]
        assert all(read(sock) >= READ for sock in socks)
        assert world.is_healthy()
    world.until_idle()
    assert world.is_healthy()


class Made:
    """Chunks without end, counted as they are made."""

    def __init__(self) -> None:
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.count += 1
            yield bytes(READ)


def test_no_more_is_made_than_a_client_takes() -> None:
    made, counts = Made(), []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        wire = scope["state"][WIRE]
        wire.take()
        sending = asyncio.ensure_future(pour(wire, made))
        for _ in range(3):
            await asyncio.sleep(0)
            while not _waits(sending):  # noqa: ASYNC110
                await asyncio.sleep(0)
            counts.append(made.count)
        sending.cancel()

    with serve_in_thread(app) as server, socket.create_connection(("127.0.0.1", server.port), PATIENCE) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        on_loop(server.loop, _until(lambda: len(counts) == 3))
    assert counts[0] == counts[2] < 200  # what the buffers of both kernels hold


def _waits(sending: asyncio.Future[None]) -> bool:
    """Whether a task waits for something other than its next turn."""
    return isinstance(sending, asyncio.Task) and sending._fut_waiter is not None  # type: ignore[attr-defined]


class Client:
    """A client that goes after so many chunks."""

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.got = 0

    @property
    def is_gone(self) -> bool:
        return self.got >= self.patience

    async def write(self, chunk: bytes) -> None:
        self.got += 1


def test_no_chunk_is_sent_and_at_most_one_is_made_after_the_client_is_gone() -> None:
    made = itertools.count()
    client = Client(3)
    asyncio.run(stream(client, (b"x" for _ in made), client.write))
    assert client.got == 3
    assert next(made) <= 4


def test_others_have_their_turn_between_two_chunks() -> None:
    turns = []

    async def both() -> None:
        client = Client(10)
        other = asyncio.ensure_future(asyncio.sleep(0, "done"))
        await stream(client, (turns.append(other.done()) or b"x" for _ in itertools.count()), client.write)

    asyncio.run(both())
    assert turns[0] is False
    assert turns[-1] is True


def test_without_a_wire_receive_tells_that_the_client_disconnected() -> None:
    sent: list[Any] = []

    async def call() -> None:
        gone = asyncio.Event()

        async def receive() -> Any:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(len(message.get("body", b"")))
            if len(sent) == 3:
                gone.set()

        endless = Reply(200, (), ENDLESS, lambda start, stop: (bytes(10) for _ in itertools.count()))
        await send_reply({"type": "http"}, Incoming(receive, {}), send, endless)

    asyncio.run(call())
    assert 3 <= len(sent) <= 6


def test_what_is_drawn_for_a_client_that_left_is_cancelled() -> None:
    async def call() -> None:
        async def receive() -> Any:
            return {"type": "http.disconnect"}

        drawing = asyncio.get_running_loop().create_future()
        with pytest.raises(ClientLeft):
            await while_present({}, Incoming(receive, {}), drawing)
        assert drawing.cancelled()

    asyncio.run(call())


def test_half_a_gzip_of_an_endless_result_is_that_of_its_beginning() -> None:
    endless = Reply(200, (), ENDLESS, lambda start, stop: (bytes(READ) for _ in range(start, stop, READ)))
    changed = HalfGzip().change(endless, None)  # type: ignore[arg-type]
    assert changed is not None
    assert gzip.compress(bytes(1 << 20), mtime=0).startswith(changed.body)


def test_a_signal_ends_the_server_while_many_read_endless_results() -> None:
    with serving("--clock", "manual") as server, contextlib.ExitStack() as stack:
        client = stack.enter_context(httpx.Client(base_url=server.url, trust_env=False, timeout=PATIENCE))
        default = "/_mock/sandboxes/default"
        client.post(f"{default}/plans", json={"api": "vidgen", "result_bytes": ENDLESS}).raise_for_status()
        key = {"X-API-Key": "demo-key"}
        job = client.post("/vidgen/api/jobs", files=video_files(), headers=key).json()["jobId"]
        client.post(f"{default}/clock/advance", json={"seconds": 1000}).raise_for_status()
        film = urlsplit(client.get(f"/vidgen/api/status/{job}", headers=key).json()["outputVideo"])
        for n in range(20):
            sock = stack.enter_context(server.dial())
            sock.sendall(f"GET {film.path}?{film.query} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            assert read(sock) >= READ
            if n % 2:
                sock.close()
        assert client.get("/_mock/health").status_code == 200
        assert server.ended(signal.SIGTERM) == (0, "")


def test_a_script_can_refuse_a_result_and_go_on() -> None:
    with start(clock="manual") as server:
        world = server.sandbox()
        api = world.api("vidgen")
        api.next_job(result_bytes=ENDLESS)
        with httpx.Client(headers={"X-API-Key": api.api_key}, trust_env=False, timeout=PATIENCE) as client:
            job = client.post(f"{api.url}/api/jobs", files=video_files()).json()["jobId"]
            world.clock.advance(100)
            url = client.get(f"{api.url}/api/status/{job}").json()["outputVideo"]
            for _ in range(3):
                with client.stream("GET", url) as got:
                    assert int(got.headers["content-length"]) == ENDLESS  # too large: the client refuses it
                assert client.get(f"{api.url}/api/status/{job}").status_code == 200


@pytest.mark.parametrize("most", [3, 1 << 20], ids=["too large", "not all there"])
def test_a_body_that_could_not_be_read_beforehand_is_refused_for_the_same_reason(most: int) -> None:
    messages = [{"type": "http.request", "body": b"abcd", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def call() -> list[type[Exception]]:
        incoming, raised = Incoming(receive, {b"content-length": b"9"}), []
        for _ in range(2):
            try:
                await incoming.all(most)
            except (ClientLeft, Refused) as error:
                raised.append(type(error))
        return raised

    assert asyncio.run(call()) in ([Breach, Breach], [ClientLeft, ClientLeft])


def test_a_client_that_left_within_its_request_for_a_token_broke_no_contract() -> None:
    server = Mockserver(contracts_in())
    messages = [{"type": "http.request", "body": b"grant_", "more_body": True}, {"type": "http.disconnect"}]
    path = "/mirrago/oauth/token"
    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"99")]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers,
    }  # fmt: skip

    async def receive() -> Any:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def send(message: Any) -> None:
        raise AssertionError("nobody is there to be answered")

    async def call() -> list[JournalEntry]:
        await server(scope, receive, send)
        return [entry async for entry in all_entries(server.sandboxes.default.state)]

    (entry,) = asyncio.run(call())
    assert (entry.status, entry.extra, entry.why) == (0, None, "the client left before its request was complete")
