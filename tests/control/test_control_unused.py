"""The control API: faults and plans that took no effect, the request that came nearest, and why it did not do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from control_kit import Steered, job, refused, told

from mockserver.faults import book


def arm(control: Steered, sandbox: str, fault: str, **more: Any) -> str:
    body = {"api": "vidgen", "fault": fault, **more}
    return str(told(control.ask("POST", f"{sandbox}/faults", json=body), 201)["id"])


def plan(control: Steered, sandbox: str, **more: Any) -> str:
    return str(told(control.ask("POST", f"{sandbox}/plans", json={"api": "vidgen", **more}), 201)["id"])


def get(control: Steered, sandbox: str, path: str, api: str = "vidgen") -> Any:
    access = control.get(sandbox)["apis"][api]
    return control.ask("GET", access["url"] + path, headers={"x-api-key": access["api_key"]})


def unused(control: Steered, sandbox: str) -> list[tuple[str, int | None]]:
    """Why, and the nearest request, of all that took no effect."""
    return [(each["why"], each["entry"]) for each in control.get(f"{sandbox}/unused")]


def test_nothing_armed_is_nothing_unused(control: Steered, sandbox: str) -> None:
    job(control, sandbox)
    assert unused(control, sandbox) == []


def test_what_took_effect_once_is_not_unused(control: Steered, sandbox: str) -> None:
    arm(control, sandbox, "status", times=2, operation="listJobs")
    arm(control, sandbox, "status", operation="getHealth")
    plan(control, sandbox, count=3, running=1)
    get(control, sandbox, "/api/jobs")
    get(control, sandbox, "/api/health")
    job(control, sandbox)
    assert unused(control, sandbox) == []


def test_each_is_named_by_id_api_and_kind(control: Steered, sandbox: str) -> None:
    ids = [arm(control, sandbox, "hang"), plan(control, sandbox)]
    why = "no request came to vidgen at all"
    assert control.get(f"{sandbox}/unused") == [
        {"id": each, "api": "vidgen", "kind": kind, "why": why, "entry": None}
        for each, kind in zip(ids, ("fault", "plan"), strict=True)
    ]
    assert control.get(f"{sandbox}/unused?api=mirrago") == []


def test_chance_scenarios_and_what_was_taken_back_are_passed_over(control: Steered, sandbox: str) -> None:
    told(control.ask("PUT", f"{sandbox}/scenario", json={"api": "vidgen", "scenario": "flaky"}), 200)
    arm(control, sandbox, "status", probability=0.5)
    control.ask("DELETE", f"{sandbox}/faults/{arm(control, sandbox, 'hang')}", json={})
    control.ask("DELETE", f"{sandbox}/plans/{plan(control, sandbox)}", json={})
    assert unused(control, sandbox) == []
    arm(control, sandbox, "status", probability=1)
    assert len(unused(control, sandbox)) == 1


Ask = Callable[[Steered, str], object]


def looks(control: Steered, sandbox: str) -> None:
    get(control, sandbox, f"/api/status/{job(control, sandbox)}")


def lists(control: Steered, sandbox: str) -> None:
    get(control, sandbox, "/api/jobs")


def hooked(control: Steered, sandbox: str) -> None:
    control.ask("PUT", f"{sandbox}/webhooks", json={"insecure": True})
    job(control, sandbox, hook="http://127.0.0.1:9/")


NEAREST: list[tuple[dict[str, Any], Ask, str, int]] = [
    ({"fault": "status", "operation": "cancelJob"}, looks, "getStatus was asked, the fault waits for cancelJob", 2),
    ({"fault": "status", "operation": "getStatus"}, lambda c, s: get(c, s, "/nowhere"),
     "a request came for a path or method that vidgen lacks", 1),
    ({"fault": "status", "operation": "getStatus"}, lambda c, s: get(c, s, "/api/avatars", "miraflow"),
     "no request came to vidgen at all; the last one went to miraflow", 1),
    ({"fault": "status", "job": "other", "operation": "getStatus"}, looks, "getStatus was about the job *, the fault "
     "waits for other", 2),
    ({"fault": "status", "account": "other"}, looks, "getStatus came from another account than other", 2),
    ({"fault": "status", "operation": "getStatus", "nth": 3}, looks,
     "1 fitting request came, the fault waits for number 3", 2),
    ({"fault": "status", "every": 3}, looks, "2 fitting requests came, the fault waits for numbers 3, 6, …", 2),
    ({"fault": "stuck"}, lists, "stuck takes no effect on listJobs: no job is created or named", 1),
    ({"fault": "status_back"}, looks,
     "getStatus fitted, but the job was PENDING, and the fault found nothing to do (A job past its first state *)", 2),
    ({"fault": "given_body", "state": "FAILED"}, looks,
     "getStatus fitted, but the job was PENDING, the fault waits for FAILED", 2),
    ({"fault": "truncated_json", "operation": "getStatus"}, lambda c, s: get(c, s, "/api/share/x"),
     "a request came for a path or method that vidgen lacks", 1),
    ({"fault": "missing_field", "operation": "getStatus"}, lambda c, s: get(c, s, "/api/status/nobody"),
     "getStatus fitted, but was answered 404 not_found, and the fault found nothing to do *", 1),
    ({"fault": "close_mid_body", "operation": "media"}, looks, "getStatus was asked, the fault waits for media", 2),
    ({"fault": "webhook_never"}, lists,
     "webhook_never takes no effect on listJobs: no webhook goes out for what is created", 1),
    ({"fault": "webhook_never"}, lambda c, s: job(c, s), "createJob asked for no webhook", 1),
    ({"fault": "webhook_never"}, hooked, "the webhook of the job, which is PENDING, is not due", 1),
    ({"fault": "webhook_never", "job": "other"}, hooked, "the webhook is about *, the fault waits for other", 1),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "ask", "why", "entry"), NEAREST)
def test_the_nearest_request_is_named_with_what_it_lacked(
    control: Steered, sandbox: str, fault: dict[str, Any], ask: Ask, why: str, entry: int
) -> None:
    arm(control, sandbox, **fault)
    ask(control, sandbox)
    ((said, n),) = unused(control, sandbox)
    before, star, after = why.partition("*")
    assert said == why or (star and said.startswith(before) and said.endswith(after)), said
    assert n == entry


def test_a_request_that_came_too_early_is_nearer_than_a_later_one_of_another_operation(
    control: Steered, sandbox: str
) -> None:
    made = job(control, sandbox)
    arm(control, sandbox, "answer_lost", operation="createJob")
    plan(control, sandbox, outcome="FAILED")
    get(control, sandbox, f"/api/status/{made}")
    assert unused(control, sandbox) == [
        ("createJob was asked before the fault was armed", 1),
        ("createJob was asked before the plan was made", 1),
    ]


def test_an_older_fault_or_plan_goes_first(control: Steered, sandbox: str) -> None:
    for _ in range(2):
        arm(control, sandbox, "status", operation="listJobs")
        plan(control, sandbox)
    job(control, sandbox)
    lists(control, sandbox)
    assert unused(control, sandbox) == [
        ("listJobs met the fault status, which went first", 2),
        ("the job that createJob created followed a plan made before this one", 1),
    ]


def test_a_refused_creation_leaves_its_plan(control: Steered, sandbox: str) -> None:
    job(control, sandbox)
    plan(control, sandbox, running=5)
    access = control.get(sandbox)["apis"]["vidgen"]
    control.ask("POST", access["url"] + "/api/jobs", headers={"x-api-key": access["api_key"]})
    ((why, entry),) = unused(control, sandbox)
    assert (why, entry) == ("createJob was answered 400 bad_request, and created no job", 2)


def test_a_plan_for_another_kind_of_job_says_so(control: Steered, sandbox: str) -> None:
    plan(control, sandbox, api="miraflow", resource="image")
    access = control.get(sandbox)["apis"]["miraflow"]
    body = {"fileName": "a.webp", "contentType": "image/webp", "fileSize": 30}
    control.ask("POST", access["url"] + "/api/media/initialize", json=body, headers={"x-api-key": access["api_key"]})
    assert unused(control, sandbox) == [("initializeMedia creates a job of the kind media, the plan is for image", 1)]


def test_a_fault_whose_time_was_over_says_so(control: Steered, sandbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arm(control, sandbox, "status", for_seconds=5)
    arm(control, sandbox, "stuck", ttl=60)
    told(control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": 5}), 200)
    monkeypatch.setattr(book, "monotonic", lambda real=book.monotonic: real() + 61)
    assert unused(control, sandbox) == [
        ("it was over after 5 s of the sandbox's time, before a request met it", None),
        ("it was over after 60 real seconds, before a request met it", None),
    ]


def test_a_reset_forgets_them(control: Steered, sandbox: str) -> None:
    arm(control, sandbox, "status")
    plan(control, sandbox)
    told(control.ask("POST", f"{sandbox}/reset", json={}), 204)
    assert unused(control, sandbox) == []


def test_a_plan_is_listed_until_it_is_used_up_or_taken_back(control: Steered, sandbox: str) -> None:
    ids = [plan(control, sandbox, count=2, running=30), plan(control, sandbox)]
    job(control, sandbox)
    first = {"id": ids[0], "api": "vidgen", "resource": None, "count": 2, "used": 1, "running": 30}
    assert control.get(f"{sandbox}/plans")[0] == first
    assert [each["id"] for each in control.get(f"{sandbox}/plans")] == ids
    assert control.ask("DELETE", f"{sandbox}/plans/{ids[0]}", json={}).status_code == 204
    assert [each["id"] for each in control.get(f"{sandbox}/plans?api=vidgen")] == ids[1:]
    problem = refused(control.ask("DELETE", f"{sandbox}/plans/{ids[0]}", json={}), 404)
    assert problem["detail"] == f"no plan '{ids[0]}' waits (any more)"
