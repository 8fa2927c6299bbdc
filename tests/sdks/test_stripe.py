"""Stripe's own SDK, unmodified and with its own host, drives payouts and webhook endpoints in virtual time.

Each public method of `Payout` (create, retrieve, list, cancel, reverse, modify) and `WebhookEndpoint` (create,
retrieve, list, modify, delete), of the class, of an instance where there is one, and of `StripeClient.v1`, is called
with a success, each error class of the SDK that the API can cause, retries and time-outs, sync and async;
`Webhook.construct_event` judges what was delivered.

What does not apply: `expand`, `balance_transaction`, Connect (`stripe_account`), `CardError` of payments, events that
`Event.retrieve` reads, the v2 API. What is modified is shown by that answer alone.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from sdk_kit import run_suite

SUITE = '''
import asyncio
from itertools import product

import pytest
import stripe

pytestmark = pytest.mark.mockserver(contract_violations="off")

async def gathered(found):
    return [each async for each in found]

class Api:
    """The resources of the SDK, sync or async, called in one way."""

    def __init__(self, way, key):
        self.runner = asyncio.Runner() if way == "async" else None
        self.key, self.clients = key, []

    def of(self, holder, method, /, *args, **words):
        found = getattr(holder, method + ("_async" if self.runner else ""))(*args, **words)
        return self.done(found) if self.runner else found

    def done(self, found):
        async def waited():
            return await found
        return self.runner.run(waited())

    def payout(self, method, /, *args, **words):
        return self.of(stripe.Payout, method, *args, api_key=self.key, **words)

    def endpoint(self, method, /, *args, **words):
        return self.of(stripe.WebhookEndpoint, method, *args, api_key=self.key, **words)

    def each(self, page):
        """Everything of a list, page after page."""
        return self.runner.run(gathered(page.auto_paging_iter())) if self.runner else list(page.auto_paging_iter())

    def client(self):
        """The other face of the SDK."""
        self.clients.append(stripe.HTTPXClient(allow_sync_methods=False) if self.runner else stripe.RequestsClient())
        return stripe.StripeClient(self.key, http_client=self.clients[-1])

    def close(self):
        for each in [*self.clients, *([stripe.default_http_client] if stripe.default_http_client else [])]:
            self.done(each.close_async()) if self.runner else each.close()
        if self.runner:
            self.runner.close()

@pytest.fixture
def hooked(sandbox):
    return sandbox.api("stripe")

@pytest.fixture(params=["sync", "async"])
def api(request, hooked, intercept, fast_forward, monkeypatch):
    monkeypatch.setattr(stripe, "default_http_client", None)
    made = Api(request.param, hooked.api_key)
    yield made
    made.close()

@pytest.fixture
def once(api, monkeypatch):
    """Requests that are not tried again."""
    monkeypatch.setattr(stripe, "max_network_retries", 0)
    return api

def call(api, name, payout="po_" + "0" * 24, endpoint="we_" + "0" * 24):
    """Each method by its name."""
    kind, _, method = name.partition(".")
    if name == "payout.create":
        return api.payout("create", amount=100, currency="usd")
    if name == "endpoint.create":
        return api.endpoint("create", url="https://example.com/hook", enabled_events=["account.updated"])
    if method == "list":
        return getattr(api, kind)("list")
    return getattr(api, kind)(method, payout if kind == "payout" else endpoint)

PAYOUTS = ["create", "retrieve", "list", "cancel", "reverse", "modify"]
ENDPOINTS = ["create", "retrieve", "list", "modify", "delete"]
METHODS = [f"payout.{each}" for each in PAYOUTS] + [f"endpoint.{each}" for each in ENDPOINTS]
OPERATIONS = {
    f"{kind}.{method}": {"modify": "update"}.get(method, method) + noun + ("s" if method == "list" else "")
    for kind, noun, methods in (("payout", "Payout", PAYOUTS), ("endpoint", "WebhookEndpoint", ENDPOINTS))
    for method in methods
}

def made_of(api):
    """What a method may be called with."""
    return {
        "payout": api.payout("create", amount=100, currency="usd").id,
        "endpoint": api.endpoint("create", url="https://example.com/hook", enabled_events=["account.updated"]).id,
    }

def test_a_payout_from_its_creation_to_its_arrival(api, sandbox):
    made = api.payout("create", amount=1100, currency="usd", description="Weekly", statement_descriptor="ACME",
                      method="standard", source_type="card", destination="ba_1", metadata={"order": "6735", "b": "x"})
    assert (made.object, made.status, made.amount, made.currency) == ("payout", "pending", 1100, "usd")
    assert (made.description, made.statement_descriptor, made.destination) == ("Weekly", "ACME", "ba_1")
    assert made.metadata.to_dict() == {"order": "6735", "b": "x"} and made.id.startswith("po_")
    assert made.arrival_date > made.created and made.failure_code is made.failure_message is made.reversed_by is None
    seen = [made.status]
    for _ in range(30):
        sandbox.clock.advance(2)
        seen.append(api.payout("retrieve", made.id).status)
    assert list(dict.fromkeys(seen)) == ["pending", "in_transit", "paid"]
    api.of(made, "refresh")
    assert made.status == "paid"

def test_what_was_left_out_is_null(api):
    made = api.payout("create", amount=1, currency="eur")
    assert made.description is made.statement_descriptor is None and made.method == "standard" and not made.metadata

def test_a_payout_that_fails(api, hooked, sandbox):
    hooked.next_job(outcome="failed", error={"message": "It is closed", "code": "account_closed"})
    ids = [api.payout("create", amount=1, currency="usd").id]
    ids.append(api.payout("create", amount=1, currency="usd", metadata={"mock": "fail"}).id)
    sandbox.clock.advance(60)
    found = [api.payout("retrieve", each) for each in ids]
    assert [each.status for each in found] == ["failed", "failed"]
    assert (found[0].failure_code, found[0].failure_message) == ("account_closed", "It is closed")
    assert found[1].failure_code in ("account_closed", "no_account")

def test_a_payout_is_canceled_while_it_is_pending(api, sandbox):
    made = api.payout("create", amount=1, currency="usd")
    assert api.payout("cancel", made.id).status == "canceled"
    other = api.payout("create", amount=1, currency="usd")
    assert api.of(other, "cancel").status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.payout("cancel", made.id)
    assert (caught.value.http_status, caught.value.code) == (400, "payout_not_cancelable")
    sandbox.clock.advance(60)
    assert api.payout("retrieve", made.id).status == "canceled"

def test_a_payout_is_reversed_after_it_was_paid(api, sandbox):
    made = api.payout("create", amount=1, currency="usd")
    with pytest.raises(stripe.InvalidRequestError):
        api.payout("reverse", made.id)
    sandbox.clock.advance(60)
    other = api.payout("reverse", made.id, metadata={"why": "x"})
    assert other.id != made.id and (other.status, other.original_payout) == ("pending", made.id)
    assert other.metadata.to_dict() == {"why": "x"}
    found = api.payout("retrieve", made.id)
    assert (found.status, found.reversed_by) == ("paid", other.id)
    with pytest.raises(stripe.InvalidRequestError):
        api.of(found, "reverse")

def test_metadata_are_modified(api):
    made = api.payout("create", amount=1, currency="usd", metadata={"a": "1"})
    assert api.payout("modify", made.id, metadata={"b": "2"}).metadata.to_dict() == {"a": "1", "b": "2"}
    assert api.payout("modify", made.id).metadata.to_dict() == {"a": "1", "b": "2"}
    assert api.payout("modify", made.id, metadata={"a": ""}).metadata.to_dict() == {"b": "2"}
    assert api.payout("retrieve", made.id).metadata.to_dict() == {"b": "2"}
    assert api.payout("modify", made.id, metadata="").metadata.to_dict() == {}
    assert api.payout("modify", made.id, metadata={"c": "3"}).metadata.to_dict() == {"c": "3"}

def test_lists_lead_to_their_end_and_back(api):
    ids = [api.payout("create", amount=n + 1, currency="usd").id for n in range(5)][::-1]
    page = api.payout("list", limit=2)
    assert (page.object, page.url, page.has_more) == ("list", "/v1/payouts", True)
    assert [each.id for each in api.each(page)] == ids
    assert [each.amount for each in page.data] == [5, 4]
    assert [each.id for each in api.each(api.payout("list", limit=2, starting_after=ids[1]))] == ids[2:]
    assert [each.id for each in api.each(api.payout("list", limit=2, ending_before=ids[3]))] == ids[2::-1]
    after = api.of(page, "next_page")
    assert [each.id for each in after.data] == ids[2:4]
    before = api.payout("list", limit=2, ending_before=ids[4])
    assert [each.id for each in before.data] == ids[2:4]
    assert [each.id for each in api.of(before, "previous_page").data] == ids[:2]
    last = api.of(after, "next_page")
    assert (len(last.data), last.has_more) == (1, False) and api.of(last, "next_page").is_empty

def test_lists_by_time_state_and_destination(api, sandbox):
    made = []
    for n in range(3):
        made.append(api.payout("create", amount=1, currency="usd", destination=f"ba_{n}"))
        sandbox.clock.advance(100)
    times = [each.created for each in made]
    def amounts(**words):
        return [made.index(next(m for m in made if m.id == each.id)) for each in api.payout("list", **words).data]
    assert amounts(created={"gte": times[1]}) == [2, 1]
    assert amounts(created={"gt": times[1]}) == [2]
    assert amounts(created={"lt": times[1]}) == [0]
    assert amounts(created={"lte": times[1], "gte": times[1]}) == [1]
    assert amounts(destination="ba_1") == [1]
    fresh = api.payout("create", amount=1, currency="usd")
    api.payout("reverse", made[0].id)
    assert len(api.payout("list", status="paid").data) == 3
    assert [each.id for each in api.payout("list", status="pending").data] == [fresh.id]
    assert api.payout("list", status="failed").data == []

def test_an_account_without_the_money(api, hooked):
    api.key = hooked.account(credits=1000).api_key
    first = api.payout("create", amount=900, currency="usd")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.payout("create", amount=900, currency="usd")
    assert caught.value.code == "balance_insufficient"
    api.payout("cancel", first.id)
    assert api.payout("create", amount=900, currency="usd").status == "pending"
    with pytest.raises(stripe.InvalidRequestError):
        api.payout("create", amount=1, currency="usd", metadata={"mock": "insufficient"})

def test_the_same_key_gives_the_same_payout(api, sandbox):
    words = {"amount": 1, "currency": "usd", "metadata": {"a": "1"}, "idempotency_key": "k-1"}
    first, again = api.payout("create", **words), api.payout("create", **words)
    assert first.id == again.id and len(api.payout("list").data) == 1
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.idempotency_key == "k-1"
    with pytest.raises(stripe.IdempotencyError) as caught:
        api.payout("create", **{**words, "amount": 2})
    assert caught.value.http_status == 400
    sandbox.clock.advance(90000)
    assert api.payout("create", **words).id != first.id

def test_keys_of_the_sdk_itself_make_a_retry_safe(api, hooked):
    hooked.fault("answer_lost", operation="createPayout", times=1)
    made = api.payout("create", amount=1, currency="usd")
    assert [each.id for each in api.payout("list").data] == [made.id]
    assert made.last_response.headers["Idempotent-Replayed"] == "true"

@pytest.mark.parametrize("name", [each for each in METHODS if each.split(".")[1] not in ("create", "list")])
def test_an_unknown_thing(api, name):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        call(api, name)
    error = caught.value
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "id")
    assert error.request_id.startswith("req_") and error.user_message

def test_a_wrong_key_and_a_locked_account(api, hooked):
    locked = hooked.account(state="deactivated").api_key
    for key, error in (("sk_test_wrong", stripe.AuthenticationError), (locked, stripe.PermissionError)):
        api.key = key
        for name in METHODS:
            with pytest.raises(error):
                call(api, name)

BAD = [
    {}, {"amount": 1}, {"currency": "usd"}, {"amount": 0, "currency": "usd"}, {"amount": "x", "currency": "usd"},
    {"amount": 1, "currency": "dollars"}, {"amount": 1, "currency": "usd", "method": "slow"},
    {"amount": 1, "currency": "usd", "surprise": 1}, {"amount": 1, "currency": "usd", "metadata": {"a": "x" * 501}},
]

def test_a_request_that_is_not_valid(api):
    for words in BAD:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            api.payout("create", **words)
        assert caught.value.http_status == 400 and caught.value.user_message
    for words in ({"limit": 0}, {"limit": 101}, {"status": "lost"}, {"created": {"gte": "x"}}, {"starting_after": "x"}):
        with pytest.raises(stripe.InvalidRequestError):
            api.payout("list", **words)
    for words in ({}, {"url": "x", "enabled_events": ["*"]}, {"url": "https://a", "enabled_events": []}):
        with pytest.raises(stripe.InvalidRequestError):
            api.endpoint("create", **words)

CLASSES = [
    (401, "json", stripe.AuthenticationError),
    (403, "json", stripe.PermissionError), (429, "json", stripe.RateLimitError), (500, "json", stripe.APIError),
    (502, "nginx", stripe.APIError), (503, "nginx", stripe.APIError),
]

def test_every_error_has_its_class(once, hooked):
    ids = made_of(once)
    for name, (status, page, error) in product(METHODS, CLASSES):
        fault = hooked.fault("status", operation=OPERATIONS[name], status=status, page=page)
        with fault, pytest.raises(error) as caught:
            call(once, name, *ids.values())
        assert caught.value.http_status == status

@pytest.mark.parametrize("status", [409, 500, 503])
def test_the_sdk_tries_again(api, hooked, status):
    for name in METHODS:
        ids = made_of(api)
        if name == "payout.reverse":
            continue
        hooked.fault("status", operation=OPERATIONS[name], status=status, times=2)
        call(api, name, *ids.values())
        asked = [each for each in hooked.requests if each.operation == OPERATIONS[name]]
        assert [each.status for each in asked][-3:] == [status, status, 200]

def test_it_gives_up_after_two_and_never_retries_a_limit(api, hooked):
    with hooked.fault("status", operation="listPayouts", status=500), pytest.raises(stripe.APIError):
        api.payout("list")
    with hooked.fault("status", operation="listPayouts", status=429), pytest.raises(stripe.RateLimitError):
        api.payout("list")
    assert [each.status for each in hooked.requests] == [500, 500, 500, 429]

def test_the_limit_of_the_contract(api, hooked):
    hooked.scenario("overloaded")
    for _ in range(5):
        api.payout("list")
    with pytest.raises(stripe.RateLimitError) as caught:
        api.payout("list")
    assert caught.value.error.code == "rate_limit"

def test_a_service_that_hangs_or_breaks_off(once, hooked):
    ids = made_of(once)
    for name, fault in product(METHODS, ("hang", "reset_before_headers")):
        with hooked.fault(fault, operation=OPERATIONS[name]), pytest.raises(stripe.APIConnectionError):
            call(once, name, *ids.values())

def test_an_endpoint_from_its_creation_to_its_end(api):
    made = api.endpoint("create", url="https://example.com/hook", enabled_events=["payout.paid", "payout.failed"],
                        description="Payouts", metadata={"a": "1"}, api_version="2026-10-28")
    assert (made.object, made.status, made.url) == ("webhook_endpoint", "enabled", "https://example.com/hook")
    assert made.enabled_events == ["payout.paid", "payout.failed"] and made.secret.startswith("whsec_")
    found = api.endpoint("retrieve", made.id)
    assert found.id == made.id and "secret" not in found and found.metadata.to_dict() == {"a": "1"}
    changed = api.endpoint("modify", made.id, enabled_events=["*"], disabled=True, url="https://example.com/other")
    for shown in (changed, api.endpoint("retrieve", made.id)):
        assert (shown.enabled_events, shown.status, shown.url) == (["*"], "disabled", "https://example.com/other")
        assert (shown.description, shown.metadata.to_dict()) == ("Payouts", {"a": "1"})
    others = [api.endpoint("create", url="https://example.com", enabled_events=["*"]).id for _ in range(2)]
    assert [each.id for each in api.each(api.endpoint("list", limit=1))] == [*others[::-1], made.id]
    gone = api.endpoint("delete", made.id)
    assert gone.deleted and gone.id == made.id
    assert api.of(api.endpoint("retrieve", others[0]), "delete").deleted
    with pytest.raises(stripe.InvalidRequestError):
        api.endpoint("retrieve", made.id)
    assert [each.id for each in api.endpoint("list").data] == others[1:]

def test_webhooks_tell_of_a_payout_and_are_verified(api, sandbox, webhook_inbox):
    made = api.endpoint("create", url=webhook_inbox.url, enabled_events=["*"])
    payout = api.payout("create", amount=1100, currency="usd", description="Weekly", metadata={"a": "1"})
    webhook_inbox.wait(1)
    sandbox.clock.advance(60)
    told = webhook_inbox.wait(3)
    events = [stripe.Webhook.construct_event(each.body, each.headers["stripe-signature"], made.secret) for each in told]
    assert [each.type for each in events] == ["payout.created", "payout.updated", "payout.paid"]
    assert [each.data.object.status for each in events] == ["pending", "in_transit", "paid"]
    shown = events[-1].data.object
    assert isinstance(shown, stripe.Payout) and len({each.id for each in events}) == 3
    assert (shown.id, shown.amount, shown.metadata.to_dict()) == (payout.id, 1100, {"a": "1"})
    last = told[-1]
    for body, secret in ((last.body + b" ", made.secret), (last.body, "whsec_other")):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, last.headers["stripe-signature"], secret)
    sandbox.clock.advance(301)
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        stripe.Webhook.construct_event(last.body, last.headers["stripe-signature"], made.secret)

def test_an_endpoint_hears_what_it_asked_for_until_it_is_deleted(api, sandbox, webhook_inbox):
    made = api.endpoint("create", url=webhook_inbox.url, enabled_events=["payout.canceled", "payout.failed"])
    canceled = api.payout("create", amount=1, currency="usd")
    api.payout("cancel", canceled.id)
    webhook_inbox.wait(1)
    api.payout("create", amount=1, currency="usd", metadata={"mock": "fail"})
    sandbox.clock.advance(60)
    told = [each.json for each in webhook_inbox.wait(2)]
    assert [each["type"] for each in told] == ["payout.canceled", "payout.failed"]
    assert told[0]["data"]["object"]["id"] == canceled.id and told[1]["data"]["object"]["failure_code"]
    api.endpoint("delete", made.id)
    api.payout("cancel", api.payout("create", amount=1, currency="usd").id)
    sandbox.clock.advance(60)
    assert len(webhook_inbox.received) == 2

def test_a_webhook_that_is_not_taken_comes_again(api, sandbox, webhook_inbox):
    made = api.endpoint("create", url=webhook_inbox.url, enabled_events=["payout.created"])
    webhook_inbox.answer(500)
    api.payout("create", amount=1, currency="usd")
    webhook_inbox.wait(1)
    webhook_inbox.answer(200)
    sandbox.clock.advance(120)
    first, again = webhook_inbox.wait(2)
    assert first.json["id"] == again.json["id"]
    stripe.Webhook.construct_event(again.body, again.headers["stripe-signature"], made.secret)

def test_the_services_of_a_client(api, sandbox):
    client = api.client()
    payouts, endpoints = client.v1.payouts, client.v1.webhook_endpoints
    made = api.of(payouts, "create", {"amount": 5, "currency": "usd", "metadata": {"a": "1"}}, {"idempotency_key": "k"})
    assert api.of(payouts, "retrieve", made.id).amount == 5
    assert api.of(payouts, "update", made.id, {"metadata": {"b": "2"}}).metadata.to_dict() == {"a": "1", "b": "2"}
    assert [each.id for each in api.each(api.of(payouts, "list", {"limit": 1}))] == [made.id]
    assert api.of(payouts, "cancel", made.id).status == "canceled"
    other = api.of(payouts, "create", {"amount": 5, "currency": "usd"})
    sandbox.clock.advance(60)
    assert api.of(payouts, "reverse", other.id).original_payout == other.id
    hook = api.of(endpoints, "create", {"url": "https://a.com", "enabled_events": ["*"]})
    assert api.of(endpoints, "retrieve", hook.id).id == hook.id
    assert api.of(endpoints, "update", hook.id, {"disabled": True}).status == "disabled"
    assert [each.id for each in api.each(api.of(endpoints, "list"))] == [hook.id]
    assert api.of(endpoints, "delete", hook.id).deleted
'''


@pytest.mark.skipif(find_spec("stripe") is None, reason="the dependency group sdks is not installed")
def test_stripe_drives_payouts_and_webhook_endpoints(pytester: pytest.Pytester) -> None:
    run_suite(pytester, "stripe", SUITE)
