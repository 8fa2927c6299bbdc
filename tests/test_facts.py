"""Facts that hold at one time of a job's life and not at another."""

from __future__ import annotations

from pathlib import Path

import httpx
from check_kit import BEHAVIOR, OPENAPI, good, put, write

from mockserver import start
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Value
from mockserver.store import JobRecord
from mockserver.subject import Subject
from mockserver.timeline import Move, TimelinePlan, TimelineStep
from mockserver.values import reader

PLAN = TimelinePlan((TimelineStep("running", "running", 10.0),), "failed", "failure", error="It broke")


def fact(name: str, now: float) -> object:
    job = PlannedJob(JobRecord("x", "job", "someone", 0.0), plan=PLAN)
    return reader(Value(name))(Subject(now, job=job, status=job.status(now)))


def test_an_error_shows_once_the_job_came_to_it() -> None:
    assert [fact("error", now) for now in (0.0, 9.9, 10.0, 99.0)] == [None, None, "It broke", "It broke"]


def test_a_cancelled_job_never_shows_the_error_it_would_have_had() -> None:
    job = PlannedJob(JobRecord("x", "job", "someone", 0.0, moves=(Move(1.0, "cancelled"),)), plan=PLAN)
    assert reader(Value("error"))(Subject(20.0, job=job, status=job.status(20.0))) is None


def test_the_cost_is_the_same_in_every_view_of_a_job(tmp_path: Path) -> None:
    documents = good()
    openapi, behavior = documents[OPENAPI], documents[BEHAVIOR]
    refusal = {
        "description": "No credits",
        "content": {"application/json": {"examples": {"no_credits": {"value": {}}}}},
    }
    put(openapi, "/paths/~1v1~1jobs/post/responses/402", refusal)
    put(behavior, "/resources/job/cost", 3)
    put(openapi, "/components/schemas/Job/properties/cost", {"type": "integer"})
    put(openapi, "/components/examples/Queued/value/cost", 1)
    page = "/paths/~1v1~1jobs/get/responses/200/content/application~1json/examples/ok/value"
    put(openapi, f"{page}/items/0/cost", 1)
    for operation in ("submitJob", "getJob", "listJobs"):
        put(behavior, f"/operations/{operation}/bindings/~1cost", "cost")
    folder = write(tmp_path / "small", documents)
    headers = {"X-API-Key": "demo-key"}
    with start([folder], clock="manual") as server, httpx.Client(headers=headers, trust_env=False) as client:
        jobs = f"{server.url}/small/v1/jobs"
        made = client.post(jobs, json={"prompt": "A lighthouse"}).json()
        shown, listed = client.get(f"{jobs}/{made['id']}").json(), client.get(jobs).json()["items"][0]
    assert [job["cost"] for job in (made, shown, listed)] == [3, 3, 3]


def test_an_answer_that_tells_of_a_limit_is_never_remembered(tmp_path: Path) -> None:
    documents = good()
    put(documents[OPENAPI], "/components/schemas/Job/properties/left", {"type": ["integer", "null"]})
    put(documents[OPENAPI], "/components/examples/Queued/value/left", 1)
    put(documents[BEHAVIOR], "/operations/getJob/bindings/~1left", "limit.remaining")
    folder = write(tmp_path / "small", documents)
    headers = {"X-API-Key": "demo-key"}
    with start([folder], clock="manual") as server, httpx.Client(headers=headers, trust_env=False) as client:
        jobs = f"{server.url}/small/v1/jobs"
        made = client.post(jobs, json={"prompt": "A lighthouse"}).json()
        left = [client.get(f"{jobs}/{made['id']}").json()["left"] for _ in range(3)]
    assert left == [left[0], left[0] - 1, left[0] - 2]
