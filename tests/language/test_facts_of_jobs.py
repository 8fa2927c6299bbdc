"""What answers can tell of a job: its own URLs, when it was where, how long, how many before it, what it wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import Mutation, behave, both, show
from language_kit import NAME, SUBMIT, serving

KEY = {"X-API-Key": "demo-key"}
GET = "/operations/getJob/bindings"
STATES = ("Queued", "Running", "Succeeded", "Failed", "Cancelled")
RUN = behave("/resources/job/run", {"queued": {"fixed": 3}, "running": {"fixed": 10}})
OPEN = show("/components/schemas/Job", {})


def everywhere(field: str, value: object) -> Mutation:
    """Every state's example shows this."""
    return both(*(show(f"/components/examples/{each}/value/{field}", value) for each in STATES))


def test_an_answer_tells_the_urls_of_operations_on_its_job(tmp_path: Path) -> None:
    header = show(f"{SUBMIT}/responses/201/headers", {"Location": {"schema": {"type": "string"}}})
    bound = behave("/operations/submitJob/bindings", {
        "/id": "id", "/prompt": "url.cancelJob", "header.Location": "url.getJob"})  # fmt: skip
    with serving(tmp_path, header, bound) as own:
        made = own.submit()
        identity = made.json()["id"]
        assert made.headers["location"] == f"{own.root}/@default/{NAME}/v1/jobs/{identity}"
        assert own.http.get(made.headers["location"], headers=KEY).json()["id"] == identity
        assert own.http.post(made.json()["prompt"], headers=KEY).json()["status"] == "cancelled"


def test_a_header_depends_on_the_state_that_is_told(tmp_path: Path) -> None:
    header = show("/paths/~1v1~1jobs~1{jobId}/get/responses/200/headers", {"Retry-After": {"schema": {}}})
    bound = behave(f"{GET}/header.Retry-After", {"fact": "state", "of": {"queued": 2, "running": 5}})
    with serving(tmp_path, header, bound, RUN) as own:
        path, told = f"/v1/jobs/{own.submit().json()['id']}", []
        for seconds in (0, 5, 20):
            own.advance(seconds)
            told.append(own.http.get(path, headers=KEY).headers.get("retry-after"))
        assert told == ["2", "5", None]


def test_times_and_seconds_of_states_are_told_once_they_are_there(tmp_path: Path) -> None:
    bound = behave(GET, {"/id": "id", "/created_at": "at.running", "/ended_at": "at.succeeded",
                         "/progress": "seconds.running", "/error": "at.cancelled"})  # fmt: skip
    shown = both(everywhere("created_at", 1), everywhere("ended_at", 1), everywhere("error", 1))
    with serving(tmp_path, OPEN, bound, shown, everywhere("progress", 1), RUN) as own:
        identity, told = own.submit().json()["id"], []
        for seconds in (0, 5, 100):
            own.advance(seconds)
            job = own.show(identity)
            told.append((job["created_at"], job["ended_at"], job["progress"], job["error"]))
        assert told == [(None, None, 0, None), (1000000003, None, 2, None), (1000000003, 1000000013, 10, None)]


TIMES = (
    behave(GET, {"/id": "id", "/created_at": "at.running", "/ended_at": "at.succeeded",
                 "/progress": "seconds.running", "/error": "at.cancelled"}),
    everywhere("created_at", 1), everywhere("ended_at", 1), everywhere("error", 1), everywhere("progress", 1),
)  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"fault": "stuck"}, ("running", 1000000003, None, 97)),
        ({"fault": "stuck", "state": "queued"}, ("queued", None, None, 0)),
        ({"fault": "progress_back"}, ("succeeded", 1000000003, 1000000013, 10)),
    ],
)
def test_a_job_under_a_fault_tells_the_times_of_what_it_shows(tmp_path: Path, fault: Any, told: Any) -> None:
    with serving(tmp_path, OPEN, *TIMES, RUN) as own:
        own.arm(**fault)
        identity = own.submit().json()["id"]
        own.advance(100)
        job = own.show(identity)
        assert (job["status"], job["created_at"], job["ended_at"], job["progress"]) == told


def test_a_job_that_is_back_in_a_state_has_not_come_to_the_next_one(tmp_path: Path) -> None:
    with serving(tmp_path, OPEN, *TIMES, RUN) as own:
        identity, told = own.submit().json()["id"], []
        own.advance(5)
        own.arm(fault="status_back", seconds=1)
        for seconds in (0, 1):
            own.advance(seconds)
            job = own.show(identity)
            told.append((job["status"], job["created_at"], job["progress"]))
        assert told == [("queued", None, 0), ("running", 1000000003, 3)]


def test_a_cancelled_job_that_goes_on_has_the_times_of_one_that_was_not(tmp_path: Path) -> None:
    with serving(tmp_path, OPEN, *TIMES, RUN) as own:
        own.arm(fault="cancel_completes")
        identity = own.submit().json()["id"]
        own.advance(5)
        own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY)
        own.advance(100)
        job = own.show(identity)
        told = (job["status"], job["created_at"], job["ended_at"], job["progress"], job["error"])
        assert told == ("succeeded", 1000000003, 1000000013, 10, None)


def test_a_job_that_was_moved_tells_when(tmp_path: Path) -> None:
    bound = behave(
        "/operations/cancelJob/bindings", {"/id": "id", "/ended_at": "at.cancelled", "/created_at": "at.running"}
    )
    with serving(tmp_path, OPEN, bound, everywhere("ended_at", 1), everywhere("created_at", 1), RUN) as own:
        identity = own.submit().json()["id"]
        own.advance(1)
        job = own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY).json()
        assert (job["ended_at"], job["created_at"]) == (1000000001, None)


def test_a_queue_gets_shorter_and_a_log_longer(tmp_path: Path) -> None:
    log = behave("/resources/job/run/log", [[1, "Loading"], [50, "Sampling"], [100, "Done"]])
    bound = behave(GET, {"/id": "id", "/progress": "queue.ahead", "/error": "log"})
    with serving(tmp_path, OPEN, everywhere("error", "x"), everywhere("progress", 1), bound, RUN, log) as own:
        identity, told = own.submit().json()["id"], []
        for seconds in (0, 1.5, 2.5, 4, 10):
            own.advance(seconds)
            job = own.show(identity)
            told.append((job["progress"], job["error"].split()))
        assert told == [
            (3, []),
            (1, []),
            (0, ["Loading"]),
            (0, ["Loading", "Sampling"]),
            (0, ["Loading", "Sampling", "Done"]),
        ]


def test_a_page_tells_where_the_next_one_is(tmp_path: Path) -> None:
    with serving(tmp_path, behave("/operations/listJobs/page/~1next", "page.next_url")) as own:
        for _ in range(3):
            own.submit()
        seen, url = [], f"{own.root}/{NAME}/v1/jobs?limit=2&status=queued"
        while url:
            page = own.http.get(url, headers=KEY).json()
            seen.append(len(page["items"]))
            url = page["next"]
        assert seen == [2, 1]
