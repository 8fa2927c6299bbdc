"""Recordings of APIs whose ids are numbers: the contract shows texts, says so, and is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from archive_kit import archive, call
from observed_kit import contract_in

from mockserver.check import check
from mockserver.observed import contract_of


def entries(number: int) -> list[Any]:
    """One job from its creation to its end, and the list that has it; its progress ends with the number of its id."""
    rows = [{"id": number, "status": "done"}]
    return [
        call(0, "POST", "/v1/jobs", 202, {"id": number, "status": "queued"}, body={"prompt": "x"}),
        call(1, "GET", f"/v1/jobs/{number}", 200, {"id": number, "status": "queued", "steps": 1}),
        call(5, "GET", f"/v1/jobs/{number}", 200, {"id": number, "status": "running", "steps": 2}),
        call(15, "GET", f"/v1/jobs/{number}", 200, {"id": number, "status": "done", "steps": number}),
        call(16, "GET", "/v1/jobs", 200, {"jobs": rows}),
    ]


@pytest.mark.parametrize("number", [12345, 170])
def test_an_id_that_is_a_number_is_a_text_of_the_contract(number: int, tmp_path: Path) -> None:
    folder = contract_in(tmp_path, archive(*entries(number)))
    assert [str(each) for each in check(folder)] == []


def test_what_became_a_text_is_told_and_nothing_else_does() -> None:
    made = contract_of(archive(*entries(12345)), "Acme")
    shown = made.openapi["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]["200"]["content"]["application/json"]
    assert {name: each["type"] for name, each in shown["schema"]["properties"].items()} == {
        "id": "string", "status": "string", "steps": "integer",
    }  # fmt: skip
    assert shown["examples"]["done"]["value"] == {"id": "12345", "status": "done", "steps": 12345}
    told = [subject for subject, meaning, _ in made.notes if meaning.startswith("a text")]
    assert told == ["createJobs /id", "getJob /id", "listJobs /jobs/*/id"]
