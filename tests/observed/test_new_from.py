"""`mockserver new NAME --from FILE`: a folder and what to look at, or a sentence and no folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from archive_kit import archive, call, job
from cli_kit import call as run

RUN = (
    call(0, "POST", "/v1/jobs", 201, job("queued"), body={"prompt": "a cat"}),
    call(9, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job("done")),
)


def test_a_recording_becomes_a_folder_that_is_sound(tmp_path: Path) -> None:
    (tmp_path / "session.har").write_text(json.dumps(archive(*RUN)))
    done = run("new", "acme", "--into", tmp_path, "--from", tmp_path / "session.har")
    assert done.exit_code == 0, done.output
    assert (
        "job: created by createJobs: queued (queued) → done (success). Look at the states and their seconds"
        in done.output
    )
    assert run("check", tmp_path / "acme").output == "1 contract is sound\n"
    document = json.loads((tmp_path / "acme" / "openapi.json").read_text())
    assert document["paths"]["/v1/jobs"]["post"]["x-evidence"] == "observed"
    made_up = document["x-responses"]["404"]["content"]["application/json"]["examples"]["not_found"]
    assert made_up["x-evidence"] == "assumed"


@pytest.mark.parametrize(
    "text", ["{", "[" * 100_000, '{"log": {}}', '{"log": {"entries": []}}', '{"log": {"entries": [7]}}']
)
def test_what_is_no_recording_is_refused_in_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "odd.har").write_text(text)
    done = run("new", "acme", "--into", tmp_path, "--from", tmp_path / "odd.har")
    assert (done.exit_code, (tmp_path / "acme").exists()) == (2, False)
    assert "Traceback" not in done.output


def test_a_host_may_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "s.har").write_text(json.dumps(archive(*RUN, *RUN, call(20, "GET", "/a", 200, {}, host="b.example"))))
    done = run("new", "b", "--into", tmp_path, "--from", tmp_path / "s.har", "--host", "b.example")
    assert done.exit_code == 0, done.output
    assert [*json.loads((tmp_path / "b" / "openapi.json").read_text())["paths"]] == ["/a"]
