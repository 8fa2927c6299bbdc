"""The control API: jobs, journal, webhooks."""

from __future__ import annotations

from typing import Any

import httpx
from api_kit import Receiver, receiving, sample
from control_kit import Steered, job, told

from mockserver import Running

OPEN = "/_mock/sandboxes"


def test_jobs_are_listed_newest_first_and_filtered(control: Steered) -> None:
    path = control.sandbox(limits=False)
    told(control.ask("POST", f"{path}/plans", json={"api": "vidgen", "queued": 1, "running": 1}), 201)
    first = job(control, path)
    told(control.ask("POST", f"{path}/clock/advance", json={"seconds": 5}), 200)
    told(control.ask("POST", f"{path}/plans", json={"api": "vidgen", "queued": 100}), 201)
    second = job(control, path)
    shown = control.get(f"{path}/jobs")
    assert [each["id"] for each in shown] == [second, first]
    assert shown[0]["changes_in"] == 100
    assert shown[1] == {
        "id": first, "api": "vidgen", "resource": "job", "state": "COMPLETED", "progress": 100,
        "created": "2001-09-09T01:46:40.000Z", "ended": "2001-09-09T01:46:42.000Z", "account": shown[0]["account"],
        "outcome": "COMPLETED", "error": None, "changes_in": None,
    }  # fmt: skip
    for query, expected in (
        ("?state=PENDING", [second]), ("?limit=1", [second]), ("?state=COMPLETED&limit=1", [first]),
        ("?api=vidgen", [second, first]), ("?api=mirrago", []), ("?state=NIX", []),
    ):  # fmt: skip
        assert [each["id"] for each in control.get(f"{path}/jobs{query}")] == expected, query
    assert control.get(f"{path}/jobs") == shown


def test_the_journal_is_listed_and_filtered(control: Steered) -> None:
    path = control.sandbox()
    access = control.get(path)["apis"]["vidgen"]
    for tail in ("/api/jobs", "/api/status/nix", "/api/jobs", "/nix"):
        control.ask("GET", access["url"] + tail, headers={"x-api-key": access["api_key"]})
    entries = control.get(f"{path}/journal")
    assert [each["status"] for each in entries] == [200, 404, 200, 404]
    assert [each["n"] for each in entries] == [1, 2, 3, 4]
    first = {key: entries[0][key] for key in ("api", "kind", "method", "at", "path")}
    name = path.split("/")[-1]
    assert first == {"api": "vidgen", "kind": "request", "method": "GET", "at": "2001-09-09T01:46:40.000Z",
                     "path": f"/@{name}/vidgen/api/jobs"}  # fmt: skip
    operation = entries[0]["operation"]
    for query, expected in (
        ("?status=404", [2, 4]), ("?kind=webhook", []), (f"?operation={operation}", [1, 3]), ("?after=2", [3, 4]),
        ("?limit=1", [4]), ("?after=0&limit=1", [1]), ("?after=1&status=200", [3]), ("?api=mirrago", []),
    ):  # fmt: skip
        assert [each["n"] for each in control.get(f"{path}/journal{query}")] == expected, query


def test_a_control_request_moves_no_stepping_clock_and_enters_no_journal(control: Steered) -> None:
    path = control.sandbox(clock={"mode": "step", "step": 5})
    for tail in ("", "/jobs", "/journal", "/webhooks", "/clock"):
        control.get(path + tail)
    assert control.get(f"{path}/clock")["epoch"] == 1e9
    assert control.get(f"{path}/journal") == []


def test_webhooks_are_listed_with_every_attempt(running: Running) -> None:
    with httpx.Client(base_url=running.url, trust_env=False) as client, receiving([500]) as receiver:
        settings = {"clock": {"mode": "manual"}, "insecure_webhooks": True, "limits": False}
        made = told(client.post(OPEN, json=settings), 201)
        path, url = f"{OPEN}/{made['name']}", made["apis"]["vidgen"]["url"]
        client.post(f"{path}/plans", json={"api": "vidgen", "count": 2, "queued": 2, "running": 10})
        keys = [told(client.post(f"{path}/accounts", json={"api": "vidgen"}), 201)["api_key"] for _ in range(2)]
        jobs = [_hooked(client, url, keys[0], receiver.url), _hooked(client, url, keys[1], "http://203.0.113.1/far")]
        waiting = told(client.get(f"{path}/webhooks"), 200)
        assert [(w["job"], w["outcome"], w["attempts"]) for w in waiting] == [(job, "waiting", []) for job in jobs]
        for seconds in (12, 3600):
            told(client.post(f"{path}/clock/advance", json={"seconds": seconds}), 200)
        _check_postings(told(client.get(f"{path}/webhooks"), 200), receiver, jobs)
        one = told(client.get(f"{path}/webhooks", params={"job": jobs[1]}), 200)
        assert [each["job"] for each in one] == [jobs[1]]
        assert told(client.get(f"{path}/webhooks?api=mirrago"), 200) == []
        _check_entries(told(client.get(f"{path}/journal?kind=webhook"), 200), jobs)
        client.delete(path)


def _hooked(client: httpx.Client, api: str, key: str, target: str) -> str:
    files = {"image": ("a.png", sample("portrait.png")), "audio": ("a.wav", sample("voice.wav"))}
    answer = client.post(f"{api}/api/jobs", files=files, data={"webhookUrl": target}, headers={"x-api-key": key})
    return str(told(answer, 201)["jobId"])


def _check_entries(entries: Any, jobs: list[str]) -> None:
    """The journal tells of deliveries without what they carried."""
    found = sorted((entry["outcome"], entry["status"], entry["job"], entry["request"]) for entry in entries[:2])
    assert found == [("blocked", None, jobs[1], 2), ("refused", 500, jobs[0], 1)]
    assert entries[2]["why"] == "The receiver answered 200."
    assert not {"attempt", "headers", "body"} & set(entries[0])


def _check_postings(postings: Any, receiver: Receiver, jobs: list[str]) -> None:
    near, far = postings
    assert (near["job"], near["url"], near["outcome"], near["request"]) == (jobs[0], receiver.url, "delivered", 1)
    first, second = near["attempts"]
    assert (first["outcome"], first["status"], first["at"]) == ("refused", 500, "2001-09-09T01:46:52.000Z")
    assert (second["outcome"], second["status"]) == ("delivered", 200)
    assert second["at"] > first["at"]
    assert second["body"].encode() == receiver.got[1].body
    assert second["headers"]["X-Webhook-Signature"] == receiver.got[1].headers["x-webhook-signature"]
    assert (far["outcome"], far["attempts"][0]["status"]) == ("blocked", None)
    assert "--webhook-allow" in far["attempts"][0]["sentence"]
