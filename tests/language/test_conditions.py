"""What a condition may test beside constants: that something is there, whatever it says, and bounds of a number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import Mutation, behave, both, show
from language_kit import SUBMIT, findings, serving

KEY = {"X-API-Key": "demo-key"}
SECONDS = show("/components/schemas/JobRequest/properties/seconds", {})
REFUSED = show(
    f"{SUBMIT}/responses/422",
    {"description": "x", "content": {"application/json": {"examples": {"too_long": {"value": {"message": "x"}}}}}},
)


def refusing(condition: Any, *more: Mutation) -> Mutation:
    row = behave("/matches/1", {"when": condition, "problem": "too_long"})
    return both(SECONDS, REFUSED, *more, row)


@pytest.mark.parametrize(
    ("test", "sent", "is_refused"),
    [
        ({"present": True}, {"seconds": False}, True),
        ({"present": True}, {"seconds": ""}, True),
        ({"present": True}, {"seconds": []}, True),
        ({"present": True}, {}, False),
        ({"present": False}, {}, True),
        ({"present": False}, {"seconds": 0}, False),
        ({"least": 8}, {"seconds": 8}, True),
        ({"least": 8}, {"seconds": 7.5}, False),
        ({"most": 0}, {"seconds": -1}, True),
        ({"most": 0}, {"seconds": 0.5}, False),
        ({"least": 1, "most": 2}, {"seconds": 1.5}, True),
        ({"least": 1, "most": 2}, {"seconds": 3}, False),
        ({"least": 1}, {"seconds": True}, False),
        ({"least": 1}, {"seconds": "9"}, False),
        ({"least": 1}, {"seconds": [9]}, False),
        ({"most": 1}, {}, False),
    ],
)
def test_a_request_is_refused_where_a_field_is_so(test: Any, sent: Any, is_refused: bool, tmp_path: Path) -> None:
    with serving(tmp_path, refusing({"request./seconds": test})) as own:
        assert own.submit(**sent).status_code == (422 if is_refused else 201)


def test_a_parameter_of_digits_is_a_number_within_bounds(tmp_path: Path) -> None:
    declared = show(f"{SUBMIT}/parameters", [{"name": "seconds", "in": "query", "schema": {"type": "string"}}])
    with serving(tmp_path, refusing({"request.query.seconds": {"least": 8}}, declared)) as own:
        for said, status in (("8", 422), ("8.5", 422), ("7", 201), ("-9", 201), ("eight", 201), ("1e9", 201)):
            answer = own.http.post(f"/v1/jobs?seconds={said}", json={"prompt": "x"}, headers=KEY)
            assert answer.status_code == status, said


def test_a_value_is_there_where_something_else_is(tmp_path: Path) -> None:
    told = behave(
        "/operations/getJob/bindings/~1prompt",
        {"join": ["lasts"], "when": {"request./seconds": {"present": True}}, "else": {"fact": "request./prompt"}},
    )
    with serving(tmp_path, SECONDS, told) as own:
        assert own.show(own.submit(seconds=0).json()["id"])["prompt"] == "lasts"
        assert own.show(own.submit().json()["id"])["prompt"] == "A lighthouse"


def test_a_field_of_a_job_within_bounds_chooses_the_answer(tmp_path: Path) -> None:
    half = behave(
        "/operations/getJob/bindings/~1prompt", {"when": {"progress": {"least": 50, "most": 99}}, "else": "x"}
    )
    slow = behave("/resources/job/run/running", {"fixed": 10})
    at_once = behave("/resources/job/run/queued", {"fixed": 0})
    with serving(tmp_path, slow, at_once, half) as own:
        identity = own.submit().json()["id"]
        own.advance(4)
        assert own.show(identity)["prompt"] == "x"
        own.advance(2)
        assert own.show(identity)["prompt"] != "x"


@pytest.mark.parametrize(
    ("condition", "word"),
    [
        ({"request./seconds": {"least": 9, "most": 1}}, "no request./seconds is at least 9 and at most 1"),
        ({"request./seconds": {"lest": 9}}, "'lest'"),
        ({"request./seconds": {"present": True, "least": 9}}, "seconds"),
        ({"request./seconds": {"present": "yes"}}, "boolean"),
        ({"request./seconds": {}}, "seconds"),
        ({"request./second": {"present": True}}, "/second"),
    ],
)
def test_a_condition_that_cannot_hold_is_named(condition: Any, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, refusing(condition))
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"


@pytest.mark.parametrize(
    "mutation",
    [
        behave("/operations/getJob/bindings/~1progress", {"fact": "progress", "when": {"state": {"least": 1}}}),
        behave("/webhooks/ended/when", {"id": {"most": 1}}),
    ],
)
def test_bounds_of_what_is_no_number_are_named(mutation: Mutation, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any("is no number, and least and most are" in each for each in found), "\n".join(found)
