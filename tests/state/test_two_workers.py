"""Two servers over one state: what control switches at one of them, requests to the other one meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import control_kit
import pytest
from api_kit import sample
from check_kit import behave, both, show, write
from control_kit import refused, told
from language_kit import NAME, SUBMIT, documents
from webhook_words_kit import told as hooked
from workers_kit import Workers

from mockserver.loader import load_folder

CONTROL = "/_mock/sandboxes/default"
KEY = {"X-API-Key": "demo-key"}
JOBS = "/vidgen/api/jobs"
IMAGE = "/miraflow/api/image/generate"
TARGET = "https://127.0.0.1:9/hook"
PAINTINGS = "/miragic/api/v1/speed-painting/create"
JPEG = sample("portrait.jpg")
FIELDS = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
FILES = {
    "image": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png"),
    "audio": ("a.mp3", b"ID3" + bytes(64), "audio/mpeg"),
}
PROMPT = {"prompt": "A red kite", "name": "kite", "aspectRatio": "16:9"}


def test_limits_that_one_switched_off_count_at_the_other_no_more(workers: Workers) -> None:
    before = workers.other.ask("GET", JOBS, headers=KEY)
    told(workers.one.ask("PUT", f"{CONTROL}/limits", json={"on": False}), 200)
    after = workers.other.ask("GET", JOBS, headers=KEY)
    assert [any("ratelimit" in name for name in each.headers) for each in (before, after)] == [True, False]
    assert workers.other.get(CONTROL)["limits"] is False


def test_the_key_of_an_account_that_one_made_is_known_to_the_other(workers: Workers) -> None:
    made = told(workers.one.ask("POST", f"{CONTROL}/accounts", json={"api": "miraflow", "credits": 7}), 201)
    key = {"X-API-Key": made["api_key"]}
    told(workers.other.ask("POST", IMAGE, json=PROMPT, headers=key), 200)
    journal = workers.one.get(f"{CONTROL}/journal")
    assert made["api_key"] not in str(journal), "it is hidden"
    told(workers.other.ask("POST", IMAGE, json=PROMPT, headers={"X-API-Key": "nobody"}), 401)


def test_a_scenario_that_one_plays_is_what_jobs_of_the_other_follow(workers: Workers) -> None:
    told(workers.one.ask("PUT", f"{CONTROL}/scenario", json={"api": "miraflow", "scenario": "slow"}), 200)
    told(workers.other.ask("POST", IMAGE, json=PROMPT, headers=KEY), 200)
    (job,) = workers.one.get(f"{CONTROL}/jobs")
    (kept,) = workers.one.run(workers.one.server.sandboxes.default.state.newest("miraflow", 1))
    assert kept.drawn[0] == "slow"
    assert job["api"] == "miraflow"


def test_an_order_that_one_placed_is_used_up_by_a_job_of_the_other(workers: Workers) -> None:
    plan = told(workers.one.ask("POST", f"{CONTROL}/plans", json={"api": "miraflow", "resource": "image"}), 201)
    assert [each["id"] for each in workers.other.get(f"{CONTROL}/plans")] == [plan["id"]]
    told(workers.other.ask("POST", IMAGE, json=PROMPT, headers=KEY), 200)
    assert workers.one.get(f"{CONTROL}/plans") == []


def test_a_clock_that_one_switched_and_moved_is_what_jobs_of_the_other_go_by(workers: Workers) -> None:
    told(workers.one.ask("PUT", f"{CONTROL}/clock", json={"mode": "manual"}), 200)
    made = told(workers.other.ask("POST", IMAGE, json=PROMPT, headers=KEY), 200)
    before = workers.other.ask("GET", f"/miraflow/api/image/{made['jobId']}", headers=KEY).json()
    moved = told(workers.one.ask("POST", f"{CONTROL}/clock/advance", json={"seconds": 3600}), 200)
    assert workers.other.get(f"{CONTROL}/clock") == moved
    after = workers.other.ask("GET", f"/miraflow/api/image/{made['jobId']}", headers=KEY).json()
    assert before["status"] != after["status"]


def test_a_fault_that_one_armed_is_met_at_the_other_as_often_as_it_may(workers: Workers) -> None:
    body = {"api": "miraflow", "fault": "status", "operation": "generateImage", "times": 2}
    armed = told(workers.one.ask("POST", f"{CONTROL}/faults", json=body), 201)
    answers = [workers.other.ask("POST", IMAGE, json=PROMPT, headers=KEY) for _ in range(3)]
    assert [each.headers.get("x-mock-fault") for each in answers] == ["status", "status", None]
    assert workers.one.get(f"{CONTROL}/faults") == workers.other.get(f"{CONTROL}/faults") == []
    other = told(workers.other.ask("POST", f"{CONTROL}/faults", json=body), 201)
    assert other["id"] != armed["id"]
    assert workers.one.ask("POST", IMAGE, json=PROMPT, headers=KEY).headers.get("x-mock-fault") == "status"
    (shown,) = workers.other.get(f"{CONTROL}/faults")
    assert (shown["applied"], shown["left"]) == (1, 1)
    workers.one.ask("DELETE", f"{CONTROL}/faults/{other['id']}")
    assert workers.other.ask("POST", IMAGE, json=PROMPT, headers=KEY).status_code == 200


def test_a_scenario_s_faults_are_armed_once_and_go_with_it(workers: Workers) -> None:
    told(workers.one.ask("PUT", f"{CONTROL}/scenario", json={"api": "miraflow", "scenario": "outage"}), 200)
    known = workers.other.get(f"{CONTROL}/faults")
    assert known == workers.one.get(f"{CONTROL}/faults") != []
    assert workers.other.ask("POST", IMAGE, json=PROMPT, headers=KEY).status_code >= 500
    told(workers.other.ask("PUT", f"{CONTROL}/scenario", json={"api": "miraflow", "scenario": "happy"}), 200)
    assert workers.one.get(f"{CONTROL}/faults") == []
    assert workers.one.ask("POST", IMAGE, json=PROMPT, headers=KEY).status_code == 200


def test_what_a_job_of_one_gives_back_is_seen_once_at_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    too_poor = {"no_credits": {"value": {"message": "x"}}}
    refusal = {"description": "x", "content": {"application/json": {"examples": too_poor}}}
    refunding = both(behave("/resources/job/cost", 10), behave("/resources/job/refunds", ["failed"]))
    contract, found = load_folder(
        write(tmp_path / NAME, documents(refunding, show(f"{SUBMIT}/responses/402", refusal)))
    )
    assert contract is not None, found
    monkeypatch.setattr(control_kit, "contracts", lambda: [contract])
    workers: Workers = request.getfixturevalue("workers")
    one, other = workers.one, workers.other
    told(one.ask("PUT", f"{CONTROL}/clock", json={"mode": "manual"}), 200)
    made = told(one.ask("POST", f"{CONTROL}/accounts", json={"api": NAME, "credits": 25}), 201)
    told(one.ask("POST", f"{CONTROL}/plans", json={"api": NAME, "outcome": "failed"}), 201)
    told(other.ask("POST", f"/{NAME}/v1/jobs", json={"prompt": "x"}, headers={"X-API-Key": made["api_key"]}), 201)

    def left() -> list[float]:
        return [each.get(f"{CONTROL}/accounts")[1]["credits"] for each in (one, other)]

    assert left() == [15, 15]
    told(one.ask("POST", f"{CONTROL}/clock/advance", json={"seconds": 3600}), 200)
    assert left() == [25, 25]


def owed(workers: Workers) -> list[Any]:
    """The webhooks that both list alike."""
    one, other = (each.get(f"{CONTROL}/webhooks") for each in (workers.one, workers.other))
    assert one == other
    return cast(list[Any], one)


def test_a_webhook_that_a_job_of_one_owes_is_delivered_once_whoever_moves_the_clock(workers: Workers) -> None:
    told(workers.one.ask("PUT", f"{CONTROL}/clock", json={"mode": "manual"}), 200)
    told(workers.other.ask("POST", JOBS, data={"webhookUrl": TARGET}, files=FILES, headers=KEY), 201)
    (waiting,) = owed(workers)
    assert (waiting["outcome"], waiting["attempts"]) == ("waiting", [])
    assert workers.other.get(f"{CONTROL}/clock/next") == workers.one.get(f"{CONTROL}/clock/next")
    quietly = {"seconds": 3600, "without_deliveries": True}
    refused(workers.other.ask("POST", f"{CONTROL}/clock/advance", json=quietly), 409)
    told(workers.other.ask("POST", f"{CONTROL}/clock/advance", json={"seconds": 3600}), 200)
    (tried,) = owed(workers)
    assert len(tried["attempts"]) >= 1
    kinds = [entry["kind"] for entry in workers.one.get(f"{CONTROL}/journal")]
    assert kinds.count("webhook") == len(tried["attempts"])


def test_a_webhook_is_sent_once_more_and_tried_from_either(workers: Workers) -> None:
    wanted = {"api": "vidgen", "url": TARGET}
    sent = told(workers.other.ask("POST", f"{CONTROL}/webhooks/test", json=wanted), 200)
    assert [each["id"] for each in owed(workers)] == [sent["id"]]
    told(workers.one.ask("POST", f"{CONTROL}/webhooks/{sent['id']}/resend", json={}), 200)
    assert [len(each["attempts"]) for each in owed(workers)] == [2]
    refused(workers.other.ask("POST", f"{CONTROL}/webhooks/nobody/resend", json={}), 404)
    told(workers.other.ask("POST", f"{CONTROL}/reset", json={}), 204)
    assert owed(workers) == []


def test_what_was_asked_at_one_is_read_at_both(workers: Workers) -> None:
    told(workers.one.ask("PUT", f"{CONTROL}/clock", json={"mode": "manual"}), 200)
    armed = {"api": "miraflow", "fault": "status", "operation": "generateImage", "nth": 9}
    told(workers.one.ask("POST", f"{CONTROL}/faults", json=armed), 201)
    for worker, prompt in ((workers.one, PROMPT), (workers.other, PROMPT), (workers.other, {})):
        worker.ask("POST", IMAGE, json=prompt, headers=KEY)
    assert [len(workers.other.get(f"{CONTROL}/{path}")) for path in ("journal", "jobs", "unused")] == [3, 2, 1]
    paths = ("journal", "journal?after=1", "journal?limit=1", "journal?format=har", "journal/2", "conduct", "coverage",
             "unused", "jobs")  # fmt: skip
    for path in paths:
        assert workers.one.get(f"{CONTROL}/{path}") == workers.other.get(f"{CONTROL}/{path}"), path
    shown = [{**each.get(CONTROL), "apis": {}} for each in (workers.one, workers.other)]
    assert [each["dropped"] for each in shown] == [shown[0]["dropped"]] * 2
    assert workers.one.get("/_mock/coverage") == workers.other.get("/_mock/coverage")


def test_bytes_that_were_sent_to_one_are_given_back_and_drawn_from_at_the_other(workers: Workers) -> None:
    told(workers.one.ask("PUT", f"{CONTROL}/clock", json={"mode": "manual"}), 200)
    sent = {"image": ("a.jpg", JPEG, "image/jpeg")}
    made = told(workers.one.ask("POST", PAINTINGS, files=sent, data=FIELDS, headers=KEY), 200)
    path = urlsplit(made["data"]["originalImageUrl"])
    for worker in (workers.other, workers.one):
        assert worker.ask("GET", f"{path.path}?{path.query}").content == JPEG
    told(workers.other.ask("POST", f"{CONTROL}/clock/advance", json={"seconds": 3600}), 200)
    (job,) = workers.one.get(f"{CONTROL}/jobs")
    results = [each.get(f"{CONTROL}/jobs/{job['id']}/results") for each in (workers.one, workers.other)]
    assert results[0] == results[1]
    told(workers.other.ask("POST", f"{CONTROL}/reset", json={}), 204)
    for worker in (workers.one, workers.other):
        assert worker.ask("GET", f"{path.path}?{path.query}").status_code == 404
        worker.get(CONTROL)
    assert workers.one.server.sandboxes.default.shelf.bytes == 0


def test_an_endpoint_and_a_secret_that_one_has_made_are_those_of_the_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sign = {"algorithm": "hmac-sha256", "each": "v1=", "overlap": 3600}
    bindings = {"header.X-Signature": "webhook.signature"}
    to_account = hooked("account", events={"succeeded": "job.done"}, sign=sign, bindings=bindings)
    contract, found = load_folder(write(tmp_path / NAME, documents(to_account)))
    assert contract is not None, found
    monkeypatch.setattr(control_kit, "contracts", lambda: [contract])
    workers: Workers = request.getfixturevalue("workers")
    one, other = workers.one, workers.other
    made = told(one.ask("POST", f"{CONTROL}/webhook-endpoints", json={"api": NAME, "url": TARGET}), 201)
    assert other.get(f"{CONTROL}/webhook-endpoints") == one.get(f"{CONTROL}/webhook-endpoints") == [made]
    turned = told(other.ask("POST", f"{CONTROL}/webhook-secrets", json={"api": NAME, "of": made["id"]}), 201)
    (shown,) = one.get(f"{CONTROL}/webhook-endpoints")
    assert shown["webhook_secret"] == turned["webhook_secret"] != made["webhook_secret"]
    told(other.ask("DELETE", f"{CONTROL}/webhook-endpoints/{made['id']}"), 204)
    refused(one.ask("DELETE", f"{CONTROL}/webhook-endpoints/{made['id']}"), 404)
    assert one.get(f"{CONTROL}/webhook-endpoints") == []


def test_the_secret_of_a_resource_that_one_keeps_stays_hidden_at_the_other(workers: Workers) -> None:
    job = told(workers.one.ask("POST", IMAGE, json=PROMPT, headers=KEY), 200)["jobId"]
    other = workers.other.server.sandboxes.default
    endpoints = other.apis["miraflow"].endpoints
    endpoints.hide("the-secret-of-a-job", job)
    endpoints.hide("the-secret-of-nobody", "gone")
    workers.other.run(endpoints.show_old())
    assert [bool(other.redaction.issued(b"the-secret-of-%b" % each)) for each in (b"a-job", b"nobody")] == [True, False]
