"""The control API: what happens next by itself, and the clock that is moved to it."""

from __future__ import annotations

import pytest
from api_kit import receiving
from control_kit import Steered, job, refused, steered, told

from mockserver.app import Settings


def test_without_anything_nothing_happens_next(control: Steered, sandbox: str) -> None:
    assert control.get(f"{sandbox}/clock/next") == {"next": None}
    problem = refused(control.ask("POST", f"{sandbox}/clock/next", json={}), 409)
    assert "nothing happens by itself" in problem["detail"]


def test_the_clock_is_moved_from_event_to_event_of_a_job(control: Steered, sandbox: str) -> None:
    made, seen = job(control, sandbox), []
    while (found := control.get(f"{sandbox}/clock/next")["next"]) is not None:
        assert found["in"] > 0
        came = told(control.ask("POST", f"{sandbox}/clock/next", json={}), 200)
        assert came["next"] == found
        assert came["clock"]["epoch"] >= found["at"] > came["clock"]["epoch"] - 1e-5
        state = control.get(f"{sandbox}/jobs/{made}")["state"]
        assert (found["kind"], found["job"], found["state"]) == ("job", made, state)
        seen.append(state)
    assert seen == ["PROCESSING", "COMPLETED"]


def test_a_webhook_is_delivered_when_the_clock_comes_to_it() -> None:
    with receiving() as inbox, steered(Settings(insecure_webhooks=True)) as control:
        sandbox = control.sandbox()
        job(control, sandbox, hook=inbox.url)
        for _ in range(2):
            told(control.ask("POST", f"{sandbox}/clock/next", json={}), 200)
        assert len(inbox.got) == 1


@pytest.mark.parametrize("body", [{"x": 1}, [], "x", {"seconds": 1}])
def test_a_step_takes_no_words(control: Steered, sandbox: str, body: object) -> None:
    refused(control.ask("POST", f"{sandbox}/clock/next", json=body), 400)


def test_the_nearest_of_several_comes_first(control: Steered, sandbox: str) -> None:
    for running in (50, 5):
        account = told(control.ask("POST", f"{sandbox}/accounts", json={"api": "vidgen"}), 201)
        assert account["api"] == "vidgen"
        plan = {"api": "miragic", "running": running, "queued": 0}
        control.ask("POST", f"{sandbox}/plans", json=plan)
    job(control, sandbox)
    found = control.get(f"{sandbox}/clock/next")["next"]
    changes = [each["changes_in"] for each in control.get(f"{sandbox}/jobs")]
    assert found["in"] == pytest.approx(min(changes))
