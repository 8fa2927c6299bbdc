"""The control API: a webhook that no job owes, and one that is sent once more."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_kit import receiving
from control_kit import Steered, contracts, job, refused, steered, told

from mockserver.app import Settings


def posted(control: Steered, sandbox: str, url: str, **more: Any) -> Any:
    return told(control.ask("POST", f"{sandbox}/webhooks/test", json={"api": "vidgen", "url": url, **more}), 200)


def is_genuine(control: Steered, sandbox: str, headers: dict[str, str], body: bytes) -> bool:
    import base64

    asked = {"headers": headers, "content": base64.b64encode(body).decode()}
    return bool(told(control.ask("POST", f"{sandbox}/webhooks/verify", json=asked), 200)["verified"])


def test_it_arrives_written_and_signed_as_those_of_real_jobs() -> None:
    with receiving() as inbox, steered(Settings(insecure_webhooks=True)) as control:
        sandbox = control.sandbox()
        shown = posted(control, sandbox, inbox.url)
        (got,) = inbox.got
        assert (shown["outcome"], shown["request"], shown["attempts"][0]["status"]) == ("delivered", 0, 200)
        assert got.json["jobId"] == shown["job"]
        assert is_genuine(control, sandbox, got.headers, got.body)
        assert not is_genuine(control, sandbox, got.headers, got.body + b" ")


def test_each_event_can_be_asked_for_by_its_name_or_its_state() -> None:
    with receiving() as inbox, steered(Settings(insecure_webhooks=True)) as control:
        sandbox = control.sandbox()
        for event in ("FAILED", "COMPLETED"):
            posted(control, sandbox, inbox.url, event=event)
        assert [got.json["status"] for got in inbox.got] == ["FAILED", "COMPLETED"]


def test_every_webhook_of_every_shipped_contract_can_be_tried() -> None:
    with receiving() as inbox, steered(Settings(insecure_webhooks=True)) as control:
        sandbox, sent = control.sandbox(), 0
        for contract in contracts():
            for webhook in contract.webhooks.values():
                for state in webhook.states:
                    body = {"api": contract.name, "webhook": webhook.name, "event": state, "url": inbox.url}
                    told(control.ask("POST", f"{sandbox}/webhooks/test", json=body), 200)
                    sent += 1
        assert len(inbox.got) == sent > 0


@pytest.mark.parametrize("epoch", [*(n * 1e-9 for n in range(10)), 5e-324, 0.1, 1e9 + 0.1, 2e11])
def test_it_is_sent_at_any_time_that_a_clock_may_show(epoch: float) -> None:
    """Also where a job that has just ended would have begun before 1970: rounding it took for ever."""
    with receiving() as inbox, steered(Settings(insecure_webhooks=True)) as control:
        snapshot = control.get(f"{control.sandbox()}/snapshot")
        snapshot["clock"]["epoch"] = epoch
        sandbox = (
            "/_mock/sandboxes/"
            + told(control.ask("POST", "/_mock/sandboxes", json={"snapshot": snapshot}), 201)["name"]
        )
        posted(control, sandbox, inbox.url)
        assert len(inbox.got) == 1


def test_the_account_that_is_named_signs() -> None:
    with receiving() as inbox, steered(Settings(insecure_webhooks=True)) as control:
        sandbox = control.sandbox()
        account = told(control.ask("POST", f"{sandbox}/accounts", json={"api": "vidgen"}), 201)
        posted(control, sandbox, inbox.url, account=account["id"])
        own = control.get(sandbox)["apis"]["vidgen"]["webhook_secret"]
        signatures = [value for name, value in inbox.got[0].headers.items() if "signature" in name]
        assert account["webhook_secret"] != own
        posted(control, sandbox, inbox.url)
        assert [v for name, v in inbox.got[1].headers.items() if "signature" in name] != signatures


def test_it_stands_among_the_webhooks_and_in_the_journal_and_no_job_does(control: Steered, sandbox: str) -> None:
    shown = posted(control, sandbox, "https://127.0.0.1:9/")
    assert [each["id"] for each in control.get(f"{sandbox}/webhooks")] == [shown["id"]]
    (entry,) = control.get(f"{sandbox}/journal")
    assert (entry["kind"], entry["job"], entry["request"]) == ("webhook", shown["job"], 0)
    assert control.get(f"{sandbox}/jobs") == []
    assert shown["due"] is None, "it is tried once"


def test_it_changes_nothing_of_what_jobs_are_drawn_with(control: Steered) -> None:
    plain, other = control.sandbox(seed="1"), control.sandbox(seed="1")
    posted(control, other, "https://127.0.0.1:9/")
    assert job(control, plain) == job(control, other)
    assert [each["changes_in"] for each in control.get(f"{plain}/jobs")] == [
        each["changes_in"] for each in control.get(f"{other}/jobs")
    ]


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({"webhook": "nix"}, 404, "/webhook"), ({"event": "PENDING"}, 404, "/event"), ({"event": ""}, 404, "/event"),
    ({"account": "nix"}, 404, "/account"), ({"url": "http://127.0.0.1:9/"}, 409, "/url"),
    ({"url": "ftp://127.0.0.1"}, 400, "/url"), ({"url": "https://"}, 400, "/url"), ({"url": ""}, 400, "/url"),
    ({"url": "https://a b/"}, 400, "/url"), ({"api": "nix"}, 400, "/api"), ({"api": "miraflow"}, 409, "/api"),
    ({"event": 1}, 400, "/event"), ({"url": "https://x/" + "y" * 3000}, 400, "/url"), ({"colour": 1}, 400, "/colour"),
    ({"url": "https://\x00/"}, 400, "/url"), ({"url": "https://[::1/"}, 400, "/url"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "status", "pointer"), BAD)
def test_what_cannot_be_sent_is_refused_with_its_place(
    control: Steered, sandbox: str, more: dict[str, Any], status: int, pointer: str
) -> None:
    body = {"api": "vidgen", "url": "https://127.0.0.1:9/", **more}
    answer = control.ask("POST", f"{sandbox}/webhooks/test", content=json.dumps(body), headers=JSON)
    assert refused(answer, status)["pointer"] == pointer
    assert control.get(f"{sandbox}/journal") == []


JSON = {"content-type": "application/json"}


def test_a_target_beyond_this_machine_is_not_dialled(control: Steered, sandbox: str) -> None:
    assert posted(control, sandbox, "https://192.0.2.1/")["outcome"] == "blocked"


# --- once more


def test_a_webhook_that_was_sent_is_sent_once_more() -> None:
    with receiving() as inbox, steered(Settings(insecure_webhooks=True)) as control:
        sandbox = control.sandbox()
        job(control, sandbox, hook=inbox.url)
        told(control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": 1000}), 200)
        (before,) = control.get(f"{sandbox}/webhooks")
        (after,) = told(control.ask("POST", f"{sandbox}/webhooks/{before['id']}/resend", json={}), 200)
        assert (len(before["attempts"]), len(after["attempts"])) == (1, 2)
        first, second = inbox.got
        assert first.json == second.json
        assert is_genuine(control, sandbox, second.headers, second.body)


def test_one_that_was_refused_can_be_sent_before_its_next_attempt_and_is_sent_no_more_when_it_was_taken() -> None:
    with receiving([500]) as inbox, steered(Settings(insecure_webhooks=True)) as control:
        sandbox = control.sandbox()
        job(control, sandbox, hook=inbox.url)
        for _ in range(2):
            told(control.ask("POST", f"{sandbox}/clock/next", json={}), 200)
        (waiting,) = control.get(f"{sandbox}/webhooks")
        assert waiting["outcome"] == "waiting"
        assert waiting["due"] > control.get(f"{sandbox}/clock")["epoch"]
        (after,) = told(control.ask("POST", f"{sandbox}/webhooks/{waiting['id']}/resend", json={}), 200)
        assert (after["outcome"], after["due"]) == ("delivered", None)
        told(control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": 100_000}), 200)
        assert len(inbox.got) == 2


def test_one_whose_job_is_not_there_yet_is_not_sent(control: Steered, sandbox: str) -> None:
    job(control, sandbox, hook="https://127.0.0.1:9/")
    (waiting,) = control.get(f"{sandbox}/webhooks")
    refused(control.ask("POST", f"{sandbox}/webhooks/{waiting['id']}/resend", json={}), 409)
    assert control.get(f"{sandbox}/webhooks") == [waiting]


@pytest.mark.parametrize("name", ["x", "%00", "a" * 3000, "verify", "é"])
def test_one_that_is_not_there_is_not_found(control: Steered, sandbox: str, name: str) -> None:
    refused(control.ask("POST", f"{sandbox}/webhooks/{name}/resend", json={}), 404)
