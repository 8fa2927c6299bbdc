"""What faults claim about real time, and about the end of a server."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fault_kit import PATIENCE, Caller, calling, quiet

from mockserver import Running, faults, start
from mockserver.draws import Draw, Draws
from mockserver.faults import fault_of
from mockserver.sandbox import Sandbox


@pytest.fixture
def caller(make_sandbox: Callable[..., Sandbox]) -> Iterator[Caller]:
    with calling(make_sandbox) as made:
        yield made


def _seconds(caller: Caller, requests: int) -> list[float]:
    taken = []
    for _ in range(requests):
        before = time.perf_counter()
        caller.get("/api/health")
        taken.append(time.perf_counter() - before)
    return sorted(taken)


def test_latency_is_as_long_as_was_asked(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    lingered, linger = [], faults.linger

    async def noted(connection: Any, seconds: float) -> None:
        lingered.append(seconds)
        await linger(connection, seconds)

    monkeypatch.setattr(faults, "linger", noted)
    caller.api.faults.arm(*fault_of({"fault": "latency", "seconds": 0.05}))
    assert _seconds(caller, 20)[0] >= 0.05
    assert lingered == [0.05] * 20


@pytest.mark.soak
def test_latency_is_hardly_longer_than_was_asked(caller: Caller) -> None:
    """Measures real time: only a machine that does nothing else can promise it."""
    caller.api.faults.arm(*fault_of({"fault": "latency", "seconds": 0.05}))
    runs = [_seconds(caller, 20) for _ in range(3)]
    assert min(taken[18] for taken in runs) < 0.05 + 0.015  # p95, of the run least disturbed by the machine


def test_a_ramp_rises(caller: Caller) -> None:
    armed = caller.api.faults.arm(
        *fault_of({"fault": "latency", "how": "ramp", "seconds": 0.0, "most": 0.1, "over": 4})
    )
    for expected in (0.0, 0.025, 0.05, 0.075, 0.1, 0.1):
        assert _seconds(caller, 1)[0] >= expected
    assert armed.applied == 6


def test_a_delay_that_is_drawn_is_never_longer_than_was_said() -> None:
    fault: Any = fault_of({"fault": "latency", "how": "lognormal", "seconds": 1.0, "most": 2.0, "sigma": 5.0})[0]
    pauses = [fault.pause(Draw(Draws("7").reserved("pause", n)), 0) for n in range(50)]
    assert max(pauses) == 2.0
    assert min(pauses) < 1.0


def test_bandwidth_is_capped(caller: Caller) -> None:
    caller.api.faults.arm(*fault_of({"fault": "bandwidth", "bytes_per_second": 200}))
    body = caller.get("/api/health").body
    assert _seconds(caller, 1)[0] >= len(body) / 200 * 0.9


def test_a_latency_that_the_client_does_not_wait_for_ends_with_it(caller: Caller, running: Running) -> None:
    caller.api.faults.arm(*fault_of({"fault": "latency", "seconds": 3600}))
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(caller.url("/api/health"), timeout=0.05, trust_env=False)
    quiet(running.thread.loop, caller.sandbox)
    assert next(reversed(list(caller.sandbox.journal))).extra == {"fault": "latency"}


@pytest.mark.parametrize("name", ["hang", "stall", "half_open", "latency", "answer_lost"])
def test_a_server_stops_although_requests_hang(name: str, caplog: pytest.LogCaptureFixture) -> None:
    data = {"latency": {"seconds": 3600}, "answer_lost": {"how": "hang"}}.get(name, {})
    with start() as server:
        side = server.app.sandboxes.default.apis["vidgen"]
        side.faults.arm(*fault_of({"fault": name, **data}))
        side.faults.arm(*fault_of({"fault": "slow_close", "seconds": 3600}))
        socks = [socket.create_connection(("127.0.0.1", server.port), PATIENCE) for _ in range(5)]
        for sock in socks:
            sock.sendall(b"GET /vidgen/api/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        quiet(server.thread.loop, side.sandbox, len(socks))
        before = time.perf_counter()
        server.stop()
        assert time.perf_counter() - before < PATIENCE  # the requests take an hour; `make soak` asks for 2.5 s
    for sock in socks:
        sock.close()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_the_journal_and_a_header_name_every_fault_that_took_effect(caller: Caller) -> None:
    for data in ({"fault": "skewed_date"}, {"fault": "extra_field"}, {"fault": "latency", "seconds": 0.001}):
        caller.api.faults.arm(*fault_of(data))
    caller.api.faults.arm(*fault_of({"fault": "early_hints"}))
    got = caller.get("/api/health")
    named = "extra_field, skewed_date, latency, early_hints"
    assert got.headers["x-mock-fault"] == named
    assert next(reversed(list(caller.sandbox.journal))).extra == {"fault": named}


def test_an_answer_that_a_fault_cannot_change_is_left_alone_and_not_counted(caller: Caller) -> None:
    armed = caller.api.faults.arm(*fault_of({"fault": "unknown_enum"}))
    got = caller.get("/api/jobs/none/such")
    assert got.status == 404
    assert "x-mock-fault" not in got.headers
    assert armed.applied == 0
