"""Anthropic's own SDK, unmodified and with its own host, drives Message Batches of the gallery in virtual time.

Each public method of `messages.batches` and `beta.messages.batches` (create, retrieve, list, cancel, delete, results)
is called with a success, every error class of the SDK, retries and time-outs, sync and async, as it is, with
`with_raw_response` and `with_streaming_response`.

What does not apply: `beta.webhooks` (no event tells of a batch), `with_options(middleware=…)` and credentials of
organizations (nothing of them is sent), uploads (a batch is JSON), idempotency keys (the SDK sends none, so a creation
whose answer is lost makes two batches: a test says so).
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from sdk_kit import run_suite

SUITE = '''
import asyncio
import time
from datetime import timedelta
from itertools import product

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic

pytestmark = pytest.mark.mockserver(contract_violations="off")

def ask(name, prompt="Hello, world", **params):
    words = {"model": "claude-sonnet-4-5", "max_tokens": 64, "messages": [{"role": "user", "content": prompt}]}
    return {"custom_id": name, "params": {**words, **params}}

async def gathered(found):
    return [each async for each in found]

async def entered(opened):
    async with opened as response:
        return response.headers.get("request-id"), await response.read()

class Batches:
    """The resource of a client, sync or async, called in one way."""

    def __init__(self, way, room, key, **options):
        self.runner = asyncio.Runner() if way == "async" else None
        self.client = (AsyncAnthropic if self.runner else Anthropic)(api_key=key, **options)
        self.resource = (self.client.beta if room == "beta" else self.client).messages.batches

    def of(self, resource, method, *args, **words):
        found = getattr(resource, method)(*args, **words)
        return self.done(found) if self.runner and asyncio.iscoroutine(found) else found

    def done(self, found):
        async def waited():
            return await found
        return self.runner.run(waited()) if self.runner else found

    def __getattr__(self, method):
        return lambda *args, **words: self.of(self.resource, method, *args, **words)

    def each(self, found):
        """Everything a list or a decoder gives, page after page."""
        return self.runner.run(gathered(found)) if self.runner else list(found)

    def raw(self, method, *args, **words):
        return self.of(self.resource.with_raw_response, method, *args, **words)

    def parsed(self, raw):
        found = raw.parse()
        return self.done(found) if asyncio.iscoroutine(found) else found

    def streamed(self, method, *args, **words):
        opened = getattr(self.resource.with_streaming_response, method)(*args, **words)
        if self.runner:
            return self.runner.run(entered(opened))
        with opened as response:
            return response.headers.get("request-id"), response.read()

    def ended(self, identity, pause=60):
        """Polls as the documentation shows it."""
        for _ in range(30):
            found = self.retrieve(identity)
            if found.processing_status == "ended":
                return found
            time.sleep(pause)
        raise AssertionError("it does not end")

@pytest.fixture
def api(sandbox):
    return sandbox.api("anthropic")

@pytest.fixture
def make(api, intercept, fast_forward):
    made = []
    def client(way="sync", room="stable", key=None, **options):
        made.append(Batches(way, room, key or api.api_key, **options))
        return made[-1]
    yield client
    for each in made:
        if each.runner:
            each.done(each.client.close())
            each.runner.close()
        else:
            each.client.close()

@pytest.fixture(params=["sync", "async", "sync beta", "async beta"])
def batches(request, make):
    return make(*request.param.split())

@pytest.fixture(params=["sync", "async"])
def either(request, make):
    return make(request.param)

@pytest.fixture(params=["sync", "async"])
def once(request, make):
    """A client that does not try again."""
    return make(request.param, max_retries=0)

METHODS = ["create", "retrieve", "list", "cancel", "delete", "results"]
OPERATIONS = dict(zip(METHODS, ["createMessageBatch", "retrieveMessageBatch", "listMessageBatches",
                                "cancelMessageBatch", "deleteMessageBatch", "messageBatchResults"]))

def call(batches, method, identity="msgbatch_" + "0" * 24):
    if method == "create":
        return batches.create(requests=[ask("a")])
    return batches.done(batches.list()) if method == "list" else getattr(batches, method)(identity)

def counts(batch):
    found = batch.request_counts
    return [found.processing, found.succeeded, found.errored, found.canceled, found.expired]

def test_a_batch_from_its_creation_to_its_results(batches):
    asked = [ask("a"), ask("b", "mock:fail"), ask("c", max_tokens=None), ask("d", "mock:expired")]
    made = batches.create(requests=asked)
    assert (made.type, made.processing_status, counts(made)) == ("message_batch", "in_progress", [4, 0, 0, 0, 0])
    assert made.expires_at - made.created_at == timedelta(hours=24)
    assert made.ended_at is made.results_url is made.cancel_initiated_at is made.archived_at is None
    done = batches.ended(made.id)
    assert (done.id, counts(done)) == (made.id, [0, 1, 2, 0, 1])
    assert made.created_at < done.ended_at < made.expires_at
    lines = {each.custom_id: each.result for each in batches.each(batches.results(made.id))}
    assert {name: each.type for name, each in lines.items()} == {
        "a": "succeeded", "b": "errored", "c": "errored", "d": "expired"}
    message = lines["a"].message
    assert (message.type, message.role, message.model, message.stop_reason) == (
        "message", "assistant", "claude-sonnet-4-5", "end_turn")
    assert message.content[0].text and message.usage.output_tokens and message.usage.service_tier == "batch"
    assert lines["b"].error.error.type == "invalid_request_error"

def test_results_are_streamed_line_by_line(batches):
    made = batches.create(requests=[ask(f"request-{n}") for n in range(50)])
    batches.ended(made.id)
    lines = batches.each(batches.results(made.id))
    assert [each.custom_id for each in lines] == [f"request-{n}" for n in range(50)]
    assert len({each.result.message.id for each in lines}) == 50
    assert all(each.result.message.id.startswith("msg_") for each in lines)

def test_results_of_a_batch_in_work_are_refused_by_the_sdk_itself(batches):
    made = batches.create(requests=[ask("a")])
    with pytest.raises(anthropic.AnthropicError, match="No `results_url`"):
        batches.results(made.id)

def test_lists_lead_to_their_end_and_back(batches):
    ids = [batches.create(requests=[ask("a")]).id for _ in range(5)][::-1]
    assert [each.id for each in batches.each(batches.list(limit=2))] == ids
    assert [each.id for each in batches.each(batches.list(limit=2, after_id=ids[1]))] == ids[2:]
    assert sorted(each.id for each in batches.each(batches.list(limit=2, before_id=ids[3]))) == sorted(ids[:3])
    page = batches.done(batches.list(limit=2))
    assert ([each.id for each in page.data], page.has_more, page.first_id, page.last_id) == (ids[:2], True, *ids[:2])
    assert page.has_next_page()
    after = batches.done(page.get_next_page())
    assert [each.id for each in after.data] == ids[2:4]
    last = batches.done(after.get_next_page())
    assert ([each.id for each in last.data], last.has_more, last.has_next_page()) == (ids[4:], False, False)

def test_an_empty_list(batches):
    page = batches.done(batches.list())
    assert (page.data, page.has_more, page.first_id, page.last_id) == ([], False, None, None)
    assert batches.each(batches.list()) == []

def test_cancelling_takes_its_time_and_keeps_what_was_done(batches, sandbox):
    made = batches.create(requests=[ask(f"request-{n}") for n in range(20)])
    sandbox.clock.advance(15)
    canceled = batches.cancel(made.id)
    assert (canceled.processing_status, counts(canceled)) == ("canceling", [20, 0, 0, 0, 0])
    assert canceled.cancel_initiated_at and canceled.ended_at is None
    assert batches.cancel(made.id).processing_status == "canceling"
    done = batches.ended(made.id)
    kept = done.request_counts.succeeded
    assert 0 < kept < 20 and counts(done) == [0, kept, 0, 20 - kept, 0]
    assert done.cancel_initiated_at == canceled.cancel_initiated_at < done.ended_at
    kinds = [each.result.type for each in batches.each(batches.results(made.id))]
    assert kinds == ["succeeded"] * kept + ["canceled"] * (20 - kept)
    with pytest.raises(anthropic.BadRequestError):
        batches.cancel(made.id)

def test_a_batch_expires_after_a_day(batches, api):
    api.next_job(running=2 * 86400)
    made = batches.create(requests=[ask(f"request-{n}") for n in range(4)])
    done = batches.ended(made.id, 3600)
    assert (done.ended_at, counts(done)) == (done.expires_at, [0, 2, 0, 0, 2])
    kinds = [each.result.type for each in batches.each(batches.results(made.id))]
    assert kinds == ["succeeded", "succeeded", "expired", "expired"]

def test_results_are_gone_after_29_days(batches, sandbox):
    made = batches.create(requests=[ask("a")])
    batches.ended(made.id)
    sandbox.clock.advance(30 * 86400)
    found = batches.retrieve(made.id)
    assert found.archived_at and found.results_url is None and counts(found) == [0, 1, 0, 0, 0]
    with pytest.raises(anthropic.AnthropicError, match="No `results_url`"):
        batches.results(made.id)

def test_a_batch_is_deleted_when_it_has_ended(batches):
    made = batches.create(requests=[ask("a")])
    with pytest.raises(anthropic.BadRequestError):
        batches.delete(made.id)
    batches.ended(made.id)
    deleted = batches.delete(made.id)
    assert (deleted.id, deleted.type) == (made.id, "message_batch_deleted")
    for method in ("retrieve", "cancel", "delete", "results"):
        with pytest.raises(anthropic.NotFoundError):
            call(batches, method, made.id)
    assert batches.each(batches.list()) == []

def test_an_unknown_batch(batches):
    for method in ("retrieve", "cancel", "delete", "results"):
        with pytest.raises(anthropic.NotFoundError) as caught:
            call(batches, method)
        error = caught.value
        assert (error.status_code, error.type) == (404, "not_found_error")
        assert error.request_id.startswith("req_") and error.body["request_id"] == error.request_id

@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_wrong_key_and_a_locked_account(make, api, way):
    locked = api.account(state="deactivated")
    for key, error, kind in (("sk-ant-wrong", anthropic.AuthenticationError, "authentication_error"),
                             (locked.api_key, anthropic.PermissionDeniedError, "permission_error")):
        client = make(way, key=key)
        for method in METHODS:
            with pytest.raises(error) as caught:
                call(client, method)
            assert caught.value.type == kind

BAD = [
    {"requests": []},
    {"requests": [{"custom_id": "a b", "params": {}}]},
    {"requests": [{"custom_id": "a" * 65, "params": {}}]},
    {"requests": [{"params": {}}]},
    {"requests": [{"custom_id": "a"}]},
    {"requests": [ask("a")], "extra_body": {"surprise": 1}},
]

def test_a_request_that_is_not_valid(batches):
    for words in BAD:
        with pytest.raises(anthropic.BadRequestError) as caught:
            batches.create(**words)
        assert caught.value.type == "invalid_request_error" and caught.value.api_message
    for limit in (0, 1001):
        with pytest.raises(anthropic.BadRequestError, match="limit"):
            batches.each(batches.list(limit=limit))
    with pytest.raises(anthropic.BadRequestError):
        batches.each(batches.list(after_id="msgbatch_" + "0" * 24))

@pytest.mark.parametrize("way", ["sync", "async"])
def test_every_request_says_a_version(make, way):
    for version in (anthropic.omit, "1999-01-01"):
        client = make(way, default_headers={"anthropic-version": version})
        for method in METHODS:
            with pytest.raises(anthropic.BadRequestError, match="anthropic-version"):
                call(client, method)

def test_headers_that_a_call_may_send(batches):
    made = batches.create(requests=[ask("a")], user_profile_id="uprof_1", workspace_id="wrkspc_1")
    assert batches.retrieve(made.id, workspace_id="wrkspc_1").id == made.id

def test_a_bearer_token_and_the_header_of_before_open_as_well(make, api, intercept, fast_forward):
    for words in ({"auth_token": api.api_key}, {"default_headers": {"X-Api-Key": api.api_key}}):
        with Anthropic(**words) as client:
            assert client.messages.batches.list().data == []

STATUSES = [
    (402, "PaymentRequiredError"), (408, "RequestTimeoutError"), (409, "ConflictError"), (413, "ContentTooLargeError"),
    (422, "UnprocessableEntityError"), (429, "RateLimitError"), (500, "InternalServerError"),
    (503, "ServiceUnavailableError"), (504, "GatewayTimeoutError"), (529, "OverloadedError"),
]

def test_every_error_has_its_class(once, api):
    made = once.create(requests=[ask("a")])
    once.ended(made.id)
    for method, (status, name) in product(METHODS, STATUSES):
        with api.fault("status", operation=OPERATIONS[method], status=status):
            with pytest.raises(getattr(anthropic, name)) as caught:
                call(once, method, made.id)
            assert caught.value.status_code == status

@pytest.mark.parametrize("method", METHODS)
def test_the_sdk_tries_again(either, api, method):
    made = either.create(requests=[ask("a")])
    either.ended(made.id)
    for status in (408, 409, 429, 500, 529):
        if method in ("cancel", "delete"):
            made = either.create(requests=[ask("a")])
        if method == "delete":
            either.ended(made.id)
        api.fault("status", operation=OPERATIONS[method], status=status, times=2)
        call(either, method, made.id)
        asked = [each for each in api.requests if each.operation == OPERATIONS[method]]
        assert [each.status for each in asked][-3:] == [status, status, 200]

def test_it_gives_up_after_two(either, api):
    api.fault("status", operation="listMessageBatches", status=529)
    with pytest.raises(anthropic.OverloadedError):
        either.each(either.list())
    assert len([each for each in api.requests if each.operation == "listMessageBatches"]) == 3

def test_it_waits_as_long_as_it_is_told(either, api, sandbox):
    api.fault("status", operation="listMessageBatches", status=429, retry_after="seconds", wait=17, times=1)
    before = sandbox.clock.now()
    either.each(either.list())
    assert 17 <= sandbox.clock.now() - before < 18

def test_the_limit_of_the_contract(once, api):
    api.scenario("overloaded")
    for _ in range(20):
        once.each(once.list())
    with pytest.raises(anthropic.RateLimitError) as caught:
        once.each(once.list())
    assert caught.value.type == "rate_limit_error" and int(caught.value.response.headers["retry-after"]) > 0

@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_service_that_hangs(make, api, way):
    client = make(way, max_retries=0, timeout=5)
    made = client.create(requests=[ask("a")])
    client.ended(made.id)
    for method in METHODS:
        with api.fault("hang", operation=OPERATIONS[method]), pytest.raises(anthropic.APITimeoutError):
            call(client, method, made.id)

def test_a_connection_that_breaks(once, api):
    made = once.create(requests=[ask("a")])
    once.ended(made.id)
    for method in METHODS:
        with api.fault("reset_before_headers", operation=OPERATIONS[method]):
            with pytest.raises(anthropic.APIConnectionError):
                call(once, method, made.id)

def test_results_that_break_off(once, api):
    made = once.create(requests=[ask(f"request-{n}") for n in range(50)])
    once.ended(made.id)
    api.fault("close_mid_body", operation="messageBatchResults", at=0.5, times=1)
    with pytest.raises(Exception) as caught:
        once.each(once.results(made.id))
    assert "peer closed connection" in str(caught.value) or "incomplete" in str(caught.value)
    assert len(once.each(once.results(made.id))) == 50

def test_a_creation_whose_answer_is_lost_is_made_twice(either, api):
    api.fault("answer_lost", operation="createMessageBatch", times=1)
    made = either.create(requests=[ask("a")])
    assert len(either.each(either.list())) == 2
    assert either.retrieve(made.id).id == made.id

def test_raw_and_streamed_responses(batches):
    raw = batches.raw("create", requests=[ask("a")])
    made = batches.parsed(raw)
    assert raw.headers["request-id"] == raw.request_id and raw.retries_taken == 0
    batches.ended(made.id)
    seen = [raw.headers["request-id"]]
    for method in ("retrieve", "list", "results"):
        words = [] if method == "list" else [made.id]
        raw = batches.raw(method, *words)
        identity, body = batches.streamed(method, *words)
        assert raw.status_code == 200 and (made.id in body.decode()) == (method != "results")
        seen += [raw.headers.get("request-id"), identity]
    seen.append(batches.raw("delete", made.id).headers["request-id"])
    made = batches.create(requests=[ask("a")])
    seen += [batches.raw("cancel", made.id).headers["request-id"], batches.streamed("cancel", made.id)[0]]
    told = [each for each in seen if each]
    assert len(told) == len(set(told)) == 8

def test_words_that_make_a_batch_late(once, sandbox):
    made = [once.create(requests=[ask("a", prompt)]) for prompt in ("mock:slow", "mock:late", "mock:stuck")]
    sandbox.clock.advance(3000)
    assert {once.retrieve(each.id).processing_status for each in made} == {"in_progress"}

def test_a_word_that_is_refused(once):
    with pytest.raises(anthropic.OverloadedError):
        once.create(requests=[ask("a", "mock:unavailable")])

def test_the_failing_scenario(once, api):
    api.scenario("failing")
    made = once.create(requests=[ask("a"), ask("b")])
    assert counts(once.ended(made.id, 3600)) == [0, 1, 0, 0, 1]
'''


@pytest.mark.skipif(find_spec("anthropic") is None, reason="the dependency group sdks is not installed")
def test_anthropic_drives_message_batches(pytester: pytest.Pytester) -> None:
    run_suite(pytester, "anthropic", SUITE, fine=frozenset({"passed"}))
