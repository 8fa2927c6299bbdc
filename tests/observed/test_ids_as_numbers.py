"""Recordings of APIs whose ids are numbers: the contract has numbers, however short they are, and is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from archive_kit import archive, call
from observed_kit import contract_in

from mockserver import mock
from mockserver.check import check
from mockserver.observed import contract_of

LONG = 1_840_000_000_000_000_001


def entries(number: Any, path: str = "/v1/jobs") -> list[Any]:
    """One job from its creation to its end, and the list that has it; its progress ends with the number of its id."""
    rows = [{"id": number, "status": "done"}]
    return [
        call(0, "POST", path, 202, {"id": number, "status": "queued"}, body={"prompt": "x"}),
        call(1, "GET", f"{path}/{number}", 200, {"id": number, "status": "queued", "steps": 1}),
        call(5, "GET", f"{path}/{number}", 200, {"id": number, "status": "running", "steps": 2}),
        call(15, "GET", f"{path}/{number}", 200, {"id": number, "status": "done", "steps": number}),
        call(16, "GET", path, 200, {"jobs": rows}),
    ]


def shown(number: Any) -> Any:
    """What the contract of such a recording shows of a job, and its notes."""
    made = contract_of(archive(*entries(number)), "Acme")
    path = made.openapi["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]["200"]["content"]["application/json"]
    return path, made


@pytest.mark.parametrize("number", [7, 17, 170, 12345, 123456789, 999_999_999_999_999, "7", "170"])
def test_a_client_is_answered_with_ids_of_the_kind_that_was_seen(number: Any, tmp_path: Path) -> None:
    folder = contract_in(tmp_path, archive(*entries(number)))
    assert [str(each) for each in check(folder)] == []
    with mock(folder.name, contracts=str(folder)) as acme, httpx.Client(base_url=acme.url, trust_env=False) as http:
        keys = {"authorization": f"Bearer {acme.api_key}"}
        job = http.post("/v1/jobs", json={"prompt": "x"}, headers=keys).json()["id"]
        assert type(job) is type(number)
        assert http.get(f"/v1/jobs/{job}", headers=keys).json()["id"] == job
        acme.clock.advance(60)
        assert http.get(f"/v1/jobs/{job}", headers=keys).json()["status"] == "done"
        assert http.get("/v1/jobs", headers=keys).json()["jobs"] == [{"id": job, "status": "done"}]


def test_numbers_stay_numbers_and_nothing_is_told_of_them() -> None:
    path, made = shown(12345)
    assert {name: each["type"] for name, each in path["schema"]["properties"].items()} == {
        "id": "integer", "status": "string", "steps": "integer",
    }  # fmt: skip
    assert path["examples"]["done"]["value"] == {"id": 12345, "status": "done", "steps": 12345}
    assert [each for each in made.notes if each[1].startswith("a text")] == []


def test_a_number_that_is_longer_than_json_can_show_is_a_text_and_it_is_told(tmp_path: Path) -> None:
    path, made = shown(LONG)
    assert {name: each["type"] for name, each in path["schema"]["properties"].items()} == {
        "id": "string", "status": "string", "steps": "integer",
    }  # fmt: skip
    told = [subject for subject, meaning, _ in made.notes if meaning.startswith("a text")]
    assert told == ["createJobs /id", "getJob /id", "listJobs /jobs/*/id"]
    assert [str(each) for each in check(contract_in(tmp_path, archive(*entries(LONG))))] == []


def test_a_short_number_is_an_id_only_below_where_it_came_from() -> None:
    rows = [
        call(0, "POST", "/v1/jobs", 202, {"id": 2, "status": "queued"}, body={"prompt": "x"}),
        call(1, "GET", "/v1/jobs/2", 200, {"id": 2, "status": "done"}),
        call(2, "GET", "/v1/reports/2", 200, {"pages": 3}),
        call(3, "GET", "/2/health", 200, {"ok": True}),
    ]
    made = contract_of(archive(*rows), "Acme")
    assert set(made.openapi["paths"]) == {"/v1/jobs", "/v1/jobs/{jobId}", "/v1/reports/2", "/2/health"}
