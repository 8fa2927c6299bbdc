"""The control API: what came of a job, with its bytes, without a download."""

from __future__ import annotations

import base64

import pytest
from control_kit import Steered, job, refused, told

from mockserver.control import job_results


def results(control: Steered, sandbox: str, made: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = told(control.ask("GET", f"{sandbox}/jobs/{made}/results"), 200)
    return found


def finished(control: Steered, sandbox: str) -> str:
    made = job(control, sandbox)
    told(control.ask("POST", f"{sandbox}/jobs/{made}/move", json={"to": "finish"}), 200)
    return made


def test_a_job_that_goes_on_or_has_failed_has_no_results(control: Steered, sandbox: str) -> None:
    made = job(control, sandbox)
    assert results(control, sandbox, made) == []
    told(control.ask("POST", f"{sandbox}/jobs/{made}/move", json={"to": "fail"}), 200)
    assert results(control, sandbox, made) == []


def test_results_have_the_bytes_of_the_download(control: Steered, sandbox: str) -> None:
    made = finished(control, sandbox)
    access = control.get(sandbox)["apis"]["vidgen"]
    shown = control.ask("GET", f"{access['url']}/api/status/{made}", headers={"x-api-key": access["api_key"]})
    film = control.ask("GET", shown.json()["outputVideo"]).content
    (video,) = (each for each in results(control, sandbox, made) if each["content_type"] == "video/mp4")
    assert (base64.b64decode(video["content"]), video["size"]) == (film, len(film))


def test_no_fault_meets_them_and_the_journal_does_not_tell_of_them(control: Steered, sandbox: str) -> None:
    made = finished(control, sandbox)
    before = control.get(f"{sandbox}/journal")
    told(control.ask("POST", f"{sandbox}/faults", json={"api": "vidgen", "fault": "status", "operation": "media"}), 201)
    assert results(control, sandbox, made)
    assert control.get(f"{sandbox}/journal") == before
    assert control.get(f"{sandbox}/faults")[0]["seen"] == 0


def test_a_large_result_is_told_without_its_bytes(
    control: Steered, sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_results, "LARGEST", 1000)
    video = next(each for each in results(control, sandbox, finished(control, sandbox)) if "video" in each["file"])
    assert video["content"] is None
    assert int(video["size"]) > 1000


def test_a_job_that_is_not_there_is_not_found(control: Steered, sandbox: str) -> None:
    refused(control.ask("GET", f"{sandbox}/jobs/nobody/results"), 404)
