"""Steering from within a running event loop, as from a notebook's cell: the clock moves where nobody has to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
import trio

from mockserver.errors import ClockError
from mockserver.launch import Running
from mockserver.steering import ApiHandle, ControlError, SandboxHandle

BEGIN = 1_000_000_000
Loop = Callable[[Callable[[], Awaitable[None]]], None]
HOOK = "http://127.0.0.1:9/hook"  # nobody listens there


def by_asyncio(cell: Callable[[], Any]) -> None:
    asyncio.run(cell())


@pytest.fixture(params=[pytest.param(by_asyncio, id="asyncio"), pytest.param(trio.run, id="trio")])
def in_loop(request: pytest.FixtureRequest) -> Callable[[Callable[[], object]], None]:
    """Calls a plain function while an event loop runs in its thread."""

    def call(function: Callable[[], object]) -> None:
        async def cell() -> None:
            function()

        request.param(cell)

    return call


@pytest.fixture
def world(running: Running) -> Iterator[SandboxHandle]:
    with running.sandbox(insecure_webhooks=True) as made:
        yield made


@pytest.fixture
def vidgen(world: SandboxHandle) -> ApiHandle:
    found = world.api("vidgen")
    found.next_job(queued=1, running=9, count=9)
    return found


def submit(api: ApiHandle, **form: str) -> str:
    files = {"image": ("a.png", b"fake", "image/png"), "audio": ("a.mp3", b"ID3", "audio/mpeg")}
    made = httpx.post(f"{api.url}/api/jobs", files=files, data=form, headers={"X-API-Key": api.api_key})
    return str(made.json()["jobId"])


def refusals(*calls: Callable[[], object]) -> Iterator[str]:
    for call in calls:
        with pytest.raises(ClockError) as caught:
            call()
        yield str(caught.value)


def test_the_clock_moves_where_no_webhook_is_to_be_delivered(vidgen: ApiHandle, in_loop: Any) -> None:
    job = submit(vidgen)
    in_loop(lambda: vidgen.clock.advance(4))
    assert vidgen.clock.now() == BEGIN + 4
    in_loop(lambda: vidgen.clock.run_until(job, "COMPLETED"))
    assert vidgen.clock.now() == BEGIN + 10


def test_the_clock_stays_where_a_webhook_falls_due_in_the_span(vidgen: ApiHandle, in_loop: Any) -> None:
    job = submit(vidgen, webhookUrl=HOOK)
    in_loop(lambda: vidgen.clock.advance(9.999))
    told: list[str] = []
    in_loop(
        lambda: told.extend(
            refusals(lambda: vidgen.clock.advance(0.001), lambda: vidgen.clock.run_until(job, "COMPLETED"))
        )
    )
    assert ["await clock.aadvance(seconds)" in told[0], "await clock.arun_until(job, state)" in told[1]] == [True] * 2
    assert vidgen.clock.now() == BEGIN + 9.999
    assert [each.outcome for each in vidgen.webhooks] == ["waiting"]


def test_a_webhook_that_nobody_is_owed_any_more_holds_no_clock(vidgen: ApiHandle, in_loop: Any) -> None:
    job = submit(vidgen, webhookUrl=HOOK)
    vidgen.clock.advance(0.5)
    cancelled = httpx.delete(f"{vidgen.url}/api/jobs/{job}", headers={"X-API-Key": vidgen.api_key})
    assert cancelled.status_code == 200, cancelled.text
    in_loop(lambda: vidgen.clock.advance(100))
    assert vidgen.clock.now() == BEGIN + 100.5


def test_a_retry_that_is_due_in_the_span_holds_the_clock(vidgen: ApiHandle, in_loop: Any) -> None:
    job = submit(vidgen, webhookUrl=HOOK)
    vidgen.clock.run_until(job, "COMPLETED")
    assert [each.outcome for each in vidgen.webhooks] == ["waiting"], "it was refused, and is tried again"
    in_loop(lambda: list(refusals(lambda: vidgen.clock.advance(86_400))))
    assert vidgen.clock.now() == BEGIN + 10


def test_what_cannot_be_is_refused_as_elsewhere(vidgen: ApiHandle, in_loop: Any) -> None:
    def impossible() -> None:
        with pytest.raises(ControlError, match="seconds must be at least 0"):
            vidgen.clock.advance(-1)
        with pytest.raises(ClockError, match="moved forward only"):
            vidgen.clock.advance(float("nan"))

    in_loop(impossible)
    assert vidgen.clock.now() == BEGIN


def test_the_awaited_methods_deliver(vidgen: ApiHandle) -> None:
    job = submit(vidgen, webhookUrl=HOOK)

    async def steer() -> None:
        await vidgen.clock.aadvance(1)
        with pytest.raises(ClockError, match="`filter` between your own awaits"):
            vidgen.journal.wait_for(9)
        assert (await vidgen.clock.arun_until(job, "COMPLETED")).progress == 100

    asyncio.run(steer())
    assert [len(each.attempts) for each in vidgen.webhooks] == [1]


def test_a_server_that_knows_no_quiet_move_is_not_asked_to_deliver(
    vidgen: ApiHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def older(method: str, *path: str, **said: object) -> object:
        raise ControlError(400, "without_deliveries is not known here", {"pointer": "/without_deliveries"})

    monkeypatch.setattr(vidgen.clock._control, "request", older)

    async def cell() -> None:
        with pytest.raises(ClockError, match=r"await clock\.aadvance"):
            vidgen.clock.advance(1)

    asyncio.run(cell())


def test_virtual_time_moves_in_a_running_loop_where_no_webhook_is_due(running: Running, world: SandboxHandle) -> None:
    from mockserver.testing.times import ThreadTime

    vidgen, time = world.api("vidgen"), ThreadTime(world, running)
    vidgen.next_job(queued=1, running=9)
    submit(vidgen, webhookUrl=HOOK)

    async def cell() -> None:
        time.advance(5)
        with pytest.raises(ClockError, match=r"await clock\.aadvance"):
            time.advance(5)

    asyncio.run(cell())
    assert time.now() == BEGIN + 5
