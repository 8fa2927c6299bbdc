"""The control API: the clock runs until a job is in a state, or says why it does not come to it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from control_kit import Steered, job, refused, told

from mockserver.outbox import Outbox

HOOK = "https://127.0.0.1:9/hook"


@pytest.fixture
def submitted(control: Steered, sandbox: str) -> str:
    """A job of two seconds in the queue and eight at work."""
    told(control.ask("POST", f"{sandbox}/plans", json={"api": "vidgen", "queued": 2, "running": 8}), 201)
    return job(control, sandbox)


def until(control: Steered, sandbox: str, identity: str, state: str, **more: Any) -> Any:
    return control.ask("POST", f"{sandbox}/clock/run-until", json={"job": identity, "state": state, **more})


def epoch(control: Steered, sandbox: str) -> float:
    return float(control.get(f"{sandbox}/clock")["epoch"])


def test_the_clock_runs_to_the_moment_of_the_change_and_the_job_is_told(
    control: Steered, sandbox: str, submitted: str
) -> None:
    running = told(until(control, sandbox, submitted, "PROCESSING"), 200)
    assert (running["state"], running["changes_in"], epoch(control, sandbox)) == ("PROCESSING", 8, 1e9 + 2)
    done = told(until(control, sandbox, submitted, "COMPLETED"), 200)
    assert (done["progress"], done["ended"], epoch(control, sandbox)) == (100, "2001-09-09T01:46:50.000Z", 1e9 + 10)
    assert done == control.get(f"{sandbox}/jobs")[0]


def test_where_the_job_is_in_that_state_the_clock_stays(control: Steered, sandbox: str, submitted: str) -> None:
    assert told(until(control, sandbox, submitted, "PENDING", timeout=0), 200)["id"] == submitted
    assert epoch(control, sandbox) == 1e9


@pytest.mark.parametrize("setting", [{"mode": "real", "rate": 0.001}, {"mode": "step", "step": 1}])
def test_every_clock_runs(control: Steered, setting: dict[str, Any]) -> None:
    sandbox = control.sandbox(clock=setting)
    assert told(until(control, sandbox, job(control, sandbox), "COMPLETED"), 200)["state"] == "COMPLETED"


def test_a_webhook_that_is_due_on_the_way_is_delivered_before_the_answer(control: Steered, sandbox: str) -> None:
    submitted = job(control, sandbox, hook=HOOK)
    told(until(control, sandbox, submitted, "COMPLETED"), 200)
    (posting,) = control.get(f"{sandbox}/webhooks")
    assert len(posting["attempts"]) == 1


def test_without_deliveries_the_clock_goes_as_far_as_none_is_due(control: Steered, sandbox: str) -> None:
    submitted = job(control, sandbox, hook=HOOK)
    problem = refused(until(control, sandbox, submitted, "COMPLETED", without_deliveries=True), 409)
    assert problem["pointer"] == "/without_deliveries"
    assert control.get(f"{sandbox}/jobs")[0]["state"] == "PROCESSING"
    assert control.get(f"{sandbox}/webhooks")[0]["attempts"] == []


def test_a_state_that_does_not_come_is_told_with_the_nearest_word(
    control: Steered, sandbox: str, submitted: str
) -> None:
    problem = refused(until(control, sandbox, submitted, "COMPLETD"), 409)
    assert problem["pointer"] == "/state"
    assert problem["detail"].endswith("will not become COMPLETD by itself; did you mean 'COMPLETED'?")


def test_a_state_that_does_not_come_in_time_is_told_and_the_clock_stays_before(
    control: Steered, sandbox: str, submitted: str
) -> None:
    problem = refused(until(control, sandbox, submitted, "COMPLETED", timeout=5), 409)
    assert problem["pointer"] == "/timeout"
    assert problem["detail"] == f"job {submitted} is still PROCESSING after 5 s, not COMPLETED"
    assert epoch(control, sandbox) == 1e9 + 2


def test_a_job_that_is_not_there_is_named_by_pointer(control: Steered, sandbox: str) -> None:
    problem = refused(until(control, sandbox, "nobody", "COMPLETED"), 404)
    assert (problem["pointer"], problem["detail"]) == ("/job", "the sandbox has no job 'nobody'")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"state": "COMPLETED"}, "/job"),
        ({"job": "x"}, "/state"),
        ({"job": 7, "state": "COMPLETED"}, "/job"),
        ({"job": "x", "state": "COMPLETED", "timeout": -1}, "/timeout"),
        ({"job": "x", "state": "COMPLETED", "timeout": "long"}, "/timeout"),
        ({"job": "x", "state": "COMPLETED", "timout": 1}, "/timout"),
    ],
)
def test_a_wrong_body_is_refused(control: Steered, sandbox: str, body: Any, pointer: str) -> None:
    assert refused(control.ask("POST", f"{sandbox}/clock/run-until", json=body), 400)["pointer"] == pointer


def test_a_reset_meanwhile_is_told(control: Steered, sandbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted = job(control, sandbox, hook=HOOK)
    begun = asyncio.Event()

    async def never(*args: Any, **more: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Outbox, "_send_to", never)

    async def both() -> Any:
        body = {"job": submitted, "state": "COMPLETED"}
        asked = asyncio.ensure_future(control._client.post(f"{sandbox}/clock/run-until", json=body))
        await begun.wait()
        await control._client.post(f"{sandbox}/reset", json={})
        return await asked

    assert "was reset" in refused(control.run(both()), 410)["detail"]
