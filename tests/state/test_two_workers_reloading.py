"""Two servers over one state: each takes up an edited contract, and finds what the other has left of the jobs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import control_kit
import pytest
from check_kit import Mutation, behave, both, show, write
from control_kit import told
from language_kit import NAME, documents
from workers_kit import Workers

from mockserver.app.reloading import take_up
from mockserver.loader import load_folder

WORLDS = "/_mock/sandboxes"
LONG = behave("/resources/job/run", {"queued": {"fixed": 3}, "running": {"fixed": 10}})
LONGER = behave("/resources/job/run", {"queued": {"fixed": 100}, "running": {"fixed": 100}})
HEADER = show("/paths/~1v1~1jobs/post/responses/201/headers", {"X-New": {"schema": {}, "example": "yes"}})


def contract(folder: Path, *mutations: Mutation) -> Any:
    made, found = load_folder(write(folder / NAME, documents(LONG, *mutations)))
    assert made is not None, found
    return made


def test_jobs_go_on_at_both_when_a_contract_is_edited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before = contract(tmp_path)
    edited = replace(contract(tmp_path, both(LONGER, HEADER)), edition="second")
    monkeypatch.setattr(control_kit, "contracts", lambda: [before])
    workers: Workers = request.getfixturevalue("workers")
    one, other = workers.one, workers.other
    made = told(one.ask("POST", WORLDS, json={"clock": {"mode": "manual"}}), 201)
    control, access = f"{WORLDS}/{made['name']}", made["apis"][NAME]
    key, jobs = {"X-API-Key": access["api_key"]}, f"{access['url']}/v1/jobs"

    def submit(worker: Any) -> Any:
        return worker.ask("POST", jobs, json={"prompt": "x"}, headers=key)

    ids = [told(submit(worker), 201)["id"] for worker in (one, other)]
    for worker in (one, other):
        assert worker.run(take_up(worker.server, edited)) == []
        assert submit(worker).headers["x-new"] == "yes"
    assert one.get(f"{control}/jobs") == other.get(f"{control}/jobs")
    assert len(one.get(f"{control}/jobs")) == 4
    told(one.ask("POST", f"{control}/clock/advance", json={"seconds": 50}), 200)
    for worker in (one, other):
        states = [told(worker.ask("GET", f"{jobs}/{each}", headers=key), 200)["status"] for each in ids]
        assert states == ["succeeded"] * 2, "as they were planned"
        assert [each["state"] for each in worker.get(f"{control}/jobs")[:2]] == ["queued"] * 2, "as is planned now"
