"""Two servers over one state: a request that one holds is woken by what is done at the other."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from control_kit import told
from flow_kit import KEY, waiting_create
from language_kit import NAME
from workers_kit import CONTROL, LONG, Workers, serving_alone


@pytest.fixture
def waiting(home: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest) -> Workers:
    """Both serve an API that holds a submission until its job has ended."""
    if home == "slow":
        pytest.skip("the home in this process has no second one to tell")
    return serving_alone(waiting_create(), tmp_path, monkeypatch, request)


def meanwhile(workers: Workers, method: str, path: str, body: Any, headers: Any = None) -> Any:
    """What a submission is answered that the other one holds, while this is asked of the first one."""

    async def asked() -> Any:
        submission = asyncio.create_task(
            workers.other.asked("POST", f"/{NAME}/v1/jobs", json={"prompt": "x"}, headers={**KEY, "Prefer": "wait=60"})
        )
        held = workers.other.server.sandboxes.default.moments
        while not held.held:  # noqa: ASYNC110 - nothing tells of a count
            await asyncio.sleep(0)
        (job,) = (await workers.one.asked("GET", f"{CONTROL}/jobs")).json()
        answer = await workers.one.asked(method, path.replace("JOB", job["id"]), json=body, headers=headers)
        assert answer.is_success, answer.text
        async with asyncio.timeout(LONG / 2):
            return await submission

    return workers.other.run(asked())


def test_the_clock_that_one_moves_wakes_what_the_other_holds(waiting: Workers) -> None:
    answer = meanwhile(waiting, "POST", f"{CONTROL}/clock/advance", {"seconds": 3600})
    assert told(answer, 201)["status"] == "succeeded"


def test_a_clock_that_one_lets_go_wakes_what_the_other_holds(waiting: Workers) -> None:
    answer = meanwhile(waiting, "PUT", f"{CONTROL}/clock", {"mode": "real", "rate": 10_000})
    assert told(answer, 201)["status"] == "succeeded"


def test_a_job_that_one_ends_wakes_what_the_other_holds(waiting: Workers) -> None:
    answer = meanwhile(waiting, "POST", f"{CONTROL}/jobs/JOB/move", {"to": "fail"})
    assert told(answer, 201)["status"] == "failed"


def test_a_clock_that_steps_with_a_request_to_one_wakes_what_the_other_holds(waiting: Workers) -> None:
    told(waiting.one.ask("PUT", f"{CONTROL}/clock", json={"mode": "step", "step": 3600}), 200)
    answer = meanwhile(waiting, "GET", f"/{NAME}/v1/jobs/JOB", None, KEY)
    assert told(answer, 201)["status"] == "succeeded"


def test_what_several_first_requests_hold_at_once_is_woken_from_elsewhere(waiting: Workers) -> None:
    """The sandbox is opened once for all of them: only one that others can tell of it is of any use."""
    own = told(waiting.one.ask("POST", "/_mock/sandboxes", json={"name": "busy", "clock": {"mode": "manual"}}), 201)
    key = {"X-API-Key": own["apis"][NAME]["api_key"]}

    async def submitted() -> Any:
        jobs = f"/@busy/{NAME}/v1/jobs"
        return await waiting.other.asked("POST", jobs, json={"prompt": "x"}, headers={**key, "Prefer": "wait=60"})

    async def asked() -> list[Any]:
        held, sandboxes = [asyncio.create_task(submitted()) for _ in range(3)], waiting.other.server.sandboxes
        while (busy := sandboxes.get("busy")) is None or busy.moments.held < len(held):  # noqa: ASYNC110
            await asyncio.sleep(0)
        await waiting.one.asked("POST", "/_mock/sandboxes/busy/clock/advance", json={"seconds": 3600})
        async with asyncio.timeout(LONG / 2):
            return await asyncio.gather(*held)

    assert [told(each, 201)["status"] for each in waiting.other.run(asked())] == ["succeeded"] * 3
