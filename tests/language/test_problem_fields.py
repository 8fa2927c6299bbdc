"""A refusal whose keys are the names of the fields that are wrong: `problem.fields`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import Mutation, behave, both, show
from language_kit import SUBMIT, findings, serving

KEY = {"X-API-Key": "demo-key"}
AT = "/components/responses/BadRequest/content/application~1json"


def by_field(shown: Any) -> Mutation:
    """What is wrong stands by field in the answer, as it is shown here."""
    value = {"code": "bad_request", "message": "x", "errors": shown}
    return both(
        show(f"{AT}/schema", {"type": "object"}),
        show(f"{AT}/examples", {"bad_request": {"value": value}}),
        behave("/problems/bad_request", {"/message": "problem.why", "/errors": "problem.fields"}),
    )


@pytest.mark.parametrize(("shown", "is_list"), [({"prompt": ["x"]}, True), ({"prompt": "x"}, False)])
def test_what_is_wrong_stands_by_the_name_of_the_field(shown: Any, is_list: bool, tmp_path: Path) -> None:
    with serving(tmp_path, by_field(shown)) as own:
        for sent, name in (({"prompt": 3}, "prompt"), ({}, "prompt"), ({"prompt": "x", "aspect": "7:1"}, "aspect")):
            answer = own.http.post("/v1/jobs", json=sent, headers=KEY)
            why = answer.json()["message"]
            assert (answer.status_code, answer.json()["errors"]) == (400, {name: [why] if is_list else why})
        told = own.http.get("/v1/jobs", params={"limit": "many"}, headers=KEY)
        assert [*told.json()["errors"]] == ["limit"]


def test_where_no_field_is_wrong_it_is_absent(tmp_path: Path) -> None:
    with serving(tmp_path, by_field({"prompt": ["x"]})) as own:
        answer = own.http.post("/v1/jobs", content=b"{", headers={**KEY, "Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["errors"]) == (400, None)


@pytest.mark.parametrize("shown", ["x", 3, {}, {"prompt": 3}, {"prompt": []}, ["x"], {"prompt": {"x": "y"}}])
def test_it_is_shown_as_an_object_of_texts(shown: Any, tmp_path: Path) -> None:
    found = findings(tmp_path, by_field(shown))
    assert any("the fact problem.fields is an object by field" in each for each in found), found


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (behave("/problems/bad_request", {"/message": "problem.field"}), ""),
        (behave("/problems/bad_request", {"/message": "problem.feilds"}), "Did you mean 'problem.field"),
        (both(show(f"{SUBMIT}/x-none", 1), behave("/operations/getJob/bindings/~1prompt", "problem.fields")),
         "refusals"),
    ],
)  # fmt: skip
def test_it_is_of_refusals_alone(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found) if word else not found, found
