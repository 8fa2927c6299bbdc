"""The `openai` SDK, unmodified and with its own host, drives Batches with Files, sync and async, in virtual time.

Each method of `files` and `batches` is called, and of `webhooks` those that the contract serves; errors, retries,
time-outs and webhooks are judged by the SDK's own classes. What does not apply:

- `webhooks.update`, `.rotate_secret` and `.test`: no contract changes the fields of what was created.
- `webhooks.unwrap` and `.verify_signature` speak to nobody; they are no coroutines in the async client either.
- `OAuthError`, `SubjectTokenProviderError`, `LengthFinishReasonError`, `ContentFilterFinishReasonError` and the errors
  of web sockets: no operation of these resources raises them.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from sdk_kit import DRIVERS, run_suite

SUITE = '''
import json

import openai

LINES = b"".join(
    json.dumps({"custom_id": f"request-{n}", "method": "POST", "url": "/v1/chat/completions",
                "body": {"model": "gpt-6-astra", "messages": [{"role": "user", "content": "Hello"}]}}).encode() + b"\\n"
    for n in range(20))
REQUESTS = ("requests.jsonl", LINES, "application/jsonl")


API, CLIENTS = "openai", (openai.OpenAI, openai.AsyncOpenAI)


def transport(client):
    return client


def streamed(ask, file):
    answers = ask.client.files.with_streaming_response
    if isinstance(ask, Async):
        async def gathered():
            async with answers.content(file) as answer:
                return b"".join([each async for each in answer.iter_bytes()])

        return ask.run(gathered())
    with answers.content(file) as answer:
        return b"".join(answer.iter_bytes())


def upload(ask, file=REQUESTS, purpose="batch", **words):
    return ask("files.create", file=file, purpose=purpose, **words)


def submit(ask, file=None, **words):
    file = file or upload(ask).id
    return ask("batches.create", input_file_id=file, endpoint="/v1/chat/completions", completion_window="24h", **words)


def ended(ask, batch):
    """A batch, polled as one does."""
    seen = [batch.status]
    while batch.status not in ("completed", "failed", "expired", "cancelled"):
        ask.sleep(20)
        batch = ask("batches.retrieve", batch.id)
        seen.append(batch.status)
    return batch, list(dict.fromkeys(seen))


def lines(ask, file):
    return [json.loads(each) for each in ask("files.content", file).text.splitlines()]


# Files


def test_a_file_is_uploaded_processed_and_found_again(ask):
    file = upload(ask)
    assert (file.object, file.purpose, file.filename, file.bytes) == ("file", "batch", "requests.jsonl", len(LINES))
    assert file.id.startswith("file-") and file.status == "uploaded"
    assert file.expires_at - file.created_at == 30 * 86400
    done = ask("files.wait_for_processing", file.id)
    assert done.status == "processed" and done.id == file.id
    assert ask("files.retrieve", file.id).status == "processed"


def test_a_file_may_come_from_a_path_and_be_of_any_purpose(ask, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"Some notes")
    file = upload(ask, path, "user_data", expires_after={"anchor": "created_at", "seconds": 3600})
    assert (file.filename, file.purpose, file.bytes) == ("notes.txt", "user_data", 10)
    assert file.expires_at - file.created_at == 3600
    ask.sleep(3500)
    assert ask("files.retrieve", file.id).status == "processed"
    ask.sleep(200)
    with pytest.raises(openai.NotFoundError):
        ask("files.retrieve", file.id)


def test_a_file_that_cannot_be_read_says_why(ask, api):
    api.next_job(resource="file", outcome="error", error="This is no text")
    done = ask("files.wait_for_processing", upload(ask).id)
    assert (done.status, done.status_details) == ("error", "This is no text")


def test_a_wait_for_a_file_is_given_up(ask, api):
    api.fault("stuck")
    with pytest.raises(RuntimeError, match="Giving up"):
        ask("files.wait_for_processing", upload(ask).id, max_wait_seconds=60)


def test_the_bytes_of_a_file_come_back_in_each_way_of_the_sdk(ask):
    file = upload(ask).id
    answer = ask("files.content", file)
    assert answer.content == answer.read() == LINES and answer.text == LINES.decode()
    assert b"".join(answer.iter_bytes()) == LINES and streamed(ask, file) == LINES
    with pytest.warns(DeprecationWarning):
        assert ask("files.retrieve_content", file) == LINES.decode()


def test_files_are_listed_to_the_end_in_either_order_and_by_purpose(ask):
    ids = [upload(ask).id for _ in range(5)]
    other = upload(ask, purpose="vision").id
    assert [each.id for each in ask.each("files.list", limit=2)] == [other, *ids[::-1]]
    assert [each.id for each in ask.each("files.list", limit=4, order="asc")] == [*ids, other]
    assert [each.id for each in ask.each("files.list", purpose="vision")] == [other]
    page = ask("files.list", after=ids[1])
    assert [each.id for each in page.data] == [ids[0]] and not page.has_more and not page.has_next_page()


def test_a_file_is_deleted(ask):
    file = upload(ask).id
    gone = ask("files.delete", file)
    assert (gone.id, gone.object, gone.deleted) == (file, "file", True)
    for name in ("files.retrieve", "files.content", "files.delete"):
        with pytest.raises(openai.NotFoundError, match=file):
            ask(name, file)
    assert ask.each("files.list") == []


# Batches


def test_a_batch_goes_its_way_and_leaves_a_file_of_lines(ask):
    batch = submit(ask, metadata={"project": "lighthouse"})
    assert (batch.object, batch.status, batch.metadata) == ("batch", "validating", {"project": "lighthouse"})
    assert batch.endpoint == "/v1/chat/completions" and batch.completion_window == "24h"
    assert batch.expires_at - batch.created_at == 86400 and batch.output_file_id is None
    batch, seen = ended(ask, batch)
    assert seen[0] == "validating" and "in_progress" in seen and seen[-1] == "completed"
    counts = batch.request_counts
    assert (counts.total, counts.completed, counts.failed) == (20, 20, 0)
    assert batch.created_at < batch.in_progress_at < batch.finalizing_at < batch.completed_at
    assert batch.error_file_id is None and batch.failed_at is batch.cancelled_at is batch.errors is None
    found = lines(ask, batch.output_file_id)
    assert [each["custom_id"] for each in found] == [f"request-{n}" for n in range(20)]
    assert {each["response"]["status_code"] for each in found} == {200}
    assert {each["response"]["body"]["object"] for each in found} == {"chat.completion"}
    assert found[0]["response"]["body"]["choices"][0]["message"]["content"] and found[0]["error"] is None
    output = ask("files.retrieve", batch.output_file_id)
    assert (output.purpose, output.status) == ("batch_output", "processed") and output.expires_at is None
    assert output.bytes == len(ask("files.content", batch.output_file_id).content)
    assert [each.id for each in ask.each("files.list", purpose="batch_output")] == [batch.output_file_id]


@pytest.mark.parametrize(("endpoint", "part"), [("/v1/responses", "output"), ("/v1/embeddings", "data")])
def test_lines_answer_as_the_endpoint_does(ask, endpoint, part):
    file = upload(ask).id
    batch = ask("batches.create", input_file_id=file, endpoint=endpoint, completion_window="24h")
    body = lines(ask, ended(ask, batch)[0].output_file_id)[0]["response"]["body"]
    assert part in body and "choices" not in body


def test_requests_that_failed_stand_in_a_file_of_their_own(ask):
    batch, _ = ended(ask, submit(ask, metadata={"mock": "mock:partial"}))
    done, failed = lines(ask, batch.output_file_id), lines(ask, batch.error_file_id)
    assert (len(done), len(failed)) == (batch.request_counts.completed, batch.request_counts.failed)
    assert len(done) + len(failed) == 20 and done and failed
    assert failed[0]["response"]["status_code"] == 400 and failed[0]["response"]["body"]["error"]["message"]


def test_where_every_request_failed_there_is_no_output(ask, api):
    api.next_job(resource="batch", items={"failed": 1})
    batch, _ = ended(ask, submit(ask))
    assert batch.status == "completed" and batch.output_file_id is None
    assert len(lines(ask, batch.error_file_id)) == batch.request_counts.failed == 20


def test_a_batch_that_is_not_valid_fails_with_its_errors(ask, api):
    record = {"message": "Duplicate", "code": "duplicate_custom_id", "line": 3}
    api.next_job(resource="batch", outcome="failed", error=record)
    batch, _ = ended(ask, submit(ask))
    (error,) = batch.errors.data
    assert (error.code, error.message, error.line) == ("duplicate_custom_id", "Duplicate", 3)
    assert batch.status == "failed" and batch.failed_at and batch.request_counts.total == 0
    assert batch.in_progress_at is batch.finalizing_at is None
    assert batch.output_file_id is None


def test_a_batch_expires(ask):
    kept = {"anchor": "created_at", "seconds": 7200}
    batch = submit(ask, metadata={"mock": "mock:expire"}, output_expires_after=kept)
    ask.sleep(86390)
    assert ask("batches.retrieve", batch.id).status == "in_progress"
    ask.sleep(20)
    batch = ask("batches.retrieve", batch.id)
    assert batch.status == "expired" and batch.expired_at == batch.expires_at and batch.completed_at is None
    counts, output = batch.request_counts, ask("files.retrieve", batch.output_file_id)
    assert 0 < counts.completed < counts.total == 20 and len(lines(ask, output.id)) == counts.completed
    assert output.expires_at - output.created_at == 7200
    ask.sleep(7300)
    with pytest.raises(openai.NotFoundError):
        ask("files.retrieve", output.id)


def test_a_batch_is_cancelled_and_keeps_what_was_done(ask, api):
    api.next_job(resource="batch", queued=1, running=100)
    batch = submit(ask)
    ask.sleep(60)
    batch = ask("batches.cancel", batch.id)
    assert batch.status == "cancelling" and batch.cancelling_at and batch.output_file_id is None
    batch, seen = ended(ask, batch)
    assert seen == ["cancelling", "cancelled"] and batch.cancelled_at > batch.cancelling_at
    assert 0 < batch.request_counts.completed < 20
    assert len(lines(ask, batch.output_file_id)) == batch.request_counts.completed


def test_what_has_ended_is_cancelled_no_more(connect):
    ask = connect(max_retries=1)
    batch, _ = ended(ask, submit(ask))
    with pytest.raises(openai.ConflictError, match="Cannot cancel a batch with status 'completed'"):
        ask("batches.cancel", batch.id)


def test_batches_are_listed_to_the_end(ask):
    file = upload(ask).id
    ids = [submit(ask, file).id for _ in range(23)]
    assert [each.id for each in ask.each("batches.list")] == ids[::-1]
    page = ask("batches.list", limit=5, after=ids[20])
    assert [each.id for each in page.data] == ids[15:20][::-1] and page.has_next_page()
    assert page.next_page_info().params == {"after": ids[15]}
    assert page.model_extra["first_id"] == ids[19] and page.model_extra["last_id"] == ids[15]


def test_a_batch_of_a_file_that_is_not_there_is_refused(ask):
    file = upload(ask).id
    ask("files.delete", file)
    with pytest.raises(openai.NotFoundError) as caught:
        submit(ask, file)
    assert caught.value.param == "input_file_id" and caught.value.type == "invalid_request_error"


# Errors and retries


def test_an_unknown_batch(ask):
    for name in ("batches.retrieve", "batches.cancel"):
        with pytest.raises(openai.NotFoundError, match="batch_nothing") as caught:
            ask(name, "batch_nothing")
        assert caught.value.status_code == 404 and caught.value.request_id.startswith("req_")


@pytest.mark.mockserver(contract_violations="off")
def test_a_wrong_request(ask):
    with pytest.raises(openai.BadRequestError, match="completion_window") as caught:
        ask("batches.create", input_file_id="file-x", endpoint="/v1/responses", completion_window="1h")
    assert caught.value.body["type"] == "invalid_request_error" and caught.value.param == "completion_window"
    with pytest.raises(openai.BadRequestError):
        upload(ask, purpose="poetry")
    with pytest.raises(openai.BadRequestError):
        ask("batches.list", limit=0)


def calls(file, batch, hook):
    """Each method that asks the service, what is deleted last."""
    return [
        ("files.create", (), {"file": REQUESTS, "purpose": "batch"}), ("files.retrieve", (file,), {}),
        ("files.list", (), {}), ("files.content", (file,), {}), ("files.wait_for_processing", (file,), {}),
        ("batches.create", (), {"input_file_id": file, "endpoint": "/v1/responses", "completion_window": "24h"}),
        ("batches.retrieve", (batch,), {}), ("batches.list", (), {}), ("batches.cancel", (batch,), {}),
        ("webhooks.create", (), {"name": "n", "url": "https://acme.com/hook", "event_types": ["batch.failed"]}),
        ("webhooks.retrieve", (hook,), {}), ("webhooks.list", (), {}), ("webhooks.event_types.list", (), {}),
        ("webhooks.delete", (hook,), {}), ("files.delete", (file,), {}),
    ]


def test_a_wrong_key_is_refused_by_each_method(connect):
    ask = connect("sk-wrong")
    for name, args, words in calls("file-x", "batch_x", "we_x"):
        with pytest.raises(openai.AuthenticationError, match="Incorrect API key") as caught:
            ask(name, *args, **words)
        assert caught.value.code == "invalid_api_key"


def test_each_method_is_asked_again_after_a_failure(ask, api):
    hook = ask("webhooks.create", name="n", url="https://acme.com/hook", event_types=["batch.failed"]).id
    batch = submit(ask)
    for name, args, words in calls(batch.input_file_id, batch.id, hook):
        with api.fault("status", status=500, times=1):
            assert ask(name, *args, **words)


def test_each_method_says_what_it_does_not_find(ask):
    for name, args, words in calls("file-nothing", "batch_nothing", "we_nothing"):
        if args or "input_file_id" in words:
            with pytest.raises(openai.NotFoundError, match="nothing"):
                ask(name, *args, **words)


@pytest.mark.parametrize(
    ("status", "error"), [(403, openai.PermissionDeniedError), (422, openai.UnprocessableEntityError)])
def test_other_refusals_have_their_classes(ask, api, status, error):
    api.fault("status", status=status, times=1)
    with pytest.raises(error):
        ask("files.list")


@pytest.mark.parametrize(
    ("fault", "words", "error"),
    [("status", {"status": 429, "retry_after": "seconds", "wait": 20}, openai.RateLimitError),
     ("status", {"status": 500}, openai.InternalServerError),
     ("status", {"status": 503, "page": "cloudflare"}, openai.InternalServerError),
     ("status", {"status": 409}, openai.ConflictError),
     ("close_before_headers", {}, openai.APIConnectionError),
     ("hang", {}, openai.APITimeoutError)])
def test_what_may_pass_is_asked_again_and_what_does_not_pass_is_raised(connect, api, fault, words, error):
    file = upload(connect()).id
    with api.fault(fault, operation="getFile", times=2, **words):
        answer = connect(max_retries=2)("files.with_raw_response.retrieve", file)
        assert answer.retries_taken == 2 and answer.parse().id == file
    with api.fault(fault, operation="getFile", **words), pytest.raises(error):
        connect(max_retries=1)("files.retrieve", file)


def test_a_time_out_of_one_call(connect, api):
    ask = connect(max_retries=0)
    api.fault("latency", operation="listBatches", seconds=30)
    with pytest.raises(openai.APITimeoutError):
        ask("batches.list", timeout=5)
    assert ask("batches.list", timeout=60).data == []


def test_a_lost_answer_leaves_a_batch_behind_as_it_does_with_the_vendor(ask):
    file = upload(ask).id
    with pytest.raises(openai.APIConnectionError):
        submit(ask, file, metadata={"mock": "mock:lost"})
    assert len(ask.each("batches.list")) == 3


def test_an_answer_has_a_request_id(ask):
    file = upload(ask)
    assert file._request_id.startswith("req_")
    assert ask("files.with_raw_response.retrieve", file.id).headers["x-request-id"] != file._request_id


# Webhooks


def told(ask, inbox, **words):
    """The webhook of a batch that went to an endpoint of its own."""
    endpoint = ask("webhooks.create", name="Test", url=inbox.url, event_types=["batch.completed", "batch.failed"])
    before = len(inbox.received)
    batch, _ = ended(ask, submit(ask, **words))
    return endpoint, batch, inbox.wait(before + 1)[-1]


def test_a_webhook_is_unwrapped(ask, webhook_inbox):
    endpoint, batch, got = told(ask, webhook_inbox)
    event = ask("webhooks.unwrap", got.body, got.headers, secret=endpoint.signing_secret)
    assert isinstance(event, openai.types.webhooks.BatchCompletedWebhookEvent)
    assert event.data.id == batch.id and event.created_at == batch.completed_at and event.id.startswith("evt_")
    ask("webhooks.verify_signature", got.body, got.headers, secret=endpoint.signing_secret)


def test_each_end_has_its_event(ask, webhook_inbox):
    endpoint, batch, got = told(ask, webhook_inbox, metadata={"mock": "mock:fail"})
    event = ask("webhooks.unwrap", got.body, got.headers, secret=endpoint.signing_secret)
    assert isinstance(event, openai.types.webhooks.BatchFailedWebhookEvent) and event.data.id == batch.id


def test_the_client_has_the_secret(connect, webhook_inbox):
    endpoint, batch, got = told(connect(), webhook_inbox)
    ask = connect(webhook_secret=endpoint.signing_secret)
    assert ask("webhooks.unwrap", got.body, got.headers).data.id == batch.id


def test_a_webhook_that_is_wrong_is_refused(ask, webhook_inbox):
    endpoint, _, got = told(ask, webhook_inbox)
    for body, secret in ((got.body + b" ", endpoint.signing_secret), (got.body, "whsec_AAAA")):
        for name in ("webhooks.unwrap", "webhooks.verify_signature"):
            with pytest.raises(openai.InvalidWebhookSignatureError, match="does not match"):
                ask(name, body, got.headers, secret=secret)
    time.sleep(400)
    with pytest.raises(openai.InvalidWebhookSignatureError, match="too old"):
        ask("webhooks.unwrap", got.body, got.headers, secret=endpoint.signing_secret)
    ask("webhooks.verify_signature", got.body, got.headers, secret=endpoint.signing_secret, tolerance=4000)


def test_a_webhook_with_a_bad_signature_is_refused(ask, api, webhook_inbox):
    api.fault("webhook_bad_signature")
    endpoint, _, got = told(ask, webhook_inbox)
    with pytest.raises(openai.InvalidWebhookSignatureError, match="does not match"):
        ask("webhooks.unwrap", got.body, got.headers, secret=endpoint.signing_secret)


def test_endpoints_are_made_looked_at_listed_and_deleted(ask, webhook_inbox):
    wanted = {"url": webhook_inbox.url, "event_types": ["batch.expired"]}
    made = [ask("webhooks.create", name=f"n{n}", **wanted) for n in range(3)]
    assert len({each.signing_secret for each in made}) == 3 and made[0].signing_secret.startswith("whsec_")
    shown = ask("webhooks.retrieve", made[0].id)
    assert (shown.name, shown.url, shown.event_types) == ("n0", webhook_inbox.url, ["batch.expired"])
    assert "signing_secret" not in (shown.model_extra or {})
    assert [each.name for each in ask.each("webhooks.list", limit=2)] == ["n2", "n1", "n0"]
    assert ask("webhooks.delete", made[1].id).deleted
    assert [each.name for each in ask.each("webhooks.list")] == ["n2", "n0"]
    with pytest.raises(openai.NotFoundError):
        ask("webhooks.retrieve", made[1].id)
    assert "batch.completed" in ask("webhooks.event_types.list").data


def test_an_endpoint_that_is_gone_or_asked_for_other_events_is_told_nothing(ask, webhook_inbox):
    gone = ask("webhooks.create", name="gone", url=webhook_inbox.url, event_types=["batch.completed"])
    ask("webhooks.delete", gone.id)
    ask("webhooks.create", name="other", url=webhook_inbox.url, event_types=["batch.failed"])
    told(ask, webhook_inbox)
    ask.sleep(600)
    assert len(webhook_inbox.received) == 1
'''


@pytest.mark.skipif(find_spec("openai") is None, reason="the dependency group sdks is not installed")
def test_openai_drives_batches_and_files(pytester: pytest.Pytester) -> None:
    run_suite(pytester, "openai", DRIVERS + SUITE)
