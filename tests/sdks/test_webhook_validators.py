"""Validators of vendors, unmodified, judge webhooks that were delivered, in the sandbox's time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import standardwebhooks.webhooks
from check_kit import Mutation, behave, both, show, write
from language_kit import NAME, documents
from webhook_words_kit import RUN

from mockserver import mock
from mockserver.steering import ApiHandle

SENT = {"fact": "webhook.sent", "as": "unix"}
STRIPE = {
    "id": {"prefix": "evt_", "form": "base62", "length": 24},
    "sign": {
        "algorithm": "hmac-sha256", "over": {"join": [SENT, ".", {"fact": "webhook.body"}]}, "each": "v1=",
        "overlap": 86400,
    },
    "bindings": {"header.Stripe-Signature": {"join": ["t=", SENT, ",", {"fact": "webhook.signature"}]}},
}  # fmt: skip
STANDARD = {"sign": "standard-webhooks"}
FAL_OVER = [{"fact": "id"}, "\n", {"fact": "account.id"}, "\n", SENT, "\n", {"fact": "webhook.sha256"}]
FAL = {
    "sign": {"algorithm": "ed25519", "over": {"join": FAL_OVER}},
    "bindings": {
        "header.X-Fal-Webhook-Request-Id": "id", "header.X-Fal-Webhook-User-Id": "account.id",
        "header.X-Fal-Webhook-Timestamp": SENT, "header.X-Fal-Webhook-Signature": "webhook.signature",
    },
}  # fmt: skip
KEYS = both(
    show("/paths/~1keys", {"get": {"operationId": "getKeys", "security": [], "responses": {
        "429": {"$ref": "#/components/responses/RateLimited"},
        "200": {"description": "Keys", "content": {"application/json": {
            "schema": {"type": "object"}, "examples": {"ok": {"value": {"keys": [{"kty": "OKP"}]}}},
        }}},
    }}}),
    behave("/operations/getKeys", {"verb": "answer", "bindings": {"/keys": "account.jwks"}}),
)  # fmt: skip


def told(**words: Any) -> Mutation:
    """A webhook in Stripe's envelope to each endpoint of the account."""
    event = {"id": "x", "object": "event", "type": "x", "created": 1, "data": {"object": {"id": "x"}}}
    body = {"content": {"application/json": {"examples": {"succeeded": {"value": event}}}}}
    bindings = {"/id": "webhook.id", "/type": "webhook.event", "/created": "webhook.due", "/data/object/id": "id"}
    webhook = {"to": "account", "events": {"succeeded": "payout.paid"}, **words}
    webhook["bindings"] = {**bindings, **webhook.get("bindings", {})}
    return both(show("/webhooks", {"told": {"post": {"requestBody": body}}}), behave("/webhooks", {"told": webhook}))


@contextmanager
def served(folder: Path, **words: Any) -> Iterator[ApiHandle]:
    """The API with these words, an inbox, and the sandbox's time for all that runs here."""
    where = write(folder / NAME, documents(told(**words), KEYS, RUN))
    with mock(NAME, contracts=[where], inbox=True, fast_forward=True) as api:
        yield api


def deliver(api: ApiHandle, n: int = 1) -> Any:
    """Have one job end; the last webhook of `n` that arrived."""
    httpx.post(f"{api.url}/v1/jobs", json={"prompt": "x"}, headers={"x-api-key": api.api_key}).raise_for_status()
    api.clock.advance(60)
    return api.inbox.wait(n)[-1]


@pytest.mark.skipif(find_spec("stripe") is None, reason="the dependency group sdks is not installed")
def test_stripe_takes_a_webhook_and_refuses_one_that_was_changed_is_old_or_of_another_secret(tmp_path: Path) -> None:
    import stripe

    with served(tmp_path, **STRIPE) as api:
        endpoint = api.webhook_endpoint(api.inbox.url)
        got = deliver(api)
        header = got.headers["stripe-signature"]
        event = stripe.Webhook.construct_event(got.body, header, endpoint.secret)
        assert event.type == "payout.paid"
        assert event.id.startswith("evt_")
        for body, secret in ((got.body + b" ", endpoint.secret), (got.body, "whsec_other")):
            with pytest.raises(stripe.SignatureVerificationError):
                stripe.Webhook.construct_event(body, header, secret)
        before, after = endpoint.secret, endpoint.rotate_secret()
        got = deliver(api, 2)
        for secret in (before, after):
            stripe.Webhook.construct_event(got.body, got.headers["stripe-signature"], secret)
        api.clock.advance(400)
        with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
            stripe.Webhook.construct_event(got.body, got.headers["stripe-signature"], after)


@pytest.mark.skipif(find_spec("stripe") is None, reason="the dependency group sdks is not installed")
@pytest.mark.parametrize("fault", ["webhook_bad_signature", "webhook_missing_signature", "webhook_body_mismatch"])
def test_stripe_refuses_what_a_fault_has_spoiled(fault: str, tmp_path: Path) -> None:
    import stripe

    with served(tmp_path, **STRIPE) as api:
        endpoint = api.webhook_endpoint(api.inbox.url)
        endpoint.rotate_secret()
        api.fault(fault)
        got = deliver(api)
        assert not got.verified
        header = got.headers.get("stripe-signature", "")
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(got.body, header, endpoint.secret)


@pytest.mark.skipif(find_spec("stripe") is None, reason="the dependency group sdks is not installed")
def test_stripe_refuses_a_webhook_that_is_replayed(tmp_path: Path) -> None:
    import stripe

    with served(tmp_path, **STRIPE) as api:
        endpoint = api.webhook_endpoint(api.inbox.url)
        api.fault("webhook_replayed", seconds=1000)
        first = deliver(api)
        api.clock.advance(2000)
        again = api.inbox.wait(2)[1]
        assert (first.headers, first.body) == (again.headers, again.body)
        with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
            stripe.Webhook.construct_event(again.body, again.headers["stripe-signature"], endpoint.secret)


def test_standard_webhooks_takes_what_goes_to_an_endpoint_by_each_of_its_keys(tmp_path: Path) -> None:
    words = {"sign": "standard-webhooks"}
    with served(tmp_path, **words) as api:
        endpoint = api.webhook_endpoint(api.inbox.url)
        got = deliver(api)
        read = standardwebhooks.webhooks.Webhook(endpoint.secret).verify(got.body, dict(got.headers))
        assert read["type"] == "payout.paid"
        with pytest.raises(standardwebhooks.webhooks.WebhookVerificationError):
            standardwebhooks.webhooks.Webhook(api.webhook_secret).verify(got.body, dict(got.headers))


def test_ed25519_is_verified_as_fal_documents_it(tmp_path: Path) -> None:
    with served(tmp_path, **FAL) as api:
        api.webhook_endpoint(api.inbox.url)
        got = deliver(api)
        names = ("request-id", "user-id", "timestamp")
        said = [got.headers[f"x-fal-webhook-{name}"] for name in names]
        message = "\n".join([*said, hashlib.sha256(got.body).hexdigest()]).encode()
        (key,) = httpx.get(f"{api.url}/keys").json()["keys"]
        jwt.PyJWK(key).key.verify(bytes.fromhex(got.headers["x-fal-webhook-signature"]), message)
        assert json.loads(got.body)["data"]["object"]["id"] == said[0]


@pytest.mark.parametrize("words", [STRIPE, STANDARD, FAL], ids=["stripe", "standard", "fal"])
def test_the_inbox_verifies_any_signature_that_the_contract_makes(words: dict[str, Any], tmp_path: Path) -> None:
    with served(tmp_path, **words) as api, api.webhook_endpoint(api.inbox.url):
        assert deliver(api).verified
        received = api.inbox.received[0]
        headers = {name: value for name, value in received.headers.items() if name != "content-length"}
        httpx.post(api.inbox.http_url, content=received.body + b" ", headers=headers)
        assert not api.inbox.wait(2)[1].verified
