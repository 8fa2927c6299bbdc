"""Callbacks that requests of a recording name, and what was delivered to them, if that was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from archive_kit import HOST, archive, call, job
from inbox_kit import Inbox
from observed_kit import contract_in

from mockserver import start
from mockserver.check import check
from mockserver.observed import contract_of

ID, OTHER = "job_1a2b3c4d5e6f", "job_9z8y7x6w5v4u"
KEY = {"authorization": "Bearer demo-key", "host": HOST}
RECEIVER, PATH = "hooks.example", "/take"
URL = f"https://{RECEIVER}{PATH}"


def run(number: str = ID, at: float = 0, status: str = "done", **body: Any) -> list[Any]:
    return [
        call(at, "POST", "/v1/jobs", 201, job("waiting", number), body={"prompt": "a cat", **body}),
        call(at + 2, "GET", f"/v1/jobs/{number}", 200, job("rendering", number)),
        call(at + 9, "GET", f"/v1/jobs/{number}", 200, job("rendering", number)),
        call(at + 11, "GET", f"/v1/jobs/{number}", 200, job(status, number)),
    ]


def told(at: float, body: Any, status: int = 200, **headers: str) -> Any:
    """A delivery."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return call(at, "POST", PATH, status, body=body, host=RECEIVER, headers={"authorization": "", **named})


def contract(folder: Path, *entries: Any) -> Path:
    made = contract_in(folder, archive(*entries))
    assert [str(finding) for finding in check(made)] == []
    return made


def hooks(*entries: Any) -> tuple[Any, Any, list[str]]:
    made = contract_of(archive(*entries), "Acme")
    notes = [": ".join(row[:2]) for row in made.notes if row[0].startswith("webhook")]
    return made.openapi.get("webhooks"), made.behavior.get("webhooks"), notes


def delivered(folder: Path, **body: Any) -> list[tuple[Any, Any]]:
    """What a server of the contract sends about one job: headers and JSON."""
    with Inbox() as receiver, start(folder, clock="manual", hosts={HOST: "again"}) as running:
        with httpx.Client(base_url=running.url, headers=KEY) as http:
            sent = json.loads(json.dumps(body).replace(URL, receiver.url))
            assert http.post("/v1/jobs", json={"prompt": "a cat", **sent}).status_code == 201
        running.default.clock.advance(120)
        return [({n.lower(): v for n, v in each.headers.items()}, each.json()) for each in receiver.letters]


NAMES: dict[str, tuple[dict[str, Any], str]] = {
    "webhook_url": ({"webhook_url": URL}, "/webhook_url"), "callback": ({"callback": URL}, "/callback"),
    "notifyUrl": ({"notifyUrl": URL}, "/notifyUrl"), "within": ({"webhook": {"url": URL}}, "/webhook/url"),
    "a vendor's name before": ({"acme_webhook": URL}, "/acme_webhook"),
    "a word more": ({"status_callback_url": URL}, "/status_callback_url"),
}  # fmt: skip


@pytest.mark.parametrize("how", NAMES)
def test_a_callback_that_a_request_names_is_a_webhook_as_the_job_is_shown(how: str, tmp_path: Path) -> None:
    body, at = NAMES[how]
    folder = contract(tmp_path, *run(**body))
    behavior = json.loads((folder / "behavior.json").read_text())
    assert behavior["webhooks"] == {"ended": {"resource": "job", "target": at, "states": ["done"], "like": "getJob"}}
    assert json.loads((folder / "openapi.json").read_text())["webhooks"]["ended"]["post"]["x-evidence"] == "assumed"
    ((_, sent),) = delivered(folder, **body)
    assert sent == {"id": sent["id"], "status": "done"}
    *_, notes = hooks(*run(**body))
    (note,) = notes
    assert note == (
        f"webhook ended: assumed: sent to {at} at the end of a job, with what getJob answers, unsigned and once"
    )


@pytest.mark.parametrize("body", [
    {"return_url": URL}, {"url": URL}, {"image_url": URL}, {"callback": "later"}, {"hooks": [{"url": URL}]},
    {"webhook_id": URL},
])  # fmt: skip
def test_what_is_not_called_as_one_is_no_callback(body: dict[str, Any]) -> None:
    assert hooks(*run(**body))[:2] == (None, None)


def test_what_was_delivered_is_the_message_and_gives_no_operation(tmp_path: Path) -> None:
    entries = [
        *run(webhook=URL), told(12, job("done"), webhook_id="msg_1", webhook_timestamp="1", webhook_signature="v1,x"),
    ]  # fmt: skip
    openapi, behavior, notes = hooks(*entries)
    assert behavior == {
        "ended": {"resource": "job", "target": "/webhook", "sign": "standard-webhooks", "states": ["done"],
                  "like": "getJob"},
    }  # fmt: skip
    assert openapi["ended"]["post"]["x-evidence"] == "observed"
    assert notes == ["webhook ended: as it came to /webhook at done: signed, no further attempt was seen"]
    made = contract_of(archive(*entries), "Acme")
    assert [*made.openapi["paths"]] == ["/v1/jobs", "/v1/jobs/{jobId}"]
    assert not any("hooks.example" in row[0] for row in made.notes)
    ((headers, _),) = delivered(contract(tmp_path, *entries), webhook=URL)
    assert headers["webhook-signature"].startswith("v1,")


def envelope(status: str, number: str, event: str, at: float) -> dict[str, Any]:
    return {"id": f"evt_{number[4:]}", "type": event, "sent": 1_000_000_000 + at, "data": job(status, number)}


def test_an_envelope_is_one_about_what_is_shown(tmp_path: Path) -> None:
    entries = [
        *run(callback=URL), told(12, envelope("done", ID, "job.done", 12)),
        *run(OTHER, 40, "failed", callback=URL), told(52, envelope("failed", OTHER, "job.failed", 52)),
    ]  # fmt: skip
    _, behavior, _ = hooks(*entries)
    assert behavior["ended"]["like"] == {"operation": "getJob", "under": "/data"}
    assert behavior["ended"]["events"] == {"done": "job.done", "failed": "job.failed"}
    assert behavior["ended"]["bindings"] == {"/type": "webhook.event", "/id": "webhook.id", "/sent": "webhook.due"}
    ((_, sent),) = delivered(contract(tmp_path, *entries), callback=URL)
    assert sent["id"].startswith("evt_")
    assert sent["type"] == f"job.{sent['data']['status']}"
    assert sent["data"].keys() == {"id", "status"}


def test_a_message_of_its_own_is_an_example_for_each_state(tmp_path: Path) -> None:
    entries = [*run(callback=URL), told(12, {"job": ID, "outcome": "ok", "event": "completed"})]
    _, behavior, _ = hooks(*entries)
    assert behavior["ended"]["bindings"] == {"/job": "id", "/event": "webhook.event"}
    ((_, sent),) = delivered(contract(tmp_path, *entries), callback=URL)
    assert (sent["outcome"], sent["event"], sent["job"][:4]) == ("ok", "completed", "job_")


SIGNATURES = {
    "hex": ("a" * 64, {"algorithm": "hmac-sha256", "encoding": "hex"}),
    "with a name": ("sha256=" + "a" * 64, {"algorithm": "hmac-sha256", "encoding": "hex", "each": "sha256="}),
    "sha1": ("sha1=" + "a" * 40, {"algorithm": "hmac-sha1", "encoding": "hex", "each": "sha1="}),
    "base64": ("A" * 43 + "=", {"algorithm": "hmac-sha256", "encoding": "base64"}),
    "hidden": ("[redacted]", {"algorithm": "hmac-sha256"}),
    "timed": ("t=1,v1=" + "a" * 64, {"algorithm": "hmac-sha256"}),
}


@pytest.mark.parametrize("how", SIGNATURES)
def test_a_signature_is_told_by_its_form_and_its_value_stays_out(how: str, tmp_path: Path) -> None:
    value, sign = SIGNATURES[how]
    entries = [*run(callback=URL), told(12, job("done"), x_acme_signature=value)]
    openapi, behavior, notes = hooks(*entries)
    assert behavior["ended"]["sign"] == sign
    assert behavior["ended"]["bindings"] == {"header.X-Acme-Signature": "webhook.signature"}
    assert "a" * 40 not in json.dumps([openapi, behavior])
    assert "signed (assumed how)" in notes[0]
    ((headers, _),) = delivered(contract(tmp_path, *entries), callback=URL)
    assert headers["x-acme-signature"].startswith(sign.get("each", ""))


def test_further_attempts_are_those_behind_one_that_was_not_taken() -> None:
    entries = [
        *run(callback=URL), told(12, job("done"), 500), told(17, job("done"), 503), told(47, job("done"), 204),
    ]  # fmt: skip
    _, behavior, notes = hooks(*entries)
    assert behavior["ended"]["retries"] == [5, 30]
    assert "tried again after 5, 30 s" in notes[0]


def test_where_nothing_says_what_would_be_told_it_is_said() -> None:
    entries = [call(0, "POST", "/v1/jobs", 201, job("waiting"), body={"callback": URL})]
    made = contract_of(archive(*entries), "Acme")
    assert "webhooks" not in made.behavior
    assert ("job /callback", "its jobs come to no end", "its webhooks") in made.notes
