"""Mirrago: access tokens, the rate limit that is a 500, and the unsigned callback."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from api_kit import Receiver, View, connect, only, receiving
from test_mirrago import GENERATE, URLS, shown, submit

GRANT = "client_credentials"
JOB = "/v1/mirrago/job/x"


def asked(mirrago: View, **fields: Any) -> dict[str, Any]:
    account = mirrago.mine
    return {"client_id": account.client_id, "client_secret": account.client_secret, "grant_type": GRANT} | fields


def test_a_token_is_issued_for_json_a_form_and_http_basic(mirrago: View) -> None:
    pair = (mirrago.mine.client_id, mirrago.mine.client_secret)
    with connect(mirrago.url) as http:
        answers = [
            http.post("/oauth/token", json=asked(mirrago)),
            http.post("/oauth/token", data=asked(mirrago)),
            http.post("/oauth/token", data={"grant_type": GRANT}, auth=pair),
        ]
        for answer in answers:
            assert answer.status_code == 200, answer.text
            token = answer.json()["access_token"]
            assert answer.json() == {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
            assert http.get(JOB, headers={"Authorization": f"Bearer {token}"}).status_code == 404
            assert http.get(JOB, headers={"Authorization": f"bearer {token}"}).status_code == 404
    assert len({a.json()["access_token"] for a in answers}) == 3


def test_a_token_is_a_signed_jwt_on_the_sandboxs_clock(mirrago: View) -> None:
    token = mirrago.http.post("/oauth/token", json=asked(mirrago)).json()["access_token"]
    head, claims, _ = (
        json.loads(base64.urlsafe_b64decode(p + "===")) if i < 2 else p for i, p in enumerate(token.split("."))
    )
    assert head == {"alg": "HS256", "typ": "JWT"}
    assert (claims["iat"], claims["exp"]) == (1_000_000_000, 1_000_003_600)
    assert token.startswith("eyJhbGci")


def test_a_token_expires_after_an_hour_of_the_sandboxs_clock(mirrago: View) -> None:
    mirrago.advance(3599)
    assert mirrago.http.get(JOB).status_code == 404
    mirrago.advance(1)
    refused = mirrago.http.get(JOB)
    assert only(refused, 401) == {"detail": "Access token has expired"}
    assert refused.headers["www-authenticate"].startswith("Bearer")
    token = mirrago.http.post("/oauth/token", json=asked(mirrago)).json()["access_token"]
    assert mirrago.http.get(JOB, headers={"Authorization": f"Bearer {token}"}).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "wrong"}, {"client_id": "wrong"}, {"client_id": "", "client_secret": ""}]
)
def test_wrong_credentials_are_an_invalid_client(mirrago: View, wrong: dict[str, str]) -> None:
    error = only(mirrago.http.post("/oauth/token", json=asked(mirrago, **wrong)), 401)
    assert error["error"] == "invalid_client"


def test_an_api_key_is_no_client(mirrago: View) -> None:
    wrong = asked(mirrago, client_id=mirrago.mine.key)
    assert only(mirrago.http.post("/oauth/token", json=wrong), 401)["error"] == "invalid_client"


@pytest.mark.parametrize("grant", ["password", "", "authorization_code", 1])
def test_another_grant_is_unsupported(mirrago: View, grant: Any) -> None:
    error = only(mirrago.http.post("/oauth/token", json=asked(mirrago, grant_type=grant)), 400)
    assert error["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("field", ["client_id", "client_secret", "grant_type"])
def test_a_missing_field_is_an_invalid_request(mirrago: View, field: str) -> None:
    body = asked(mirrago)
    del body[field]
    assert only(mirrago.http.post("/oauth/token", json=body), 400)["error"] == "invalid_request"


def test_a_deactivated_client_gets_no_token_and_its_old_ones_are_refused(mirrago: View) -> None:
    mirrago.amend(active=False)
    assert set(only(mirrago.http.get(JOB), 401)) == {"detail"}
    assert only(mirrago.http.post("/oauth/token", json=asked(mirrago)), 401)["error"] == "invalid_client"


def test_missing_unknown_and_tampered_tokens_are_refused(mirrago: View, make_sandbox: Any) -> None:
    token = mirrago.http.headers["Authorization"].removeprefix("Bearer ")
    flipped = token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:]
    foreign = make_sandbox()
    with connect(mirrago.url) as http, connect(foreign.url("mirrago")) as elsewhere:
        missing = http.get(JOB)
        assert set(only(missing, 401)) == {"detail"}
        assert missing.headers["www-authenticate"].startswith("Bearer")
        for value in ("Bearer", f"Basic {token}", token):
            assert only(http.get(JOB, headers={"Authorization": value}), 401) == missing.json()
        for wrong in ("x", "a.b.c", flipped, token.rpartition(".")[0] + "."):
            answer = http.get(JOB, headers={"Authorization": f"Bearer {wrong}"})
            assert only(answer, 401) == {"detail": "Invalid access token"}
        theirs = elsewhere.get(JOB, headers={"Authorization": f"Bearer {token}"})
        assert only(theirs, 401) == {"detail": "Invalid access token"}


def test_a_hundred_and_twenty_requests_a_minute_then_a_500(mirrago: View) -> None:
    for _ in range(120):
        assert mirrago.http.get(JOB).status_code == 404
    limited = mirrago.http.get(JOB)
    assert only(limited, 500) == {"detail": "Too many requests"}
    assert "retry-after" not in limited.headers
    assert only(submit(mirrago.http), 500) == {"detail": "Too many requests"}
    assert mirrago.http.post("/oauth/token", json=asked(mirrago)).status_code == 200
    mirrago.side.quirk("rate_limit_is_500", False)
    assert only(told := mirrago.http.get(JOB), 429) == {"detail": "Too many requests"}
    assert told.headers["retry-after"] == "60"
    assert only(submit(mirrago.http), 429) == {"detail": "Too many requests"}
    mirrago.advance(60)
    assert mirrago.http.get(JOB).status_code == 404


def test_the_limit_is_the_clients_and_not_the_addresss(mirrago: View) -> None:
    for _ in range(121):
        mirrago.http.get(JOB)
    other = mirrago.side.account()
    body = asked(mirrago, client_id=other.client_id, client_secret=other.client_secret)
    token = mirrago.http.post("/oauth/token", json=body).json()["access_token"]
    assert mirrago.http.get(JOB, headers={"Authorization": f"Bearer {token}"}).status_code == 404


@pytest.mark.parametrize(("outcome", "status"), [("completed", "completedc"), ("failed", "failed")])
def test_the_end_of_a_job_is_posted_unsigned_to_its_callback(
    mirrago: View, receiver: Receiver, outcome: str, status: str
) -> None:
    mirrago.plan(queued=2, running=10, outcome=outcome)
    job = submit(mirrago.http, callback_url=receiver.url).json()["job_id"]
    mirrago.advance(11.9)
    assert receiver.got == []
    mirrago.advance(0.1)
    (got,) = receiver.got
    assert got.json == shown(mirrago, job)
    assert got.json["status"] == status
    assert got.headers["content-type"] == "application/json"
    assert not any("signature" in name for name in got.headers)


def test_a_callback_works_from_a_form_and_follows_the_quirks(mirrago: View, receiver: Receiver) -> None:
    mirrago.side.quirk("completedc", False)
    mirrago.http.post(GENERATE, files={"x": b""}, data={**URLS, "callback_url": receiver.url})
    mirrago.advance(15)
    assert [got.json["status"] for got in receiver.got] == ["completed"]


def test_a_callback_is_posted_once(mirrago: View) -> None:
    with receiving([500]) as receiver:
        submit(mirrago.http, callback_url=receiver.url)
        mirrago.advance(3600)
        assert len(receiver.got) == 1
    assert [e.extra["attempt"].outcome for e in mirrago.deliveries()] == ["refused"]


def test_a_callback_beyond_loopback_is_never_dialed(mirrago: View) -> None:
    assert submit(mirrago.http, callback_url="http://192.0.2.7/hook").status_code == 200
    mirrago.advance(15)
    assert [e.extra["attempt"].outcome for e in mirrago.deliveries()] == ["blocked"]


@pytest.mark.parametrize("url", ["ftp://a.b/c", "no url", "https://"])
def test_a_callback_that_is_no_url_is_refused(mirrago: View, url: str) -> None:
    assert only(submit(mirrago.http, callback_url=url), 400) == {"detail": "Invalid callback URL"}
    form = mirrago.http.post(GENERATE, files={"x": b""}, data={**URLS, "callback_url": url})
    assert only(form, 400) == {"detail": "Invalid callback URL"}


def test_an_empty_callback_is_none(mirrago: View) -> None:
    assert submit(mirrago.http, callback_url="").status_code == 200
    mirrago.advance(15)
    assert mirrago.deliveries() == []


def test_a_body_that_is_too_large_is_refused_as_such_also_where_it_was_read_beforehand(mirrago: View) -> None:
    with connect(mirrago.url.replace(f"/@{mirrago.sandbox.name}", "")) as http:  # the body says whose sandbox it is
        for size in (1 << 20, 3 << 20):
            answer = http.post("/oauth/token", data=asked(mirrago, more="a" * size))
            assert "larger than" in answer.text
            assert answer.status_code == 413
