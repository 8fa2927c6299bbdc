"""Two servers over one state: what one of them knows of sizes, and what goes into snapshots, is what the other does."""

from __future__ import annotations

import json
from typing import Any

import control_kit
import pytest
from control_kit import told
from workers_kit import Workers

from mockserver.loader import in_gallery, load_folder

WORLDS = "/_mock/sandboxes"
MANUAL = {"clock": {"mode": "manual"}}
PROMPT = {"prompt": "A red kite", "name": "kite", "aspectRatio": "16:9"}


def test_how_large_a_file_is_that_a_job_brought_forth_is_known_wherever_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    contract, found = load_folder(in_gallery("openai"))
    assert contract is not None, found
    monkeypatch.setattr(control_kit, "contracts", lambda: [contract])
    workers: Workers = request.getfixturevalue("workers")
    one, other = workers.one, workers.other
    made = told(one.ask("POST", WORLDS, json=MANUAL), 201)
    access = made["apis"]["openai"]
    url, key = f"{access['url']}/v1", {"Authorization": f"Bearer {access['api_key']}"}
    line = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": []}}
    sent = {"file": ("requests.jsonl", json.dumps(line).encode(), "application/jsonl")}
    file = told(other.ask("POST", f"{url}/files", files=sent, data={"purpose": "batch"}, headers=key), 200)
    wanted = {"input_file_id": file["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    batch = told(other.ask("POST", f"{url}/batches", json=wanted, headers=key), 200)
    told(one.ask("POST", f"{WORLDS}/{made['name']}/clock/advance", json={"seconds": 86_000}), 200)
    output = told(one.ask("GET", f"{url}/batches/{batch['id']}", headers=key), 200)["output_file_id"]
    size = len(other.ask("GET", f"{url}/files/{output}/content", headers=key).content)
    listed = told(one.ask("GET", f"{url}/files", headers=key), 200)["data"]  # which has not been asked for it itself
    assert {each["id"]: each["bytes"] for each in listed}[output] == size > 0
    for worker in (one, other):
        assert told(worker.ask("GET", f"{url}/files/{output}", headers=key), 200)["bytes"] == size
        listed = told(worker.ask("GET", f"{url}/files", headers=key), 200)["data"]
        assert [each["bytes"] for each in listed if each["id"] == output] == [size]


def taken(workers: Workers, name: str) -> Any:
    """The snapshot that both take alike, but for what its head says of the moment."""
    found = [each.get(f"{WORLDS}/{name}/snapshot") for each in (workers.one, workers.other)]
    assert found[0] == found[1]
    return found[0]


def hits(snapshot: Any) -> set[int]:
    """How many requests were counted in each window."""
    return {each["hits"] for each in snapshot["apis"]["vidgen"]["windows"]}


def test_a_snapshot_has_what_both_have_counted_drawn_and_kept_and_the_next_sandbox_goes_on_with_it(
    workers: Workers,
) -> None:
    one, other = workers.one, workers.other
    made = told(one.ask("POST", WORLDS, json=MANUAL), 201)
    access = made["apis"]["miraflow"]
    key, url = {"X-API-Key": access["api_key"]}, f"{access['url']}/api/image/generate"
    ids = [told(worker.ask("POST", url, json=PROMPT, headers=key), 200)["jobId"] for worker in (one, other)]
    own = made["apis"]["vidgen"]
    jobs, counted = f"{own['url']}/api/jobs", {"X-API-Key": own["api_key"]}
    for worker in (one, other):
        told(worker.ask("GET", jobs, headers=counted), 200)
    before = taken(workers, made["name"])
    assert sum(before["draws"].values()) > 2
    assert {each["id"] for each in before["jobs"]} == {*ids}
    assert hits(before) == {2}
    again = told(other.ask("POST", WORLDS, json={"snapshot": before}), 201)
    after = taken(workers, again["name"])
    assert {**after, "webhooks": []} == {**before, "webhooks": []}
    new = told(one.ask("POST", f"{again['apis']['miraflow']['url']}/api/image/generate", json=PROMPT, headers=key), 200)
    assert new["jobId"] not in ids
    told(one.ask("GET", f"{again['apis']['vidgen']['url']}/api/jobs", headers=counted), 200)
    assert hits(taken(workers, again["name"])) == {3}
