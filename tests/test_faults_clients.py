"""Every fault of the wire, of pace and of the answer, as three real clients see it over a real socket."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from fault_kit import CLIENTS, PATIENCE, Caller, account_of, outcome, quiet, video_files
from fault_rows import ELSEWHERE, LATE, ROWS, Row

from mockserver import Running
from mockserver.app import Mockserver
from mockserver.clock import Clock
from mockserver.errors import UsageError
from mockserver.faults import fault_of
from mockserver.launch import contracts_in
from mockserver.sandbox import Sandbox
from mockserver.wire import ThreadServer, self_signed, serve_in_thread

pytestmark = pytest.mark.usefixtures("new_garbage")
SHORT = 0.4  # seconds after which a client gives up where that is the point
AMPLE = 3.0  # the same where it has to see the head first


@pytest.fixture(scope="module")
def world(running: Running) -> tuple[Sandbox, str]:
    """A sandbox and a job that is running, for all rows: no fault here changes either."""
    sandbox = running.app.sandboxes.create(clock=Clock("manual"), limits_on=False)
    return sandbox, _running_job(sandbox)


def _running_job(sandbox: Sandbox) -> str:
    client = CLIENTS["httpx"]({"X-API-Key": account_of(sandbox, "vidgen").key}, PATIENCE)
    job = Caller(sandbox, "vidgen", client).job()
    client.close()
    sandbox.clock.advance(5)
    return job


def _seen(sandbox: Sandbox, row: Row, name: str, url: str, trust: ssl.SSLContext | None = None) -> object:
    # an account may have one job at a time, and the job that is looked at belongs to the first account
    account = sandbox.apis["vidgen"].account() if row.method == "POST" else account_of(sandbox, "vidgen")
    client = CLIENTS[name]({"X-API-Key": account.key}, _patience(row, name), trust)
    book = sandbox.apis["vidgen"].faults
    armed = book.arm(*fault_of(row.fault))
    try:
        files = video_files() if row.method == "POST" else None
        got: Any = outcome(client, row.method, url, files)
        return outcome(client, row.method, url, files) if row.second else got
    finally:
        client.close()
        with suppress(UsageError):  # it may be used up
            book.disarm(armed.id)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_fault_looks_to_a_client_as_it_does_in_the_field(
    running: Running, world: tuple[Sandbox, str], row: Row, client: str
) -> None:
    sandbox, job = world
    seen = len(sandbox.journal)
    url = sandbox.url("vidgen") + ("/api/jobs" if row.method == "POST" else f"/api/status/{job}")
    expected = row.seen[list(CLIENTS).index(client)]
    assert _seen(sandbox, row, client, url) == expected
    quiet(running.thread.loop, sandbox)
    entries = list(sandbox.journal)[seen:]
    assert any(entry.extra and entry.extra["fault"] == row.name for entry in entries)


def _patience(row: Row, name: str) -> float:
    if row.seen[0] != "ReadTimeout":
        return PATIENCE
    return SHORT if row.seen[list(CLIENTS).index(name)] in LATE else AMPLE


STACKS = [("h11", "asyncio", False), ("httptools", "uvloop", True), ("h11", "asyncio", True)]


@pytest.fixture(scope="module", params=STACKS, ids=str)
def other(request: pytest.FixtureRequest) -> Iterator[tuple[ThreadServer, Sandbox]]:
    http, loop, tls = request.param
    app = Mockserver(contracts_in())
    certificate = self_signed(["127.0.0.1"]) if tls else None
    with serve_in_thread(app, http=http, loop=loop, tls=certificate) as server:
        app.listening(server.url)
        sandbox = app.sandboxes.create(clock=Clock("manual"), limits_on=False)
        yield server, sandbox


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("row", [row for row in ROWS if row.name in ELSEWHERE and len(row.fault) == 1], ids=str)
def test_it_looks_the_same_on_other_stacks_and_over_tls(
    other: tuple[ThreadServer, Sandbox], row: Row, client: str
) -> None:
    server, sandbox = other
    trust = None
    if server.tls:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.load_verify_locations(cadata=server.tls.ca_pem.decode())
    url = sandbox.url("vidgen") + ("/api/jobs" if row.method == "POST" else "/api/health")
    expected = row.seen[list(CLIENTS).index(client)]
    allowed = {expected, *(_over_tls(client) if server.tls and row.name.startswith("reset") else ())}
    assert _seen(sandbox, row, client, url, trust) in allowed


def _over_tls(client: str) -> set[str]:
    """TLS stands between the socket and the client: an RST arrives as an error of its own."""
    names = {"httpx": {"ReadError", "RemoteProtocolError"}, "requests": {"ConnectionError", "ChunkedEncodingError"}}
    return names.get(client, {"ClientOSError", "ServerDisconnectedError", "ClientPayloadError"})
