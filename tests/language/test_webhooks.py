"""Webhooks go to the place that a request names, when the job comes to a state, in words of their own."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from api_kit import Receiver, receiving
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, both, show
from language_kit import NAME, SUBMIT, findings, serving

KEY = {"X-API-Key": "demo-key"}
RUN = behave("/resources/job/run", {"queued": {"fixed": 3}, "running": {"fixed": 10}})
LIST = {"type": "array", "items": {"type": "string"}}


def told(target: str = "/callback", **more: Any) -> Mutation:
    """One webhook with examples of its own for each state."""
    states = ("queued", "running", "succeeded", "failed", "cancelled")
    examples = {name: {"value": {"event": name, "job": {"id": "x"}, "at": 1}} for name in states}
    body = {"content": {"application/json": {"examples": examples}}}
    webhook = {
        "resource": "job", "target": target, "sign": {"scheme": "none"}, "timeout": 10, "retries": [5],
        "bindings": {"/job/id": "id", "/at": "updated"}, **more,
    }  # fmt: skip
    return both(
        show("/webhooks", {"told": {"post": {"requestBody": body}}}),
        behave("/webhooks", {"told": webhook}),
        show("/components/schemas/JobRequest/properties/events", LIST),
    )


def events(receiver: Receiver) -> list[tuple[str, int]]:
    return [(each.json["event"], each.json["at"] - 1_000_000_000) for each in receiver.got]


def test_each_state_is_told_when_the_job_comes_to_it(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, told(), RUN) as own:
        identity = own.submit(callback=receiver.url).json()["id"]
        receiver.wait(1)
        own.advance(100)
        assert events(receiver) == [("queued", 0), ("running", 3), ("succeeded", 13)]
        assert {each.json["job"]["id"] for each in receiver.got} == {identity}


def test_a_webhook_that_comes_before_the_answer_is_that_of_the_end_alone(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, told(), RUN) as own:
        own.arm(fault="webhook_before_answer", times=1)
        own.submit(callback=receiver.url)
        receiver.wait(2)
        assert events(receiver) == [("succeeded", 13), ("queued", 0)]
        own.advance(100)
        assert events(receiver)[2:] == [("running", 3)]


def test_each_webhook_that_tells_of_the_end_comes_before_the_answer(tmp_path: Path) -> None:
    def twice(documents: Documents) -> None:
        for file in (OPENAPI, BEHAVIOR):
            hooks = documents[file]["webhooks"]
            hooks["told2"], hooks["begun"] = (copy.deepcopy(hooks["told"]) for _ in range(2))
        documents[BEHAVIOR]["webhooks"]["begun"]["states"] = ["running"]

    with receiving() as receiver, serving(tmp_path, told(states=["succeeded"]), twice, RUN) as own:
        own.arm(fault="webhook_before_answer", times=1)
        own.submit(callback=receiver.url)
        assert events(receiver) == [("succeeded", 13)] * 2
        own.advance(100)
        assert events(receiver) == [("succeeded", 13)] * 2 + [("running", 3)]


def test_a_webhook_that_comes_before_the_answer_is_tried_again_before_its_end(tmp_path: Path) -> None:
    hook = told(states=["succeeded"], retries=[2])
    with receiving([500, 200]) as receiver, serving(tmp_path, hook, RUN) as own:
        own.arm(fault="webhook_before_answer", times=1)
        own.submit(callback=receiver.url)
        own.advance(5)
        assert events(receiver) == [("succeeded", 13)] * 2
        own.advance(100)
        assert len(receiver.got) == 2


def test_without_an_end_to_tell_of_no_webhook_comes_before_the_answer(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, told(states=["running"]), RUN) as own:
        own.arm(fault="webhook_before_answer", times=1)
        own.submit(callback=receiver.url)
        own.advance(100)
        assert events(receiver) == [("running", 3)]
        assert own.sandbox.apis[NAME].faults.armed


def test_states_that_a_cancelled_job_never_comes_to_are_not_told(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, told(), RUN) as own:
        identity = own.submit(callback=receiver.url).json()["id"]
        own.advance(1)
        own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY)
        receiver.wait(2)
        own.advance(100)
        assert events(receiver) == [("queued", 0), ("cancelled", 1)]


def test_a_request_asks_for_the_events_it_wants(tmp_path: Path) -> None:
    names = {"queued": "start", "running": "start", "succeeded": "completed", "failed": "completed"}
    asked = told(events=names, filter={"fact": "request./events", "else": ["completed"]})
    with receiving() as receiver, serving(tmp_path, asked, RUN) as own:
        own.submit(callback=receiver.url, events=["start"])
        receiver.wait(1)
        own.advance(100)
        own.submit(callback=receiver.url)
        own.advance(100)
        assert [each for each, _ in events(receiver)] == ["queued", "running", "succeeded"]


def test_a_retry_tells_what_was_so_when_it_was_due(tmp_path: Path) -> None:
    with receiving([500, 200]) as receiver, serving(tmp_path, told(states=["queued"]), RUN) as own:
        own.submit(callback=receiver.url)
        receiver.wait(1)
        own.advance(1)
        own.advance(100)
        assert events(receiver) == [("queued", 0), ("queued", 0)]


@pytest.mark.parametrize("place", ["query.hook", "header.X-Hook", "cookie.hook"])
def test_a_target_stands_anywhere_in_the_request(place: str, tmp_path: Path) -> None:
    where, _, name = place.partition(".")
    parameter = show(f"{SUBMIT}/parameters", [{"name": name, "in": where, "schema": {"type": "string"}}])
    with receiving() as receiver, serving(tmp_path, told(place, states=["succeeded"]), parameter, RUN) as own:
        ways: dict[str, dict[str, Any]] = {
            "query": {"params": {name: receiver.url}},
            "header": {"headers": {**KEY, name: receiver.url}},
            "cookie": {"headers": {**KEY, "Cookie": f"{name}={receiver.url}"}},
        }
        made = own.http.post("/v1/jobs", json={"prompt": "x"}, **{"headers": KEY, **ways[where]})
        assert made.status_code == 201
        own.advance(100)
        assert events(receiver) == [("succeeded", 13)]


def test_a_webhook_needs_a_body_and_states_that_exist(tmp_path: Path) -> None:
    assert any("no state 'gone'" in each for each in findings(tmp_path / "a", told(states=["gone"])))
    bare = both(told(), show("/webhooks/told/post/requestBody/content/application~1json/examples", {}))
    assert any("it has no body" in each for each in findings(tmp_path / "b", bare))
    assert any("no request of submitJob" in each for each in findings(tmp_path / "c", told("query.gone")))


def test_a_condition_decides_whether_a_webhook_goes_out(tmp_path: Path) -> None:
    asked = told(when=[{"request./prompt": ["loud", "louder"], "state": "succeeded"}, {"state": "queued"}])
    with receiving() as receiver, serving(tmp_path, asked, RUN) as own:
        for prompt in ("loud", "quiet"):
            own.submit(callback=receiver.url, prompt=prompt)
        receiver.wait(2)
        own.advance(100)
        assert [each for each, _ in events(receiver)] == ["queued", "queued", "succeeded"]


@pytest.mark.parametrize("condition", [{"request./gone": 1}, {"nothing": 1}, {"id": {"hass": 1}}])
def test_a_mistake_in_a_condition_is_named(condition: Any, tmp_path: Path) -> None:
    found = findings(tmp_path, told(when=condition))
    assert found
    assert all("/webhooks/told/when" in each for each in found), found
