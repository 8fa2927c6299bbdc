"""What a request asks for by its own words: a plan, a fault or a problem, under a condition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import Mutation, behave, both, show
from language_kit import Served, findings, serving

KEY = {"X-API-Key": "demo-key"}
RUN = behave("/resources/job/run/queued", {"fixed": 2})
PROBLEM = show(
    "/paths/~1v1~1jobs/post/responses/402",
    {"description": "x", "content": {"application/json": {"examples": {"too_poor": {"value": {"message": "x"}}}}}},
)
BUSY = show(
    "/paths/~1v1~1jobs~1{jobId}/get/responses/409",
    {"description": "x", "content": {"application/json": {"examples": {"too_busy": {"value": {"message": "x"}}}}}},
)


def row(condition: Any, **does: Any) -> Mutation:
    return behave("/matches/1", {"when": condition, **does})


def outcome(own: Served, **values: Any) -> str:
    identity = own.submit(**values).json()["id"]
    own.advance(60)
    return str(own.show(identity)["status"])


@pytest.mark.parametrize(
    ("condition", "sent", "outcome_of"),
    [
        ({"request./prompt": "torn"}, {"prompt": "torn"}, "failed"),
        ({"request./prompt": ["torn", "wet"]}, {"prompt": "wet"}, "failed"),
        ({"request./prompt": "torn", "request./aspect": "16:9"}, {"prompt": "torn", "aspect": "16:9"}, "failed"),
        ({"request./prompt": "torn", "request./aspect": "16:9"}, {"prompt": "torn"}, "succeeded"),
        ({"request./aspect": None}, {"prompt": "x"}, "failed"),
        ({"request./aspect": None}, {"prompt": "x", "aspect": "1:1"}, "succeeded"),
        ([{"request./aspect": "1:1"}, {"request./prompt": "wet"}], {"prompt": "wet"}, "failed"),
    ],
)
def test_a_condition_plans_a_job(condition: Any, sent: Any, outcome_of: str, tmp_path: Path) -> None:
    with serving(tmp_path, row(condition, plan={"outcome": "failed"})) as own:
        assert outcome(own, **sent) == outcome_of


def test_of_several_rows_the_first_that_is_written_counts(tmp_path: Path) -> None:
    first = behave("/matches/0", {"when": {"request./aspect": "1:1"}, "plan": {"outcome": "succeeded"}})
    second = row({"request./prompt": "torn"}, plan={"outcome": "failed"})
    with serving(tmp_path, first, second) as own:
        assert outcome(own, prompt="torn", aspect="1:1") == "succeeded"
        assert outcome(own, prompt="torn") == "failed"


def test_in_json_one_is_not_true(tmp_path: Path) -> None:
    flag = show("/components/schemas/JobRequest/properties/flag", {})
    with serving(tmp_path, flag, row({"request./flag": 1}, plan={"outcome": "failed"})) as own:
        assert outcome(own, flag=True) == "succeeded"
        assert outcome(own, flag=1) == "failed"


def test_a_request_may_ask_for_a_refusal_and_no_job_is_made(tmp_path: Path) -> None:
    with serving(tmp_path, PROBLEM, row({"request./prompt": "poor"}, problem="too_poor")) as own:
        assert own.submit(prompt="poor").status_code == 402
        assert not own.sandbox.apis["own"].store.newest(1)
        assert own.submit(prompt="rich").status_code == 201


def test_a_job_may_be_refused_for_what_its_creating_request_said(tmp_path: Path) -> None:
    refusal = row({"request./aspect": "1:1", "state": "queued"}, problem="too_busy", operations=["getJob"])
    with serving(tmp_path, RUN, BUSY, refusal) as own:
        identity = own.submit(aspect="1:1").json()["id"]
        url = f"/v1/jobs/{identity}"
        assert [own.http.get(url, headers=KEY).status_code for _ in range(3)] == [409] * 3
        own.advance(3)
        assert [own.http.get(url, headers=KEY).status_code for _ in range(3)] == [200] * 3
        other = own.submit(aspect="16:9").json()["id"]
        assert own.http.get(f"/v1/jobs/{other}", headers=KEY).status_code == 200
        assert own.http.get("/v1/jobs/none", headers=KEY).status_code == 404


def test_a_condition_may_ask_for_a_fault(tmp_path: Path) -> None:
    with serving(
        tmp_path, row({"request./aspect": None, "request./prompt": "slip"}, fault={"fault": "status", "status": 503})
    ) as own:
        assert own.submit(prompt="slip").status_code == 503
        assert own.submit(prompt="slip", aspect="1:1").status_code == 201


PLAN = {"plan": {"outcome": "failed"}}


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (row({"request./nothing": 1}, **PLAN), "/nothing"),
        (row({"request./nothing": 1, "request./prompt": "x"}, **PLAN), "/nothing"),
        (row({"state": "queued"}, **PLAN), "has not created it yet"),
        (row({"statee": "queued"}, **PLAN), "statee"),
        (row({}, **PLAN), "matches"),
        (row({"request./prompt": "x"}), "matches"),
        (row({"request./prompt": "x"}, problem="nope"), "can refuse with nope"),
        (both(PROBLEM, row({"request./prompt": "x"}, problem="too_poor", **PLAN)), "matches"),
        (behave("/matches/1", {"when": {"request./prompt": "x"}, "at": "/prompt", "equals": "x", **PLAN}), "matches"),
        (behave("/matches/1", {"at": "/prompt", **PLAN}), "equals"),
        (row({"request./prompt": "x"}, operations=["getJob"], **PLAN), "creates nothing"),
        (row({"request./prompt": "x"}, operations=["getJbo"], problem="too_poor"), "getJob"),
    ],
)
def test_a_match_that_cannot_be_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"
