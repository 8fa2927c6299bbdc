"""`webhook_inbox`, seen from outside: https by an authority the sandbox trusts, signatures, and bad receivers."""

from __future__ import annotations

import pytest
from plugin_kit import Run

from mockserver.testing.tools import inbox_hint, new_receiver


def test_a_webhook_arrives_over_https_and_its_signature_is_verified(run: Run) -> None:
    result = run("""
def test_it(vidgen, webhook_inbox):
    assert webhook_inbox.url.startswith("https://")
    vidgen.next_job(queued=1, running=1)
    job = submit(vidgen, webhookUrl=webhook_inbox.url).json()["jobId"]
    assert webhook_inbox.received == []
    vidgen.clock.advance(2)
    received, = webhook_inbox.wait(1)
    assert received.verified and received.status == 200
    assert received.json["jobId"] == job and received.json["status"] == "COMPLETED"
    assert [w.outcome for w in vidgen.webhooks] == ["delivered"]
    assert vidgen.webhooks[0].attempts[0].status == 200
""")
    result.assert_outcomes(passed=1)


def test_a_receiver_answers_500_or_hangs_on_demand(run: Run) -> None:
    result = run("""
def test_refuses(vidgen, webhook_inbox):
    webhook_inbox.answer(500, times=2)
    submit(vidgen, webhookUrl=webhook_inbox.url)
    vidgen.clock.advance(60)
    assert [r.status for r in webhook_inbox.wait(3)] == [500, 500, 200]

def test_a_deactivated_accounts_secret_is_its_own(vidgen, webhook_inbox):
    other = vidgen.account()
    files = {"image": IMAGE, "audio": SOUND}
    httpx.post(f"{vidgen.url}/api/jobs", files=files, data={"webhookUrl": webhook_inbox.url},
               headers={"X-API-Key": other.api_key})
    vidgen.clock.advance(60)
    assert webhook_inbox.wait()[0].verified
""")
    result.assert_outcomes(passed=2)


def test_a_receiver_that_hangs_is_given_up_and_let_go_at_the_end(run: Run) -> None:
    result = run("""
import threading

@pytest.fixture
def quick(sandbox, monkeypatch):
    from pytest_plugin import session

def test_hangs(mockserver, webhook_inbox, vidgen):
    webhook_inbox.hang()
    submit(vidgen, webhookUrl=webhook_inbox.url)
    vidgen.clock.advance(60)
    assert [r.status for r in webhook_inbox.wait(2)] == [None, 200]
    assert [a.outcome for a in vidgen.webhooks[0].attempts] == ["timeout", "delivered"]
""")
    result.assert_outcomes(passed=1)


def test_plain_http_for_apis_that_allow_it_and_nothing_before_its_time(run: Run) -> None:
    result = run("""
def test_it(mirrago, webhook_inbox):
    who = {"client_id": mirrago.client_id, "client_secret": mirrago.client_secret}
    token = httpx.post(mirrago.url + "/oauth/token", json={**who, "grant_type": "client_credentials"}).json()
    images = {"target_image_url": "https://a.example/b.png", "garment_image_url": "https://a.example/c.png"}
    httpx.post(mirrago.url + "/v1/mirrago/generate-image", json={**images, "callback_url": webhook_inbox.http_url},
               headers={"Authorization": "Bearer " + token["access_token"]})
    with pytest.raises(AssertionError, match="0 of 1 webhooks arrived in 0.01 s; a manual clock makes no delivery"):
        webhook_inbox.wait(1, timeout=0.01)
    mirrago.clock.advance(60)
    received, = webhook_inbox.wait()
    assert not received.verified
""")
    result.assert_outcomes(passed=1)


def test_each_test_has_an_inbox_of_its_own(run: Run) -> None:
    result = run("""
urls = set()

@pytest.mark.parametrize("n", range(2))
def test_it(webhook_inbox, n):
    httpx.post(webhook_inbox.http_url, content=b"mine")
    assert [r.body for r in webhook_inbox.wait()] == [b"mine"]
    assert [httpx.post(url, content=b"late").status_code for url in urls] == [410] * n
    urls.add(webhook_inbox.http_url)
""")
    result.assert_outcomes(passed=2)


def test_standard_webhooks_are_verified(run: Run) -> None:
    result = run("""
import datetime
from standardwebhooks import Webhook

def test_it(vidgen, webhook_inbox):
    secret = vidgen.webhook_secret
    for signer, body in ((secret, b"{}"), (secret[:-4] + "AAAA", b"{}")):
        now = datetime.datetime.now(datetime.timezone.utc)
        headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())),
                   "webhook-signature": Webhook(signer).sign("msg_1", now, body.decode())}
        httpx.post(webhook_inbox.http_url, content=body, headers=headers)
    assert [r.verified for r in webhook_inbox.wait(2)] == [True, False]
""")
    result.assert_outcomes(passed=1)


def test_who_waits_in_vain_for_a_server_on_another_machine_is_told_what_the_inbox_is_for() -> None:
    receiver = new_receiver()
    try:
        inbox = receiver.open("a", list, hint=inbox_hint("http://mock.internal:8000"))
        with pytest.raises(AssertionError, match=r"arrived in 0.01 s; webhook_inbox .* the server at mock\.internal "):
            inbox.wait(1, timeout=0.01)
    finally:
        receiver.end()
    assert inbox_hint("http://localhost:8000") == ""
