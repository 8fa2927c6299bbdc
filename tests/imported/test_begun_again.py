"""Actions that begin a job again, or hold it where no state says so: imported, served and asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from imported_kit import of
from test_odd_lives import ID, TEXT, answer, document, served

STATE = {"type": "string", "enum": ["pending", "running", "succeeded", "failed", "canceled"]}
JOB = {"box_id": TEXT, "status": STATE}


def paths(*words: str) -> dict[str, Any]:
    """An API of jobs with these actions on them."""
    return {
        "/boxes": {"post": {"responses": answer("201", **JOB)}},
        "/boxes/{box_id}": {"parameters": [ID], "get": {"responses": answer(**JOB)}},
        **{f"/boxes/{{box_id}}/{word}": {"parameters": [ID], "post": {"operationId": word, "responses": answer(**JOB)}}
           for word in words},
    }  # fmt: skip


@pytest.mark.parametrize("word", ["retry", "requeue", "restart"])
def test_what_failed_or_was_cancelled_is_begun_again_from_its_first_state(word: str, tmp_path: Path) -> None:
    assert of(tmp_path, document(**paths(word, "cancel"))).behavior["operations"][word]["to"] == {
        "failed": "pending", "canceled": "pending",
    }  # fmt: skip
    with served(tmp_path, paths(word, "cancel")) as odd, httpx.Client(base_url=odd.url, trust_env=False) as http:
        odd.next_job(outcome="failed")
        job = http.post("/boxes").json()["box_id"]
        odd.clock.run_until(job, "failed")
        assert http.post(f"/boxes/{job}/{word}").json()["status"] == "pending"
        odd.clock.advance(1000)
        assert http.get(f"/boxes/{job}").json()["status"] in ("succeeded", "failed")


def test_what_is_held_without_a_state_for_it_goes_on_and_what_has_ended_is_left_alone(tmp_path: Path) -> None:
    made = of(tmp_path, document(**paths("pause")))
    assert made.behavior["operations"]["pause"]["to"] == {"running": "running"}
    with served(tmp_path, paths("pause")) as odd, httpx.Client(base_url=odd.url, trust_env=False) as http:
        job = http.post("/boxes").json()["box_id"]
        odd.clock.run_until(job, "running")
        assert http.post(f"/boxes/{job}/pause").json()["status"] == "running"
        odd.clock.advance(1000)
        assert http.get(f"/boxes/{job}").json()["status"] == "succeeded"


def test_a_409_without_content_refuses_to_cancel_what_has_ended_as_all_refusals_look(tmp_path: Path) -> None:
    said = paths("cancel")
    said["/boxes/{box_id}/cancel"]["post"]["responses"]["409"] = {"description": "too late"}
    with served(tmp_path, said) as odd, httpx.Client(base_url=odd.url, trust_env=False) as http:
        job = http.post("/boxes").json()["box_id"]
        odd.clock.run_until(job, "succeeded")
        refused = http.post(f"/boxes/{job}/cancel")
        assert (refused.status_code, refused.json()) == (409, {"error": "It has ended"})
        assert http.get(f"/boxes/{job}").json()["status"] == "succeeded"
        assert http.post(f"/boxes/{http.post('/boxes').json()['box_id']}/cancel").json()["status"] == "canceled"
