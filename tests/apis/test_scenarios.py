"""Scenarios and words that steer a job from the request: vendor-like minutes, failures, overload."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest
import test_miragic
import test_mirrago
import vidgen_kit
from api_kit import View, only, statuses_of
from miraflow_kit import PICTURE, SPEECH, started

from mockserver import Running


def job_of(found: View, **fields: Any) -> str:
    """The path at which a fresh job of an API can be seen."""
    name = found.side.contract.name
    if name == "vidgen":
        return f"/api/status/{vidgen_kit.submit(found.http).json()['jobId']}"
    if name == "miragic":
        job = test_miragic.submit(found.http).json()["data"]["jobId"]
        return f"{test_miragic.PAINTINGS}/jobs/{job}"
    if name == "mirrago":
        return f"/v1/mirrago/job/{test_mirrago.submit(found.http, **fields).json()['job_id']}"
    return f"/api/image/{started(found.http.post('/api/image/generate', json=PICTURE | fields))}"


def state(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    found: str = body.get("data", body)["status"]
    return found


DONE = {"COMPLETED", "completedc", "inference_complete"}
FAILED = {"FAILED", "failed", "inference_failed"}
APIS = ["vidgen", "miragic", "miraflow", "mirrago"]


@pytest.fixture
def chosen(request: pytest.FixtureRequest) -> View:
    found: View = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("chosen", APIS, indirect=True)
def test_jobs_end_well_within_fifteen_seconds(chosen: View) -> None:
    for _ in range(10):
        path = job_of(chosen)
        chosen.advance(15)
        assert state(chosen.http.get(path)) in DONE


@pytest.mark.parametrize("chosen", APIS, indirect=True)
def test_slow_jobs_take_longer_than_that(chosen: View) -> None:
    chosen.side.play("slow")
    path = job_of(chosen)
    chosen.advance(15)
    assert state(chosen.http.get(path)) not in DONE | FAILED
    chosen.advance(900)
    assert state(chosen.http.get(path)) in DONE


@pytest.mark.parametrize("chosen", APIS, indirect=True)
def test_failing_jobs_fail_with_a_documented_kind_of_message(chosen: View) -> None:
    chosen.side.play("failing")
    path = job_of(chosen)
    chosen.advance(900)
    assert state(chosen.http.get(path)) in FAILED


def test_miraflow_is_limited_while_overloaded_and_only_then(miraflow: View, running: Running) -> None:
    miraflow.side.play("overloaded")
    request = miraflow.http.build_request("GET", "/api/avatars")
    assert Counter(statuses_of(running, [request] * 31)) == {200: 30, 429: 1}  # at once: each answer comes late
    assert set(only(miraflow.http.get("/api/avatars"), 429)) == {"result", "message"}
    miraflow.side.play("happy")
    assert miraflow.http.get("/api/avatars").status_code == 200


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({"prompt": "mock:fail"}, FAILED), ({"name": "mock:fail"}, FAILED), ({"name": "fail"}, DONE)],
)
def test_an_exact_word_in_a_request_steers_its_job(miraflow: View, fields: dict[str, str], expected: set[str]) -> None:
    path = job_of(miraflow, **fields)
    miraflow.advance(15)
    assert state(miraflow.http.get(path)) in expected


def test_a_plan_that_was_ordered_goes_before_the_words_of_the_request(miraflow: View) -> None:
    miraflow.plan(outcome="inference_complete", resource="image")
    path = job_of(miraflow, name="mock:fail")
    started(miraflow.http.post("/api/video/create", json=SPEECH))
    miraflow.advance(15)
    assert state(miraflow.http.get(path)) in DONE


@pytest.mark.parametrize(("user", "expected"), [("mock:fail", FAILED), ("mock:slow", {"processing"}), ("anna", DONE)])
def test_a_username_steers_a_job_of_mirrago(mirrago: View, user: str, expected: set[str]) -> None:
    path = job_of(mirrago, username=user)
    mirrago.advance(15)
    assert state(mirrago.http.get(path)) in expected


def test_a_plan_is_used_by_a_job_that_is_made_and_by_none_that_is_refused(vidgen: View) -> None:
    job_of(vidgen)
    vidgen.plan(outcome="FAILED", count=2)
    assert vidgen_kit.submit(vidgen.http).status_code == 409
    assert vidgen_kit.submit(vidgen.http, image=None).status_code == 400
    outcomes = []
    for _ in range(3):
        vidgen.advance(15)
        path = job_of(vidgen)
        vidgen.advance(15)
        outcomes.append(state(vidgen.http.get(path)))
    assert outcomes == ["FAILED", "FAILED", "COMPLETED"]
