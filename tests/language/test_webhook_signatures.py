"""Webhooks are signed by a row of the closed table, and carry the signature wherever the contract binds it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from api_kit import Got, receiving
from check_kit import behave, both, show
from language_kit import NAME, Served, findings, serving
from webhook_words_kit import RUN, START, at_end, told

SECRET = "demo-webhook-secret"
SENT = {"fact": "webhook.sent", "as": "unix"}
BODY = {"fact": "webhook.body"}


def delivered(folder: Path, **words: Any) -> Got:
    """The one webhook of a contract with these words."""
    with receiving() as receiver, serving(folder, at_end(**words), RUN) as own:
        own.submit(callback=receiver.url)
        own.advance(100)
        (got,) = receiver.got
    return got


ENCODE = {
    "hex": bytes.hex,
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "base64url": lambda digest: base64.urlsafe_b64encode(digest).decode().rstrip("="),
}


@pytest.mark.parametrize("encoding", ["hex", "base64", "base64url"])
@pytest.mark.parametrize("name", ["sha1", "sha256", "sha512"])
def test_any_hmac_in_any_encoding_is_over_the_bytes_that_were_sent(name: str, encoding: str, tmp_path: Path) -> None:
    words = {"algorithm": f"hmac-{name}", "encoding": encoding, "each": f"{name}="}
    got = delivered(tmp_path, sign=words, bindings={"header.X-Hub-Signature": "webhook.signature"})
    digest = hmac.new(SECRET.encode(), got.body, name).digest()
    assert got.headers["x-hub-signature"] == f"{name}={ENCODE[encoding](digest)}"  # type: ignore[operator]


def test_a_header_joins_a_time_and_the_signature_over_both(tmp_path: Path) -> None:
    over = {"join": [SENT, ".", BODY]}
    header = {"join": ["t=", SENT, ",", {"fact": "webhook.signature"}]}
    words = {"algorithm": "hmac-sha256", "over": over, "each": "v1="}
    got = delivered(tmp_path, sign=words, bindings={"header.Stripe-Signature": header})
    signed = hmac.new(SECRET.encode(), f"{START + 13}.".encode() + got.body, "sha256").hexdigest()
    assert got.headers["stripe-signature"] == f"t={START + 13},v1={signed}"


def test_a_plain_hash_may_have_the_secret_in_what_it_is_over(tmp_path: Path) -> None:
    over = {"join": [{"fact": "account.webhook_secret"}, BODY]}
    got = delivered(tmp_path, sign={"algorithm": "sha1", "over": over}, bindings={"header.X-Sum": "webhook.signature"})
    assert got.headers["x-sum"] == hashlib.sha1(SECRET.encode() + got.body).hexdigest()


def test_a_signature_may_stand_in_the_body_that_it_is_not_over(tmp_path: Path) -> None:
    words = {"algorithm": "hmac-sha256", "over": {"join": [SENT, {"fact": "id"}]}}
    got = delivered(tmp_path, sign=words, bindings={"/token": "webhook.signature"})
    over = f"{START + 13}{got.json['job']['id']}".encode()
    assert got.json["token"] == hmac.new(SECRET.encode(), over, "sha256").hexdigest()


def test_every_fact_of_a_webhook_can_be_shown(tmp_path: Path) -> None:
    names = ("id", "event", "due", "sent", "attempt", "body", "sha256")
    timed = {"due": {"fact": "webhook.due", "as": "unix-ms"}, "sent": {"fact": "webhook.sent", "as": "iso"}}
    bindings = {f"header.X-{name}": timed.get(name, f"webhook.{name}") for name in names}
    with receiving([500]) as receiver, serving(tmp_path, at_end(retries=[7], bindings=bindings), RUN) as own:
        own.submit(callback=receiver.url)
        own.advance(100)
        first, second = receiver.got
    assert first.headers["x-id"] == second.headers["x-id"] != ""
    assert [each.headers["x-attempt"] for each in (first, second)] == ["1", "2"]
    assert {each.headers["x-due"] for each in (first, second)} == {str((START + 13) * 1000)}
    assert second.headers["x-sent"] == "2001-09-09T01:47:00.000Z"
    assert first.headers["x-event"] == "succeeded"
    assert first.headers["x-body"] == first.body.decode()
    assert first.headers["x-sha256"] == hashlib.sha256(first.body).hexdigest()


def test_an_id_has_the_form_that_the_vendor_gives_it(tmp_path: Path) -> None:
    got = delivered(
        tmp_path, id={"prefix": "evt_", "form": "base62", "length": 24}, bindings={"header.X-Id": "webhook.id"}
    )
    assert got.headers["x-id"].startswith("evt_")
    assert len(got.headers["x-id"]) == 28


ED25519 = {
    "algorithm": "ed25519",
    "over": {"join": [{"fact": "id"}, "\n", {"fact": "account.id"}, "\n", SENT, "\n", {"fact": "webhook.sha256"}]},
}
LIMITED = {"$ref": "#/components/responses/RateLimited"}
JWKS = both(
    show(
        "/paths/~1keys",
        {"get": {"operationId": "getKeys", "security": [], "responses": {"429": LIMITED, "200": {
            "description": "Keys",
            "content": {"application/json": {
                "schema": {"type": "object", "properties": {"keys": {"type": "array"}}},
                "examples": {"ok": {"value": {"keys": [{"kty": "OKP"}]}}},
            }},
        }}}},
    ),
    behave("/operations/getKeys", {"verb": "answer", "bindings": {"/keys": "account.jwks"}}),
)  # fmt: skip


def ed25519_verifies(own: Served, got: Got) -> bool:
    """Whether one of the keys that the API serves verifies a webhook, as fal documents it."""
    from cryptography.exceptions import InvalidSignature

    job, account, sent = got.json["job"]["id"], own.account.id, got.headers["x-sent"]
    over = "\n".join([job, account, sent, hashlib.sha256(got.body).hexdigest()]).encode()
    for each in own.http.get("/keys").json()["keys"]:
        with suppress(InvalidSignature):
            jwt.PyJWK(each).key.verify(bytes.fromhex(got.headers["x-signature"]), over)
            return True
    return False


def test_ed25519_is_verified_by_the_keys_that_an_operation_serves(tmp_path: Path) -> None:
    bindings = {"header.X-Signature": "webhook.signature", "header.X-Sent": SENT}
    words = at_end(sign=ED25519, bindings=bindings)
    with receiving() as receiver, serving(tmp_path, words, JWKS, RUN) as own:
        own.submit(callback=receiver.url)
        own.advance(100)
        (got,) = receiver.got
        assert ed25519_verifies(own, got)
        assert not ed25519_verifies(own, replace(got, body=got.body + b" "))


def test_while_two_keys_overlap_both_are_served_and_the_new_one_signs(tmp_path: Path) -> None:
    bindings = {"header.X-Signature": "webhook.signature", "header.X-Sent": SENT}
    words = at_end(sign={**ED25519, "overlap": 50, "between": " "}, bindings=bindings)
    with receiving() as receiver, serving(tmp_path, words, JWKS, RUN) as own:
        (before,) = own.http.get("/keys").json()["keys"]
        own.running.default.api(NAME).rotate_webhook_secret()
        keys = own.http.get("/keys").json()["keys"]
        assert len(keys) == 2
        assert before in keys
        own.advance(60)
        (after,) = own.http.get("/keys").json()["keys"]
        assert after != before
        own.submit(callback=receiver.url)
        own.advance(60)
        (got,) = receiver.got
        assert ed25519_verifies(own, got)


def test_a_request_may_choose_the_secret_and_without_one_nothing_is_signed(tmp_path: Path) -> None:
    sign = {"algorithm": "hmac-sha256", "secret": "request./secret"}
    words = at_end(sign=sign, bindings={"header.X-Signature": "webhook.signature"})
    declared = show("/components/schemas/JobRequest/properties/secret", {"type": "string"})
    with receiving() as receiver, serving(tmp_path, words, declared, RUN) as own:
        for more in ({"secret": "one"}, {"secret": "two"}, {}):
            own.submit(callback=receiver.url, **more)
            own.advance(100)
        first, second, third = receiver.got
        for got, secret in ((first, "one"), (second, "two")):
            assert got.headers["x-signature"] == hmac.new(secret.encode(), got.body, "sha256").hexdigest()
        assert "x-signature" not in third.headers
        for got, is_genuine in ((first, True), (second, True), (third, False)):
            content = base64.b64encode(got.body).decode()
            said = own.running.default.tell("POST", "webhooks", "verify", headers=got.headers, content=content)
            assert said["verified"] is is_genuine
        forged = {"X-Signature": hmac.new(SECRET.encode(), third.body, "sha256").hexdigest()}
        content = base64.b64encode(third.body).decode()
        assert not own.running.default.tell("POST", "webhooks", "verify", headers=forged, content=content)["verified"]


def test_a_value_may_give_the_url_and_without_one_nothing_is_sent(tmp_path: Path) -> None:
    to = {"join": [{"fact": "request./callback"}, "/", {"fact": "id"}]}
    with receiving() as receiver, serving(tmp_path, told(to, states=["succeeded"]), RUN) as own:
        identity = own.submit(callback=receiver.url).json()["id"]
        own.submit()
        own.advance(100)
        (got,) = receiver.got
        assert got.path == f"/hooks/job/{identity}"


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({}, b""), ({"X-Signature": ""}, b"\xff\xfe"), ({"X-Signature": "x" * 9000}, b"[" * 5000),
        ({"X-Signature": "\u00e9"}, b"null"), ({"X-Signature": "0", "X-Sent": "1"}, b'{"job": {"id": {}}}'),
    ],
)  # fmt: skip
def test_what_is_no_webhook_is_not_verified_and_breaks_nothing(
    headers: dict[str, str], content: bytes, tmp_path: Path
) -> None:
    bindings = {"header.X-Signature": "webhook.signature", "header.X-Sent": SENT}
    with serving(tmp_path, at_end(sign=ED25519, bindings=bindings), RUN) as own:
        text = base64.b64encode(content).decode()
        told = own.running.default.tell("POST", "webhooks", "verify", headers=headers, content=text)
        assert told == {"verified": False, "api": None}


def test_a_contract_that_wants_ed25519_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.loader.signatures.has_ed25519", lambda: False)
    words = at_end(sign={"algorithm": "ed25519"}, bindings={"header.X-Signature": "webhook.signature"})
    assert any("pip install 'mockserver-kit[ed25519]'" in each for each in findings(tmp_path, words))


def test_what_is_the_same_for_all_webhooks_stands_once(tmp_path: Path) -> None:
    common = {
        "sign": {"algorithm": "hmac-sha256"}, "retries": [1],
        "bindings": {"header.X-Signature": "webhook.signature", "header.X-Kind": "webhook.event"},
    }  # fmt: skip
    words = both(at_end(bindings={"header.X-Kind": {"join": ["own"]}}), behave("/webhooks/*", common))
    with receiving([500]) as receiver, serving(tmp_path, words, RUN) as own:
        own.submit(callback=receiver.url)
        own.advance(100)
        assert [each.headers["x-kind"] for each in receiver.got] == ["own"] * 2
        expected = hmac.new(SECRET.encode(), receiver.got[0].body, "sha256").hexdigest()
        assert receiver.got[0].headers["x-signature"] == expected


def test_a_header_may_be_bound_for_one_event_alone(tmp_path: Path) -> None:
    words = told(
        states=["queued", "succeeded"],
        bindings={"header.X-End": {"join": ["no"]}, "succeeded": {"header.X-End": {"join": ["yes"]}}},
    )
    with receiving() as receiver, serving(tmp_path, words, RUN) as own:
        own.submit(callback=receiver.url)
        receiver.wait(1)
        own.advance(100)
        assert [each.headers["x-end"] for each in receiver.got] == ["no", "yes"]


def test_a_client_chooses_a_header_and_none_of_the_server_s_own(tmp_path: Path) -> None:
    echo = {"name": "request./header", "value": "request./value"}
    texts = both(
        *(show(f"/components/schemas/JobRequest/properties/{n}", {"type": "string"}) for n in ("header", "value"))
    )
    words = at_end(echo=echo, bindings={"header.X-Event": "webhook.event"})
    chosen = [
        ("X-Mine", "it is"),
        ("Host", "evil"),
        ("content-length", "1"),
        ("a b", "x"),
        ("X-Event", "x"),
        ("X-Line", "a\r\nB: c"),
    ]
    with receiving() as receiver, serving(tmp_path, words, texts, RUN) as own:
        for name, value in chosen:
            own.submit(callback=receiver.url, header=name, value=value)
        own.submit(callback=receiver.url, header="X-Alone")
        own.advance(100)
        heads = [each.headers for each in receiver.got]
    assert len(heads) == 7
    assert heads[0]["x-mine"] == "it is"
    assert all(each["host"].startswith("127.0.0.1") and each["x-event"] == "succeeded" for each in heads)
    assert heads[5]["x-line"] == "a B: c"
    assert not any("b" in each or "x-alone" in each for each in heads)


SIGNED = {"algorithm": "hmac-sha256"}
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"bindings": {"/gone": "id"}}, "no field to write in any example"),
    ({"like": "getJob"}, "its body is what `like` answers"),
    ({"sign": SIGNED}, "nothing it sends carries the signature"),
    ({"sign": "hmac-sha256-hex"}, "nothing it sends carries the signature"),
    ({"bindings": {"header.X-S": "webhook.signature"}}, "it is not signed"),
    ({"sign": SIGNED, "bindings": {"/token": "webhook.signature"}}, "the signature is over the body"),
    ({"bindings": {"/token": "webhook.sha256"}}, "is made from the body"),
    ({"sign": {**SIGNED, "over": "webhook.signature"}, "bindings": {"header.X-S": "webhook.signature"}},
     "cannot be over itself"),
    ({"sign": {**SIGNED, "secret": "webhook.signature"}, "bindings": {"header.X-S": "webhook.signature"}},
     "a signature is no secret of itself"),
    ({"sign": {"algorithm": "hmac-sha25"}}, "Did you mean 'hmac-sha256'"),
    ({"sign": "standard-webhook"}, "Did you mean 'standard-webhooks'"),
    ({"sign": {"algorithm": "sha1", "encodin": "hex"}}, "Did you mean 'encoding'"),
    ({"sign": {}}, """{} is no signature. Remedy: Write it like {"algorithm": "hmac-sha256"}"""),
    ({"sign": {"algorithm": "sha1", "over": {"join": [{"fact": "request./gone"}]}},
      "bindings": {"header.X-S": "webhook.signature"}}, "has a field /gone"),
    ({"echo": {"name": "request./gone", "value": "id"}}, "has a field /gone"),
    ({"sign": {**SIGNED, "secret": "request./gone"}, "bindings": {"header.X-S": "webhook.signature"}},
     "has a field /gone"),
    ({"bindings": {"header.X-S": "account.webhook_secre"}}, "accounts have no 'webhook_secre'"),
    ({"bindings": {"header.X-S": "secret"}}, 'the resource has no "secret"'),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_a_mistake_is_named(words: dict[str, Any], said: str, tmp_path: Path) -> None:
    found = findings(tmp_path, at_end(**words))
    assert any(said in each for each in found), found
    assert all("behavior.json" in each for each in found)


def test_facts_of_a_webhook_are_no_other_answer_s(tmp_path: Path) -> None:
    found = findings(tmp_path, behave("/operations/getJob/bindings/~1prompt", "webhook.id"))
    assert any("webhook.id is of a webhook" in each for each in found)


def test_the_form_of_earlier_versions_signs_as_it_did(tmp_path: Path) -> None:
    old = delivered(tmp_path / "a", sign={"scheme": "hmac-sha256-hex", "header": "X-Sum"})
    new = delivered(tmp_path / "b", sign="hmac-sha256-hex", bindings={"header.X-Sum": "webhook.signature"})
    assert old.headers["x-sum"] == hmac.new(SECRET.encode(), old.body, "sha256").hexdigest()
    assert new.headers["x-sum"] == hmac.new(SECRET.encode(), new.body, "sha256").hexdigest()
