"""VidGen: signed webhooks, when they come, how often they are tried, and where they may go."""

from __future__ import annotations

import hashlib
import hmac
import re
from itertools import pairwise
from typing import Any

import pytest
import trustme
from api_kit import MakeSandbox, Receiver, View, receiving
from vidgen_kit import status, submit

from mockserver.clock import Clock


@pytest.fixture
def hooked(view: Any, make_sandbox: MakeSandbox) -> View:
    """VidGen in a sandbox that takes plain http targets."""
    made: View = view(make_sandbox(insecure_webhooks=True, webhook_timeout=60.0), "vidgen")
    return made


def submit_hooked(hooked: View, url: str, **wishes: Any) -> str:
    hooked.plan(**{"queued": 2, "running": 10, **wishes})
    answer = submit(hooked.http, webhookUrl=url)
    assert answer.status_code == 201, answer.text
    job: str = answer.json()["jobId"]
    return job


@pytest.mark.parametrize("outcome", ["COMPLETED", "FAILED"])
def test_the_end_of_a_job_is_posted_as_its_status_at_once(hooked: View, receiver: Receiver, outcome: str) -> None:
    job = submit_hooked(hooked, receiver.url, outcome=outcome)
    hooked.advance(11.9)
    assert receiver.got == []
    hooked.advance(0.1)
    (got,) = receiver.got
    assert got.path == "/hooks/job"
    assert got.headers["content-type"] == "application/json"
    assert got.json == status(hooked, job)
    assert got.json["status"] == outcome
    hooked.advance(1000)
    assert len(receiver.got) == 1


def test_the_signature_is_bare_hex_over_exactly_the_bytes_sent(hooked: View, receiver: Receiver) -> None:
    submit_hooked(hooked, receiver.url)
    hooked.advance(12)
    (got,) = receiver.got
    signature = got.headers["x-webhook-signature"]
    secret = hooked.mine.webhook_secret.encode()
    assert signature == hmac.new(secret, got.body, hashlib.sha256).hexdigest()
    assert re.fullmatch("[0-9a-f]{64}", signature)
    assert signature != hmac.new(secret, got.body + b" ", hashlib.sha256).hexdigest()


def test_each_account_signs_with_its_own_secret(hooked: View, receiver: Receiver) -> None:
    other = hooked.side.account()
    hooked.plan(queued=1, running=1)
    submit(hooked.http, webhookUrl=receiver.url)
    hooked.http.headers["X-API-Key"] = other.key
    hooked.plan(queued=2, running=2)
    submit(hooked.http, webhookUrl=receiver.url)
    hooked.advance(4)
    for got, account in zip(receiver.got, (hooked.mine, other), strict=True):
        expected = hmac.new(account.webhook_secret.encode(), got.body, hashlib.sha256).hexdigest()
        assert got.headers["x-webhook-signature"] == expected


def test_a_cancelled_job_is_not_posted(hooked: View, receiver: Receiver) -> None:
    job = submit_hooked(hooked, receiver.url)
    assert hooked.http.delete(f"/api/jobs/{job}").status_code == 200
    hooked.advance(1000)
    assert receiver.got == []
    assert hooked.deliveries() == []


def test_a_refused_delivery_is_tried_again_after_5_30_and_120_seconds_and_then_given_up(hooked: View) -> None:
    with receiving([500, 404, 302, 503, 500]) as receiver:
        submit_hooked(hooked, receiver.url)
        counts = []
        for seconds in (12, 4.9, 0.1, 29.9, 0.1, 119.9, 0.1, 10_000):
            hooked.advance(seconds)
            counts.append(len(receiver.got))
        assert counts == [1, 1, 2, 2, 3, 3, 4, 4]
        assert len({(got.body, got.headers["x-webhook-signature"]) for got in receiver.got}) == 1
    start = hooked.deliveries()[0].at
    assert [round(e.at - start, 3) for e in hooked.deliveries()] == [0, 5, 35, 155]


def test_one_long_step_makes_every_retry_at_its_own_time(hooked: View) -> None:
    with receiving([500, 500]) as receiver:
        submit_hooked(hooked, receiver.url)
        hooked.advance(3600)
        assert len(receiver.got) == 3
    start = hooked.deliveries()[0].at
    assert [round(e.at - start, 3) for e in hooked.deliveries()] == [0, 5, 35]
    assert [e.extra["attempt"].outcome for e in hooked.deliveries()] == ["refused", "refused", "delivered"]


def test_a_receiver_that_is_gone_is_tried_again_too(hooked: View) -> None:
    with receiving() as receiver:
        url = receiver.url
    submit_hooked(hooked, url)
    hooked.advance(3600)
    assert [e.extra["attempt"].outcome for e in hooked.deliveries()] == ["unreachable"] * 4


@pytest.mark.parametrize("address", ["192.0.2.7", "[2001:db8::1]", "[::ffff:192.0.2.7]", "169.254.169.254"])
def test_a_target_beyond_loopback_is_never_dialed(vidgen: View, address: str) -> None:
    vidgen.plan(queued=1, running=1)
    assert submit(vidgen.http, webhookUrl=f"https://{address}/hook").status_code == 201
    vidgen.advance(3600)
    (entry,) = vidgen.deliveries()
    assert entry.extra["attempt"].outcome == "blocked"
    assert "--webhook-allow" in entry.why


def test_an_attempt_stands_in_the_journal_under_the_request_that_caused_it(hooked: View, receiver: Receiver) -> None:
    hooked.http.get("/api/jobs")
    job = submit_hooked(hooked, receiver.url)
    hooked.advance(12)
    (entry,) = hooked.deliveries()
    cause = next(e for e in hooked.sandbox.journal if e.n == entry.extra["request"])
    assert (cause.operation, cause.status) == ("createJob", 201)
    assert entry.extra["job"] == job


def test_an_https_target_is_reached_through_an_authority_of_the_tests_own(
    view: Any, make_sandbox: MakeSandbox, authority: trustme.CA, secure_receiver: Receiver
) -> None:
    vidgen = view(make_sandbox(webhook_ca=authority.cert_pem.bytes().decode()), "vidgen")
    submit_hooked(vidgen, secure_receiver.url)
    vidgen.advance(12)
    assert [got.json["status"] for got in secure_receiver.got] == ["COMPLETED"]


def test_insecure_webhooks_still_want_a_web_address(hooked: View) -> None:
    assert submit(hooked.http, webhookUrl="ftp://127.0.0.1/hook").status_code == 400


def test_no_webhook_is_lost_to_rounding(hooked: View, receiver: Receiver) -> None:
    hooked.sandbox.limits_on = False
    jobs = []
    for _ in range(40):
        jobs.append(submit(hooked.http, webhookUrl=receiver.url).json()["jobId"])
        hooked.advance(15)
    assert [got.json["jobId"] for got in receiver.got] == jobs


def test_on_a_real_clock_webhooks_and_retries_come_by_themselves(view: Any, make_sandbox: MakeSandbox) -> None:
    vidgen = view(make_sandbox(clock=Clock(rate=1000), insecure_webhooks=True), "vidgen")
    with receiving([500, 503]) as receiver:
        submit_hooked(vidgen, receiver.url)
        receiver.wait(3)
        vidgen.advance(0)  # waits for the last attempt to be entered in the journal
    delays = [round(b.at - a.at) for a, b in pairwise(vidgen.deliveries()[:3])]
    assert delays[0] >= 5
    assert delays[1] >= 30


def test_a_webhook_that_is_due_meanwhile_is_delivered_when_a_clock_is_switched(
    vidgen: View, receiver: Receiver
) -> None:
    vidgen.sandbox.insecure_webhooks = True
    submit_hooked(vidgen, receiver.url)
    vidgen.sandbox.clock.set("real", rate=10_000)
    vidgen.advance(0)
    receiver.wait(1)
    assert receiver.got[0].json["status"] == "COMPLETED"
