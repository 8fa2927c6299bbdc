"""Ids of imported contracts: as the document's schemas want them, else like its example, else it is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from imported_kit import jobs, of, said, serving, thing

from mockserver.check import check
from mockserver.imported.patterns import from_example, from_expression, from_lengths

TEXT = {"type": "string"}
STATE = {"type": "string", "enum": ["queued", "done"]}
UUID = "3f0e6a54-8f0c-4d7e-9a51-1b1c2a9f4d10"


def ids(schema: Any, parameter: Any = None) -> dict[str, Any]:
    """A document of jobs with such ids, which are shown so and asked for by such a parameter."""
    return jobs(thing(id=schema, status=STATE), id_schema=parameter)


@pytest.mark.parametrize(("schema", "parameter", "wanted"), [
    (TEXT | {"pattern": "^[0-9a-f]{24}$"}, None, r"[0-9a-f]{24}"),
    (TEXT | {"pattern": "^job_[0-9]{12}$", "minLength": 16}, None, r"job_\d{12}"),
    (TEXT | {"pattern": "^(job|task)-[A-Z]{2}\\d{4,8}$"}, None, r"job-[A-Z]{2}\d{4,8}"),
    (TEXT | {"pattern": "^task-[a-z]+$", "example": "task-abc"}, None, r"task-[a-z]{6,}"),
    (TEXT | {"minLength": 36, "maxLength": 36}, None, r"[0-9a-f-]{36}"),
    (TEXT | {"maxLength": 8}, None, r"[0-9a-z]{8}"),
    (TEXT | {"format": "uuid"}, None, r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"),
    (TEXT | {"example": UUID}, None, r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"),
    (TEXT | {"example": "job_01H"}, None, r"job_[0-9A-Z]{6}"),
    (TEXT | {"example": "job_01H", "description": "Never `job-999999999`, always a `uuid4`"}, None, r"job_[0-9A-Z]{6}"),
    (TEXT | {"examples": ["clip-2024-9xk2"]}, None, r"clip-\d{4}-[0-9a-z]{4,}"),
    (TEXT, TEXT | {"pattern": "^[A-Z0-9]{10}$"}, r"[A-Z0-9]{10}"),
    (TEXT, TEXT | {"example": "vid_12345678"}, r"vid_\d{8,}"),
    (TEXT | {"minLength": 20}, TEXT | {"pattern": "^x[0-9]+$"}, r"x\d{19,}"),
])  # fmt: skip
def test_served_ids_are_as_the_document_says(schema: Any, parameter: Any, wanted: str, tmp_path: Path) -> None:
    made = of(tmp_path, ids(schema, parameter))
    assert made.left == []
    with serving(tmp_path, made) as (_, http):
        number = http.post("/jobs").json()["id"]
        assert re.fullmatch(wanted, number)
        assert http.get(f"/jobs/{number}").json()["id"] == number


def test_an_id_like_an_example_is_told(tmp_path: Path) -> None:
    made = of(tmp_path, ids(TEXT | {"example": "job_01H"}))
    assert ("job ids", "job_[0-9A-Z]{6}") in {(each.subject, each.meaning) for each in made.guesses}


@pytest.mark.parametrize("more", [{"enum": ["a", "b"]}, {"pattern": "^(a|b)$"}, {"maxLength": 3}])
def test_what_was_opened_is_told_where_no_ids_fit(more: Any, tmp_path: Path) -> None:
    made = of(tmp_path, ids(TEXT | more))
    (word,) = more
    told = next(each for each in made.guesses if each.subject == "job ids")
    assert (told.meaning, "no form of ids that is known here matches" in told.why) == ("opened", True)
    assert (more["pattern"] if word == "pattern" else word) in told.why
    with serving(tmp_path, made) as (_, http):
        assert set(http.post("/jobs").json()) == {"id", "status"}


@pytest.mark.parametrize(("schema", "parameter"), [
    ({"type": "integer"}, {"type": "integer"}), ({"type": "integer", "format": "int64"}, None),
    ({"type": "integer", "format": "int32"}, {"type": "integer", "format": "int32", "minimum": 1}),
    ({"type": "integer", "maximum": 2_000_000_000}, {"type": "integer"}),
])  # fmt: skip
def test_ids_that_are_numbers_are_shown_as_numbers(schema: Any, parameter: Any, tmp_path: Path) -> None:
    document = ids(schema, parameter)
    document["paths"]["/jobs"]["get"] = {"operationId": "all", "responses": {"200": {
        "description": "", "content": {"application/json": {"schema": thing(
            data={"type": "array", "items": thing(id=schema, status=STATE)})}}}}}  # fmt: skip
    made = of(tmp_path, document)
    assert made.left == []
    with serving(tmp_path, made) as (api, http):
        number = http.post("/jobs").json()["id"]
        assert type(number) is int
        assert number < 2**31 or "int32" not in str(schema)
        api.clock.run_until(str(number), "done")
        assert http.get(f"/jobs/{number}").json() == {"id": number, "status": "done"}
        assert http.get("/jobs").json()["data"] == [{"id": number, "status": "done"}]
    assert [str(each) for each in check(tmp_path / "renders")] == []


def test_an_id_that_is_a_number_in_one_place_and_a_text_in_another_is_both(tmp_path: Path) -> None:
    made = of(tmp_path, jobs(thing(id={"type": "integer"}, status=STATE), created=thing(id=TEXT, status=STATE)))
    with serving(tmp_path, made) as (_, http):
        number = http.post("/jobs").json()["id"]
        assert (type(number), http.get(f"/jobs/{number}").json()["id"]) == (str, int(number))


@pytest.mark.parametrize(("expression", "wanted"), [
    ("^[^/]+$", "[0-9A-Za-z]{12}"), ("[\\w-]{22}", "[0-9A-Za-z-]{22}"), ("^0x[0-9a-f]{6,}$", "0x[0-9a-f]{12}"),
    ("^(?:a|b)?[0-9]{9}$", "a?"), ("^(?=a)b$", ""), ("^(", ""), ("^[", ""), ("a{1", ""), ("^\\bx$", ""), ("^a/b$", ""),
    ("^\\d+$", "[1-9][0-9]{11}"), ("^.{30}$", "[0-9a-z]{30}"), ("^x{9999}$", ""),
    ("^(ab){6}[0-9]{9}$", "abababababab[0-9]{9}"),
    ("^\\u0041[0-9]{9}$", ""), ("^(?<year>\\d{4})-\\d{6}$", "[0-9]{4}-[0-9]{6}"), ("*", ""), ("^[]a]{9}$", ""),
])  # fmt: skip
def test_an_expression_is_read_as_far_as_it_can_be(expression: str, wanted: str) -> None:
    found = from_expression(expression)
    assert found == wanted if "?" not in wanted else found in ("[0-9]{9}", "a[0-9]{9}", "[1-9][0-9]{8}")


@pytest.mark.parametrize(("shown", "wanted"), [
    ("abc123def456", "[0-9a-f]{12}"), ("17", "[1-9][0-9]{8}"), ("job_01ARZ3NDEKTSV4RRFFQ69G5FAV", "job_[0-9A-Z]{26}"),
    ("video-2024-0001", "video-[0-9]{4}-[0-9]{4}"), ("a/b", ""), ("", ""), ("ä1", ""), ("x" * 200, ""), ("...", ""),
])  # fmt: skip
def test_an_example_is_followed_in_its_words_and_separators(shown: str, wanted: str) -> None:
    assert from_example(shown) == wanted


def test_lengths_alone_give_ids_where_they_are_many() -> None:
    assert (from_lengths(0, 8), from_lengths(40, 99), from_lengths(0, 5)) == ("[0-9a-z]{8}", "[0-9a-z]{40}", "")


def whole(**bounds: Any) -> dict[str, Any]:
    return {"type": "integer", **bounds}


@pytest.mark.parametrize(("bounds", "low", "high"), [
    ({"format": "int32"}, 0, 2**31 - 1), ({"minimum": 1, "maximum": 999_999_999}, 1, 999_999_999),
    ({"maximum": 500_000_000}, 0, 500_000_000),
    ({"minimum": 1_900_000_000, "format": "int32"}, 1_900_000_000, 2**31 - 1),
    ({"exclusiveMinimum": 99_999_999_999, "maximum": 10**12}, 10**11, 10**12), ({"format": "int64"}, 0, 10**15),
    ({"exclusiveMaximum": 2**31}, 0, 2**31 - 1), ({"maximum": 999_999_999.5}, 0, 999_999_999),
])  # fmt: skip
def test_ids_that_are_numbers_stay_within_their_bounds(
    bounds: dict[str, Any], low: int, high: int, tmp_path: Path
) -> None:
    made = of(tmp_path, jobs(thing(id=whole(**bounds), status=STATE), id_schema=whole(**bounds)))
    assert not made.left
    with serving(tmp_path, made) as (_, http):
        several = [http.post("/jobs").json()["id"] for _ in range(20)]
        assert all(isinstance(each, int) and low <= each <= high for each in several)
        assert http.get(f"/jobs/{several[0]}").json()["id"] == several[0]


@pytest.mark.parametrize("bounds", [{"maximum": 99_999}, {"minimum": 1, "exclusiveMaximum": 10}, {"multipleOf": 1000}])
def test_numbers_of_which_there_are_too_few_stay_numbers_and_their_bounds_go_and_are_told(
    bounds: dict[str, Any], tmp_path: Path
) -> None:
    document = jobs({"$ref": "#/components/schemas/Job"}, id_schema=whole(**bounds))
    job = thing(id={"anyOf": [whole(**bounds), {"type": "null"}]}, status=STATE)
    made = of(tmp_path, document | {"components": {"schemas": {"Job": job}}})
    (row,) = (each for each in made.guesses if each.subject == "job ids")
    assert (row.meaning, [*bounds][-1] in row.why, made.left) == ("opened", True, [])
    with serving(tmp_path, made) as (_, http):
        number = http.post("/jobs").json()["id"]
        assert isinstance(number, int)
        assert http.get(f"/jobs/{number}").json() == {"id": number, "status": "queued"}


@pytest.mark.parametrize("bounds", [{"maximum": 99_999}, {"enum": [1, 2, 3]}])
def test_bounds_that_no_ids_fit_go_wherever_an_id_is_called_so(bounds: dict[str, Any], tmp_path: Path) -> None:
    job = thing(["id", "status"], id=whole(**bounds), status=STATE, width=whole(maximum=99_999))
    document = jobs(
        job, id_schema=whole(**bounds), **{"/cancel": {"post": {"operationId": "stop", "responses": said(job)}}}
    )
    document["paths"]["/jobs"]["get"] = {
        "operationId": "every", "responses": said(thing(data={"type": "array", "items": job}))}  # fmt: skip
    made = of(tmp_path, document)
    assert made.left == []
    assert '"maximum": 99999' in json.dumps(made.openapi)
    with serving(tmp_path, made) as (_, http):
        number = http.post("/jobs").json()["id"]
        assert [each["id"] for each in http.get("/jobs").json()["data"]] == [number]
        assert http.post(f"/jobs/{number}/cancel").json()["id"] == number
