"""VidGen: the list, its pages and filters, and what all views of a job say of its progress."""

from __future__ import annotations

from typing import Any

import pytest
from api_kit import View, connect, only
from vidgen_kit import new_job, status, submit

LAWS = {"PENDING": None, "FAILED": None, "CANCELLED": None, "COMPLETED": 100}


def finished(vidgen: View, count: int) -> list[str]:
    """Jobs one after another, oldest first."""
    jobs = []
    for _ in range(count):
        jobs.append(new_job(vidgen, queued=1, running=1))
        vidgen.advance(2)
    return jobs


def page(vidgen: View, **query: Any) -> Any:
    answer = vidgen.http.get("/api/jobs", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(found: Any) -> list[str]:
    return [item["id"] for item in found["jobs"]]


def test_an_empty_list_is_one_page(vidgen: View) -> None:
    assert page(vidgen) == {"jobs": [], "pagination": {"limit": 20, "nextCursor": None, "hasNextPage": False}}


def test_the_newest_job_comes_first_and_twenty_fit_a_page(vidgen: View) -> None:
    jobs = finished(vidgen, 21)
    first = page(vidgen)
    assert ids(first) == jobs[:0:-1]
    assert first["pagination"]["limit"] == 20
    assert first["pagination"]["hasNextPage"] is True
    assert first["pagination"]["nextCursor"]
    last = page(vidgen, cursor=first["pagination"]["nextCursor"])
    assert ids(last) == jobs[:1]
    assert last["pagination"] == {"limit": 20, "nextCursor": None, "hasNextPage": False}


def test_a_page_that_ends_with_the_last_job_is_the_last(vidgen: View) -> None:
    finished(vidgen, 2)
    assert page(vidgen, limit=2)["pagination"] == {"limit": 2, "nextCursor": None, "hasNextPage": False}


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_every_job_is_on_one_page_exactly_while_jobs_are_added(vidgen: View, limit: int) -> None:
    jobs = finished(vidgen, 5)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        found = page(vidgen, limit=limit, **cursor)
        seen += ids(found)
        finished(vidgen, 1)  # newer ones must not shift the pages
        if not found["pagination"]["hasNextPage"]:
            break
        cursor = {"cursor": found["pagination"]["nextCursor"]}
    assert seen == jobs[::-1]


def test_a_cursor_is_not_the_id_of_a_job_on_its_page(vidgen: View) -> None:
    jobs = finished(vidgen, 4)
    first = page(vidgen, limit=2)
    assert ids(first) == [jobs[3], jobs[2]]
    assert first["pagination"]["nextCursor"] not in ids(first)
    assert ids(page(vidgen, limit=1, cursor=first["pagination"]["nextCursor"])) == [jobs[1]]


def test_a_cursor_goes_on_where_its_page_ended_when_jobs_have_left_the_filter(vidgen: View) -> None:
    jobs = finished(vidgen, 3)
    first = page(vidgen, limit=2)
    found = page(vidgen, limit=2, status="FAILED", cursor=first["pagination"]["nextCursor"])
    assert ids(found) == []
    assert ids(page(vidgen, status="COMPLETED", cursor=first["pagination"]["nextCursor"])) == [jobs[0]]


def test_a_list_can_be_filtered_by_each_state(vidgen: View) -> None:
    by_state = {"COMPLETED": finished(vidgen, 1)[0], "FAILED": new_job(vidgen, outcome="FAILED")}
    vidgen.advance(12)
    by_state["CANCELLED"] = new_job(vidgen)
    vidgen.http.delete(f"/api/jobs/{by_state['CANCELLED']}")
    by_state["PENDING"] = new_job(vidgen)
    for state, job in by_state.items():
        found = page(vidgen, status=state)
        assert ids(found) == [job]
        assert found["jobs"][0]["status"] == state
    vidgen.advance(2)
    assert ids(page(vidgen, status="PROCESSING")) == [by_state["PENDING"]]
    assert ids(page(vidgen, status="PENDING")) == []


def test_a_filtered_list_is_paged_like_any(vidgen: View) -> None:
    jobs = finished(vidgen, 3)
    new_job(vidgen)
    first = page(vidgen, status="COMPLETED", limit=2)
    assert ids(first) == [jobs[2], jobs[1]]
    rest = page(vidgen, status="COMPLETED", limit=2, cursor=first["pagination"]["nextCursor"])
    assert ids(rest) == [jobs[0]]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=-1", "limit=ten", "limit=1.5", "limit=", "status=DONE", "status=pending"]
)
def test_parameters_out_of_range_are_refused_and_named(vidgen: View, query: str) -> None:
    error = only(vidgen.http.get(f"/api/jobs?{query}"), 400)
    assert set(error) == {"error"}
    assert query.partition("=")[0] in error["error"]


@pytest.mark.parametrize("limit", [1, 100])
def test_the_bounds_of_the_limit_are_inside(vidgen: View, limit: int) -> None:
    assert page(vidgen, limit=limit)["pagination"]["limit"] == limit


def test_a_list_shows_the_callers_own_jobs_only(vidgen: View) -> None:
    new_job(vidgen)
    with connect(vidgen.url, x_api_key=vidgen.side.account().key) as other:
        assert other.get("/api/jobs").json()["jobs"] == []
        submit(other)
    assert len(page(vidgen)["jobs"]) == 1


@pytest.mark.parametrize("outcome", ["COMPLETED", "FAILED"])
def test_status_and_list_tell_the_same_story_and_progress_never_falls(vidgen: View, outcome: str) -> None:
    job = new_job(vidgen, queued=2, running=7, outcome=outcome)
    before = -1
    for _ in range(40):
        one, (item,) = status(vidgen, job), page(vidgen)["jobs"]
        for shared in ("status", "outputVideo", "outputShareLink", "errorMessage", "createdAt", "updatedAt"):
            assert one[shared] == item[shared]
        if one["status"] == "PROCESSING":
            assert before <= one["progress"] <= 99
            before = one["progress"]
        else:
            assert one["progress"] == LAWS[one["status"]]
        vidgen.advance(0.25)
    assert one["status"] == outcome
    assert before > 90
