"""Recordings of which no sound contract can be made as they are: what is wrong is left out and told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from archive_kit import archive, call, job
from check_kit import behave, good, show, without, write
from cli_kit import call as run

from mockserver.check import check
from mockserver.observed import contract_of

ID = "job_1a2b3c4d5e6f"
BODY = {"prompt": "a cat"}
MADE = call(0, "POST", "/v1/jobs", 201, job("waiting"), body=BODY)
SEEN = (MADE, call(2, "GET", f"/v1/jobs/{ID}", 200, job("waiting")), call(9, "GET", f"/v1/jobs/{ID}", 200, job("done")))

ODD: dict[str, Any] = {
    "a refusal of a request that can only be right": [*SEEN, call(11, "GET", f"/v1/jobs/{ID}", 422, {"error": "no"})],
    "a webhook like what is answered without JSON": [
        call(0, "POST", "/v1/jobs", 201, job("waiting"), body={**BODY, "callback": "https://hooks.example/x"}),
        SEEN[1], call(5, "DELETE", f"/v1/jobs/{ID}", 204), SEEN[2],
        call(10, "POST", f"/v1/jobs/{ID}/cancel", 200, job("cancelled")),
        call(11, "GET", f"/v1/jobs/{ID}", 200, "gone", media="text/plain"),
    ],
    "an id that is a URL once": [
        *SEEN, call(20, "POST", "/v1/jobs", 201, {"id": "https://x.example/y", "status": "waiting"}, body=BODY),
        call(21, "GET", "/v1/jobs/https%3A%2F%2Fx.example%2Fy", 200, {"id": "https://x.example/y", "status": "done"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_recording_becomes_a_contract_that_is_sound(odd: str, tmp_path: Path) -> None:
    (tmp_path / "s.har").write_text(json.dumps(archive(*ODD[odd])))
    done = run("new", "acme", "--into", tmp_path, "--from", tmp_path / "s.har")
    assert (done.exit_code, "Not sound" in done.output) == (0, False), done.output
    assert [str(finding) for finding in check(tmp_path / "acme")] == []


def test_what_a_contract_cannot_have_is_told_with_the_reason(tmp_path: Path) -> None:
    rows = [{"id": ID, "status": "done", "ended_at": 1_000_000_009}]
    entries = [
        MADE, call(2, "GET", f"/v1/jobs/{ID}", 200, job("waiting", ended_at=None)),
        call(9, "GET", f"/v1/jobs/{ID}", 200, job("done", ended_at=1_000_000_009)),
        call(10, "GET", "/v1/jobs", 200, {"jobs": [{**rows[0], "n": 1}]}),
    ]  # fmt: skip
    (tmp_path / "s.har").write_text(json.dumps(archive(*entries)))
    done = run("new", "acme", "--into", tmp_path, "--from", tmp_path / "s.har")
    assert [str(finding) for finding in check(tmp_path / "acme")] == [], done.output
    assert "Not sound" not in done.output


def test_check_names_a_webhook_that_is_like_an_answer_without_json(tmp_path: Path) -> None:
    documents = good()
    shown = "/paths/~1v1~1jobs~1{jobId}/get/responses/200/content"
    content = documents["openapi.json"]["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]["200"]["content"]
    del content["application/json"]["examples"]["failed"]
    content["application/json"]["examples"].pop("failed.loud-off")
    for mutation in (
        show(f"{shown}/text~1plain", {"examples": {"failed": {"value": "It failed"}}}),
        behave("/quirks", {}),
        without("behavior.json", "/operations/getJob/bindings/~1error"),
    ):
        mutation(documents)
    found = [str(finding) for finding in check(write(tmp_path / "own", documents))]
    assert any("answers the state 'failed' without JSON, so the webhook would have no body" in each for each in found)


def rendered(status: str, number: str = ID, output: Any = None, error: Any = None) -> dict[str, Any]:
    return job(status, number, output=output, error=error)


RENDERED = [
    call(0, "POST", "/v1/jobs", 201, rendered("waiting"), body=BODY),
    call(2, "GET", f"/v1/jobs/{ID}", 200, rendered("waiting")),
    call(9, "GET", f"/v1/jobs/{ID}", 200, rendered("done", output=["https://files.example/out.png"])),
    call(20, "POST", "/v1/jobs", 201, rendered("waiting", "job_6f5e4d3c2b1a"), body=BODY),
]


def shown_cancelled(cancelled: Any) -> Any:
    move = call(21, "POST", "/v1/jobs/job_6f5e4d3c2b1a/cancel", 200, cancelled)
    made = contract_of(archive(*RENDERED, move), "Acme")
    responses = made.openapi["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]
    return responses["200"]["content"]["application/json"]["examples"]["cancelled"]["value"]


def test_a_state_that_only_a_move_showed_looks_as_the_move_showed_it() -> None:
    """And not like the success of another job under its word."""
    cancelled = rendered("cancelled", "job_6f5e4d3c2b1a", error="stopped by hand")
    assert shown_cancelled(cancelled) == cancelled


def test_what_has_no_results_has_no_list_of_nothings() -> None:
    assert shown_cancelled({"status": "cancelled"})["output"] is None
