"""A run that begins with a move: a draft that is started, a job that waits for its bytes, one that is tried again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from api_kit import receiving
from check_kit import Mutation, behave, both, show, write
from language_kit import NAME, SUBMIT, Served, documents, findings, serving
from lives_kit import running, state

from mockserver import timeline
from mockserver.app.trial_run import tried
from mockserver.loader import load_folder
from mockserver.milestones import same_until
from mockserver.timeline import Move, TimelinePlan, TimelineStep

KEY = {"X-API-Key": "demo-key"}
LATE = {"409": {"description": "Not now", "content": {"application/json": {"examples": {"other": {"value": {}}}}}}}


def moving(name: str, to: Any, *found: str) -> Mutation:
    """An operation that moves a job which is found in these states."""
    path = f"/paths/~1v1~1jobs~1{{jobId}}~1{name}"
    answers = {"204": {"description": "Done", "x-answers": list(found)}, **LATE}
    refused = {"401": "Unauthorized", "403": "Deactivated", "404": "NotFound", "429": "RateLimited"}
    common = {status: {"$ref": f"#/components/responses/{name}"} for status, name in refused.items()}
    parameters = [{"name": "jobId", "in": "path", "required": True, "schema": {"type": "string"}}]
    return both(
        show(
            path, {"parameters": parameters, "post": {"operationId": f"{name}Job", "responses": {**answers, **common}}}
        ),
        behave(f"/operations/{name}Job", {"verb": "move", "resource": "job", "to": to}),
    )


RETRIED = both(running(), moving("retry", "queued", "failed"))
DRAFT = both(
    running(),
    state("draft", "Queued", first=True),
    behave("/resources/job/initial", "draft"),
    show(
        f"{SUBMIT}/responses/201/content/application~1json/examples", {"draft": {"$ref": "#/components/examples/draft"}}
    ),
)
STARTED = both(DRAFT, moving("start", "queued", "draft"))


def ask(own: Served, identity: str, verb: str) -> int:
    return own.http.post(f"/v1/jobs/{identity}/{verb}", headers=KEY).status_code


def plan(own: Served, **wishes: Any) -> None:
    told = own.http.post(f"{own.root}/_mock/sandboxes/default/plans", json={"api": NAME, **wishes})
    assert told.status_code == 201, told.text


def control(own: Served, identity: str) -> Any:
    return own.http.get(f"{own.root}/_mock/sandboxes/default/jobs/{identity}").json()


def life(own: Served, identity: str, *pauses: float) -> list[tuple[str, int]]:
    """Its state and progress after each of these pauses."""
    told = []
    for seconds in pauses:
        own.advance(seconds)
        shown = own.show(identity)
        told.append((shown["status"], shown["progress"]))
    return told


def test_a_job_whose_first_state_has_no_phase_waits_for_a_move_and_then_runs_to_its_end(tmp_path: Path) -> None:
    with serving(tmp_path, STARTED) as own:
        identity = own.submit().json()["id"]
        assert life(own, identity, 0, 1000) == [("draft", 0), ("draft", 0)]
        assert (ask(own, identity, "start"), ask(own, identity, "start")) == (204, 409)
        told = life(own, identity, 0, 1.9, 0.1, 5, 4.5, 0.5, 100)
        assert told == [
            ("queued", 0), ("queued", 0), ("running", 0), ("running", 50), ("running", 95), ("succeeded", 100),
            ("succeeded", 100),
        ]  # fmt: skip
        assert own.show(identity)["ended_at"] == "2001-09-09T02:03:32.000Z"
        assert own.http.get(own.show(identity)["picture_url"]).status_code == 200


def test_a_test_orders_the_run_before_it_has_begun_and_the_clock_goes_to_its_end(tmp_path: Path) -> None:
    with serving(tmp_path, STARTED) as own:
        plan(own, outcome="failed", queued=3, running=4, error="Out of paint")
        identity = own.submit().json()["id"]
        assert control(own, identity)["outcome"] == "failed"
        until = {"job": identity, "state": "failed"}
        stays = own.http.post(f"{own.root}/_mock/sandboxes/default/clock/run-until", json=until)
        assert stays.status_code == 409
        own.advance(50)
        ask(own, identity, "start")
        went = own.http.post(f"{own.root}/_mock/sandboxes/default/clock/run-until", json=until)
        assert (went.status_code, went.json()["state"]) == (200, "failed"), went.text
        assert own.show(identity)["error"] == "Out of paint"
        assert own.sandbox.clock.now() == pytest.approx(1_000_000_057)


def test_a_job_that_failed_and_is_tried_again_runs_once_more_and_succeeds(tmp_path: Path) -> None:
    with serving(tmp_path, RETRIED) as own:
        plan(own, outcome="failed")
        identity = own.submit().json()["id"]
        own.advance(20)
        assert own.show(identity)["error"] == "Rendering failed"
        assert ask(own, identity, "retry") == 204
        again = own.show(identity)
        assert (again["status"], again["ended_at"], again["error"]) == ("queued", None, None)
        assert life(own, identity, 7, 5) == [("running", 50), ("succeeded", 100)]
        assert control(own, identity)["outcome"] == "succeeded"
        assert ask(own, identity, "retry") == 409


def test_a_run_begins_at_the_state_that_the_move_leads_to(tmp_path: Path) -> None:
    skipped = both(
        running(),
        state("paused"),
        moving("pause", "paused", "queued", "running"),
        moving("resume", "running", "paused"),
    )
    with serving(tmp_path, skipped) as own:
        identity = own.submit().json()["id"]
        assert life(own, identity, 7) == [("running", 50)]
        ask(own, identity, "pause")
        assert life(own, identity, 500) == [("paused", 50)]
        ask(own, identity, "resume")
        assert life(own, identity, 0, 5, 5) == [("running", 0), ("running", 50), ("succeeded", 100)]


def test_what_is_moved_while_it_runs_leaves_that_run(tmp_path: Path) -> None:
    stopped = both(STARTED, moving("stop", "cancelled", "queued", "running"))
    with serving(tmp_path, stopped) as own:
        identity = own.submit().json()["id"]
        ask(own, identity, "start")
        assert life(own, identity, 7) == [("running", 50)]
        ask(own, identity, "stop")
        assert life(own, identity, 0, 100) == [("cancelled", 50), ("cancelled", 50)]


def test_webhooks_tell_of_a_run_that_a_move_began(tmp_path: Path) -> None:
    with receiving() as inbox, serving(tmp_path, STARTED, insecure_webhooks=True) as own:
        identity = own.submit(callback=inbox.url).json()["id"]
        own.advance(1000)
        assert not inbox.got
        ask(own, identity, "start")
        own.advance(12)
        assert [each.json["status"] for each in inbox.got] == ["succeeded"]


def test_facts_of_a_run_are_those_of_the_one_that_a_move_began(tmp_path: Path) -> None:
    at = "/paths/~1v1~1jobs~1{jobId}/get/responses/200/content/application~1json"
    value = {"ahead": 1, "waited": 1.5, "ran": 1.5, "begun": 1778155200, "logs": "x"}
    told = both(
        STARTED,
        behave("/resources/job/run/log", [[5, "Loading"], [50, "Sampling"]]),
        behave("/webhooks", {}), behave("/quirks", {}),
        show(at, {"schema": {"type": "object"}, "examples": {"other": {"value": value}}}),
        behave("/operations/getJob/bindings", {"/ahead": "queue.ahead", "/waited": "seconds.queued",
               "/ran": "seconds.running", "/begun": "at.running", "/logs": "log"}),
    )  # fmt: skip
    with serving(tmp_path, told) as own:
        identity = own.submit().json()["id"]
        own.advance(100)
        assert own.show(identity) == {"ahead": 0, "waited": 0, "ran": 0, "begun": None, "logs": ""}
        ask(own, identity, "start")
        assert own.show(identity)["ahead"] == 2
        own.advance(8)
        begun = {"ahead": 0, "waited": 2, "ran": 6, "begun": 1_000_000_102, "logs": "Loading\nSampling\n"}
        assert own.show(identity) == begun


def test_a_snapshot_keeps_a_run_that_has_not_begun_and_one_that_has(tmp_path: Path) -> None:
    with serving(tmp_path, STARTED) as own:
        waiting, begun = (own.submit().json()["id"] for _ in range(2))
        ask(own, begun, "start")
        own.advance(7)
        taken = own.http.get(f"{own.root}/_mock/sandboxes/default/snapshot").json()
        made = own.http.post(f"{own.root}/_mock/sandboxes", json={"name": "other", "snapshot": taken})
        assert made.status_code == 201, made.text
        access = made.json()["apis"][NAME]
        with httpx.Client(base_url=access["url"], headers=KEY, trust_env=False, timeout=60) as other:
            assert other.get(f"/v1/jobs/{begun}").json()["progress"] == 50
            assert other.post(f"/v1/jobs/{waiting}/start").status_code == 204
            own.http.post(f"{own.root}/_mock/sandboxes/other/clock/advance", json={"seconds": 12})
            assert other.get(f"/v1/jobs/{waiting}").json()["status"] == "succeeded"


def test_what_a_poller_is_shown_again_is_what_a_job_shows_that_was_moved_into_its_run() -> None:
    steps = (TimelineStep("queued", "queued", 2.0), TimelineStep("running", "running", 7.0))
    plan, moves = TimelinePlan(steps, "succeeded", "success"), (Move(103.0, "held"), Move(110.0, "queued"))
    changes, now = 0, 110.0
    while (shown := timeline.status(plan, 100.0, moves, now)).ended is None:
        until = same_until(plan, 100.0, moves, now, shown.progress)
        assert all(timeline.status(plan, 100.0, moves, now + (until - now) * part / 4) == shown for part in range(5))
        changes, now = changes + 1, until + 0.001
    assert changes == 101
    told = [*timeline.entries(plan, 100.0, moves)]
    assert told == [
        (100.0, "queued"), (102.0, "running"), (103.0, "held"), (110.0, "queued"), (112.0, "running"),
        (117.0, "succeeded"),
    ]  # fmt: skip


@pytest.mark.parametrize("at", [0.1, 0.7, 1_000_000_000.3, 12345.678901])
def test_a_job_is_in_the_state_it_was_moved_to_at_that_moment(at: float) -> None:
    steps = (TimelineStep("queued", "queued", 0.3), TimelineStep("running", "running", 0.7))
    for state_ in ("queued", "running"):
        found = timeline.status(TimelinePlan(steps, "succeeded", "success"), 0.0, (Move(at, state_),), at)
        assert (found.state, found.updated) == (state_, at)


def streaming(*names: str) -> Mutation:
    """A job's events are streamed, of these states."""
    path = "/paths/~1v1~1jobs~1{jobId}~1events"
    parameters = [{"name": "jobId", "in": "path", "required": True, "schema": {"type": "string"}}]
    told = {
        "200": {"description": "x", "content": {"text/event-stream": {"examples": {n: {"value": n} for n in names}}}}
    }
    refused = {"401": "Unauthorized", "403": "Deactivated", "404": "NotFound", "429": "RateLimited"}
    told |= {status: {"$ref": f"#/components/responses/{name}"} for status, name in refused.items()}
    return both(
        show(path, {"parameters": parameters, "get": {"operationId": "streamJob", "responses": told}}),
        behave("/operations/streamJob", {"verb": "stream", "resource": "job"}),
    )


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (both(STARTED, streaming("draft", "running", "succeeded")), ""),
        (both(STARTED, streaming("draft", "running")), "ends without a word of 'succeeded'"),
        (both(STARTED, show("/components/examples/Succeeded/value/error", "x"),
              behave("/operations/getJob/bindings/~1error", {"join": ["http://127.0.0.1:8000/own/v1/nowhere"]})),
         "nothing is there"),
    ],
    ids=["a sound one", "an end that nobody hears of", "a URL at the end that leads nowhere"],
)  # fmt: skip
def test_a_trial_follows_a_run_to_its_end_that_a_move_begins(mutation: Mutation, word: str, tmp_path: Path) -> None:
    contract, found = load_folder(write(tmp_path / NAME, documents(mutation)))
    assert contract is not None, found
    told = [each.sentence for each in tried(contract)]
    assert any(word in each for each in told) if word else not told, told


def test_a_run_that_nothing_begins_is_named(tmp_path: Path) -> None:
    (told,) = [each for each in findings(tmp_path, DRAFT) if "/resources/job/initial" in each]
    assert "draft has no phase, so a move begins the run, and none leads to a state that has one." in told
    assert "name 'queued'" in told or "name it as `initial`" in told
