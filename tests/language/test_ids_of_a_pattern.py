"""Ids by a pattern and ids that are numbers in a contract of one's own: served, and what `check` says of others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from check_kit import OPENAPI, Documents, Mutation, behave, both
from language_kit import findings, serving

from mockserver import pointers

ID = "/resources/job/id"
KEY = {"x-api-key": "demo-key"}


def numbers(documents: Documents) -> None:
    """Every job of an example has a number for its id, and a request may name another job by one."""
    openapi = documents[OPENAPI]
    for at, value in [*pointers.walk(openapi)]:
        if isinstance(value, dict) and {"id", "status", "prompt"} <= value.keys() and "/examples/" in at:
            value["id"] = 17
    openapi["components"]["schemas"]["Job"]["properties"]["id"] = {"type": "integer"}
    openapi["components"]["schemas"]["JobRequest"]["properties"]["continues"] = {"type": ["integer", "string"]}
    create = openapi["paths"]["/v1/jobs"]["post"]
    problems = {name: {"value": {"code": "x", "message": "x"}} for name in ("job_missing", "job_busy")}
    create["responses"]["422"] = {"description": "x", "content": {"application/json": {"examples": problems}}}


REFERENCES = behave("/operations/submitJob/references", {"/continues": {"resource": "job"}})
MISSING = both(*(behave(f"/resources/job/{word}", value) for word, value in (
    ("ready", ["succeeded"]), ("missing", "job_missing"), ("not_ready", "job_busy"))))  # fmt: skip


def of(form: Any) -> Mutation:
    return behave(ID, form)


def test_an_id_matches_its_pattern_and_names_its_job(tmp_path: Path) -> None:
    with serving(tmp_path, of({"pattern": "clip-[A-Z]{2}[.~][0-9a-f]{12}"})) as own:
        job = own.submit().json()["id"]
        assert re.fullmatch(r"clip-[A-Z]{2}[.~][0-9a-f]{12}", job)
        assert own.show(job)["id"] == job


@pytest.mark.parametrize("form", ["number", {"pattern": "[1-9][0-9]{8}"}, {"form": "number", "length": 15}])
def test_an_id_is_a_number_where_the_example_shows_one(form: Any, tmp_path: Path) -> None:
    with serving(tmp_path, of(form), numbers, REFERENCES, MISSING) as own:
        job = own.submit().json()["id"]
        assert type(job) is int
        assert own.show(job)["id"] == job
        assert [each["id"] for each in own.http.get("/v1/jobs", headers=KEY).json()["items"]] == [job]
        assert own.submit(continues=job).json()["code"] == "x"  # it has not succeeded
        own.advance(60)
        assert own.submit(continues=job).status_code == 201
        assert own.submit(continues=str(job)).status_code == 201
        assert own.submit(continues=job + 1).status_code == 422


@pytest.mark.parametrize("form", ["cuid", {"prefix": "1", "form": "number"}, {"pattern": "[0-9]{9}"},
                                  {"form": "number", "length": 20}, {"pattern": "[1-9][0-9]{15}"}])  # fmt: skip
def test_what_no_number_is_written_of_is_told_where_an_example_shows_one(form: Any, tmp_path: Path) -> None:
    found = findings(tmp_path, of(form), numbers, REFERENCES, MISSING)
    assert any("shows 17, and the fact id is a text" in each for each in found)


@pytest.mark.parametrize(("pattern", "told"), [
    ("[0-9]{6}", "gives only 1000000 different ids, and at least 100000000 are wanted"), ("abc", "only 1 different"),
    ("[z-a]{9}", "'z-a' is no range of characters"), ("[a-z]{99}[a-z]{99}", "longer than 128 characters"),
])  # fmt: skip
def test_a_pattern_of_too_few_ids_or_of_none_is_told_at_its_place(pattern: str, told: str, tmp_path: Path) -> None:
    (found,) = findings(tmp_path, of({"pattern": pattern}))
    assert told in found
    assert re.match(r"own/behavior\.json.*#/resources/job/id/pattern", found)


@pytest.mark.parametrize("pattern", ["a b{9}", "(ab)+", "a|b", "", "{3}", "[a", "a.b"])
def test_another_expression_is_no_pattern(pattern: str, tmp_path: Path) -> None:
    assert any("#/resources/job/id" in each for each in findings(tmp_path, of({"pattern": pattern})))


def test_a_pattern_stands_alone(tmp_path: Path) -> None:
    assert findings(tmp_path, of({"pattern": "[a-z]{9}", "prefix": "a"}))


def test_keys_and_secrets_may_be_of_a_pattern(tmp_path: Path) -> None:
    with serving(tmp_path, behave("/account/key", {"pattern": "sk-[0-9A-Za-z]{40}"})) as own:
        made = own.http.post(f"{own.root}/_mock/sandboxes", json={}).json()
        assert re.search(r"sk-[0-9A-Za-z]{40}", str(made))
