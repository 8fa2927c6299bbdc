"""Long answers of the control API let others in between: counted in turns of the loop, never in seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from control_kit import Steered, steered

from mockserver import time_slices as slices
from mockserver.journal import Answered, JournalEntry, Sent
from mockserver.posting import Posting
from mockserver.store import JobRecord
from mockserver.time_slices import SECONDS, SLICE, paced

MANY = 40 * SLICE
PATH = "/_mock/sandboxes/default"
LISTS = ("jobs", "jobs?state=COMPLETED", "webhooks", "journal", "journal?format=har", "journal?status=200")


@pytest.fixture(scope="module")
def full() -> Iterator[Steered]:
    """A server whose default sandbox holds much of everything."""
    with steered() as control:
        control.server.sandboxes.default.limits_on = False
        fill(control)
        yield control


def fill(control: Steered) -> None:
    sandbox = control.server.sandboxes.default
    side = sandbox.apis["vidgen"]

    async def jobs() -> None:
        for n in range(MANY):
            job = JobRecord(f"j{n}", "job", "ann", float(n))
            side.store.put(job)
            webhook = next(iter(side.contract.webhooks.values()))
            sandbox.outbox._list(Posting(side, webhook, side.planned(job), None, "https://a.b/c", n))

    control.run(jobs())
    for n in range(MANY):
        sent, answered = Sent(((b"host", b"a"),)), Answered(b"HTTP/1.1 200 OK\r\n", b"", b"{}", 2)
        path = "/vidgen/api/health"
        entry = JournalEntry(
            n + 1, 1.0, "request", "vidgen", "getHealth", "GET", path, 200, "ok", "", 0.1, None, "", "", sent, answered
        )
        sandbox.journal.add(entry, 1000)


def turns_of(control: Steered, method: str, path: str) -> tuple[int, Any]:
    """How often the loop turned for somebody else while this was answered, and the answer."""

    async def measure() -> tuple[int, Any]:
        turns, is_over = 0, False

        async def count() -> None:
            nonlocal turns
            while not is_over:
                await asyncio.sleep(0)
                turns += 1

        other = asyncio.ensure_future(count())
        headers = {"content-type": "application/json"} if method != "GET" else {}
        answer = await control._client.request(method, path, headers=headers)
        is_over = True
        await other
        return turns, answer

    found: tuple[int, Any] = control.run(measure())
    return found


@pytest.mark.parametrize("path", LISTS)
def test_a_long_list_is_made_in_slices(full: Steered, path: str) -> None:
    turns, answer = turns_of(full, "GET", f"{PATH}/{path}")
    found = answer.json()
    assert len(found["log"]["entries"] if "log" in found else found) == MANY
    assert turns >= MANY // SLICE
    assert answer.headers["content-type"].startswith("application/")


def test_conduct_of_many_entries_is_judged_while_the_loop_turns(full: Steered) -> None:
    turns, answer = turns_of(full, "GET", f"{PATH}/conduct")
    quick, _ = turns_of(full, "GET", f"{PATH}/clock")
    assert answer.status_code == 200
    assert turns > quick


def test_a_short_list_has_its_length(full: Steered) -> None:
    answer = full.ask("GET", f"{PATH}/faults")
    assert (answer.json(), answer.headers["content-length"]) == ([], "2")


def test_head_of_a_long_list_has_no_body(full: Steered) -> None:
    answer = full.ask("HEAD", f"{PATH}/journal")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_limited_list_ends_where_it_should(full: Steered) -> None:
    assert [each["id"] for each in full.get(f"{PATH}/jobs?limit=3")] == [f"j{MANY - n}" for n in (1, 2, 3)]
    assert [each["n"] for each in full.get(f"{PATH}/journal?limit=2")] == [MANY - 1, MANY]
    assert [each["n"] for each in full.get(f"{PATH}/journal?after=5&limit=2")] == [6, 7]


@pytest.mark.parametrize("end", ["reset", "delete"])
def test_a_full_sandbox_is_let_go_in_slices(end: str) -> None:
    with steered() as control:
        fill(control)
        method, path = ("POST", f"{PATH}/reset") if end == "reset" else ("DELETE", PATH.replace("default", "other"))
        if end == "delete":
            control.ask("POST", "/_mock/sandboxes", json={"name": "other"})
            sandboxes = control.server.sandboxes
            sandboxes._open["other"].home.journal = sandboxes.default.journal
        turns, answer = turns_of(control, method, path)
        assert answer.status_code == 204
        # One that is kept elsewhere leaves little here to be let go, and does so at once.
        assert turns >= MANY // SLICE or (end == "delete" and not control.server.sandboxes.is_alone)
        assert len(control.server.sandboxes.default.journal) == 0


def test_slow_work_lets_others_in_after_a_few_milliseconds_and_frozen_clocks_after_a_slice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def turned(seconds: float, items: int) -> int:
        now, turns = 0.0, 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        monkeypatch.setattr(slices, "perf_counter", lambda: now)
        other = asyncio.ensure_future(count())
        async for _ in paced(range(items)):
            now += seconds
        other.cancel()
        return turns

    assert asyncio.run(turned(SECONDS * 2, 10)) == 10
    assert asyncio.run(turned(0.0, 10)) == 0
    assert asyncio.run(turned(0.0, 3 * SLICE)) == 3


def test_jobs_that_are_listed_are_remembered_no_larger_than_before(steered_one: Steered) -> None:
    control = steered_one
    body = {"prompt": "a kite", "name": "kite"}
    headers = {"x-api-key": "demo-key"}
    control.run(control._client.post("/miraflow/api/image/generate", json=body, headers=headers))
    side = control.server.sandboxes.default.apis["miraflow"]
    (job,) = side.store._jobs.values()
    (shown,) = control.run(control._client.get(f"{PATH}/jobs")).json()
    (again,) = control.run(control._client.get(f"{PATH}/jobs?state={shown['state']}")).json()
    assert shown["id"] == again["id"] == job.id
    assert len(side.plans) == 0
    assert shown["outcome"] == side.planned(job).plan.outcome


@pytest.fixture
def steered_one() -> Iterator[Steered]:
    with steered() as control:
        yield control
