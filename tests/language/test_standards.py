"""What a contract says by the names of standards is what other libraries read by them."""

from __future__ import annotations

import base64
from pathlib import Path

import http_sf
import pytest
from api_kit import receiving
from check_kit import KEYS as REFUSALS
from check_kit import behave, both, show
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flow_kit import KEY, keyed, parameter
from language_kit import NAME, SUBMIT, findings, serving
from webhook_words_kit import RUN, at_end

from mockserver import signatures

KEYS = both(
    show(
        "/paths/~1keys",
        {
            "get": {
                "operationId": "getKey",
                "responses": {
                    **REFUSALS,
                    "200": {
                        "description": "The public key",
                        "content": {
                            "application/json": {
                                "schema": {"type": "object", "properties": {"key": {"type": "string"}}},
                                "examples": {"ok": {"value": {"key": "whpk_"}}},
                            }
                        },
                    },
                },
            }
        },
    ),
    behave("/operations/getKey", {"verb": "answer", "bindings": {"/key": "account.webhook_public_key"}}),
)


def test_a_webhook_of_v1a_is_verified_by_the_public_key_that_the_account_has(tmp_path: Path) -> None:
    signed = at_end(sign="standard-webhooks-v1a")
    with receiving() as receiver, serving(tmp_path, signed, RUN, KEYS) as own:
        own.submit(callback=receiver.url)
        own.advance(100)
        (got,) = receiver.got
        shown = own.http.get("/keys", headers=KEY).json()["key"]
        assert shown == own.running.default.api(NAME).webhook_public_key
        assert shown == signatures.public_key(own.account.webhook_secret, "base64")
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(shown.removeprefix("whpk_"), validate=True))
    version, _, signature = got.headers["webhook-signature"].partition(",")
    assert version == "v1a"
    message = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    key.verify(base64.b64decode(signature, validate=True), message)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(signature), message + b" ")


def test_v1a_needs_the_package_that_signs_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.loader.signatures.has_ed25519", lambda: False)
    found = findings(tmp_path, at_end(sign="standard-webhooks-v1a"), RUN)
    assert any("pip install 'mockserver-kit[ed25519]'" in each for each in found), found


def test_rate_limit_fields_of_draft_11_are_structured_fields(tmp_path: Path) -> None:
    limit = {"name": "jobs", "per": "account", "operations": ["submitJob"], "limit": 3, "window": 60}
    with serving(tmp_path, both(behave("/limits", [limit]), behave("/limit_headers", "draft-11"))) as own:
        told = own.submit()
        policy = http_sf.parse(told.headers["ratelimit-policy"].encode(), tltype="list")
        left = http_sf.parse(told.headers["ratelimit"].encode(), tltype="list")
        assert policy == [("jobs", {"q": 3, "w": 60})]
        assert left == [("jobs", {"r": 2, "t": 60})]
        assert told.headers["ratelimit-policy"] == '"jobs";q=3;w=60'
        for _ in range(3):
            told = own.submit()
        assert (told.status_code, told.headers["retry-after"]) == (429, "60")
        assert http_sf.parse(told.headers["ratelimit"].encode(), tltype="list") == [("jobs", {"r": 0, "t": 60})]


def test_idempotency_keys_are_as_their_draft_has_them(tmp_path: Path) -> None:
    """Missing: 400, with another payload: 422, the same again: the same answer; the key is a String of RFC 9651."""
    text = {"type": "string", "pattern": '^"[ !#-~]{1,255}"$'}
    required = {**parameter("Idempotency-Key", schema=text), "required": True}
    with serving(tmp_path, keyed(), show(f"{SUBMIT}/parameters", [required])) as own:
        key = {**KEY, "Idempotency-Key": str(http_sf.ser("8e03978e-40d5-43dd-bc93-6894a57f9324"))}
        first = own.http.post("/v1/jobs", json={"prompt": "A cat"}, headers=key)
        again = own.http.post("/v1/jobs", json={"prompt": "A cat"}, headers=key)
        assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
        assert own.http.post("/v1/jobs", json={"prompt": "A dog"}, headers=key).status_code == 422
        assert own.http.post("/v1/jobs", json={"prompt": "A cat"}, headers=KEY).status_code == 400
        bare = {**KEY, "Idempotency-Key": "8e03978e"}
        assert own.http.post("/v1/jobs", json={"prompt": "A cat"}, headers=bare).status_code == 400
