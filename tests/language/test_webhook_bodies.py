"""In which media type a webhook goes out, and which answers end its attempts."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from api_kit import receiving
from check_kit import Mutation, behave, both, show
from language_kit import Served, findings, serving

FORM = "application/x-www-form-urlencoded"
SHOWN = {"status": "done", "job": {"id": "x", "tags": ["a", "b"]}, "list": ["a b", 1], "is_last": True, "none": None}


def sent_as(media_type: str, shown: Any = SHOWN, said: Any = None, **more: Any) -> Mutation:
    """A webhook of the success, in a media type; `said` is beside its example."""
    content = {media_type: {"examples": {"succeeded": {"value": shown}}, **(said or {})}}
    bindings = {"bindings": {"/job/id": "id"}} if isinstance(shown, dict) and "job" in shown else {}
    return both(
        show("/webhooks", {"told": {"post": {"requestBody": {"content": content}}}}),
        behave("/webhooks", {"told": {"to": "request./callback", **bindings, **more}}),
    )


def fields(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)


def test_a_webhook_is_a_form_where_the_document_says_so(tmp_path: Path) -> None:
    deep = {"encoding": {"job": {"style": "deepObject"}}}
    with receiving() as receiver, serving(tmp_path, sent_as(FORM, said=deep)) as own:
        identity = own.submit(callback=receiver.url).json()["id"]
        own.advance(60)
        (got,) = receiver.got
        assert got.headers["content-type"] == FORM
        assert fields(got.body) == [
            ("status", "done"), ("job[id]", identity), ("job[tags][0]", "a"), ("job[tags][1]", "b"),
            ("list", "a b"), ("list", "1"), ("is_last", "true"),
        ]  # fmt: skip


def test_an_object_without_a_style_is_json_in_its_field(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, sent_as(FORM, {"job": {"id": "x", "no": None}})) as own:
        identity = own.submit(callback=receiver.url).json()["id"]
        own.advance(60)
        assert fields(receiver.got[0].body) == [("job", f'{{"id":"{identity}"}}')]


def test_what_is_signed_is_the_form_as_it_goes_out(tmp_path: Path) -> None:
    signed = sent_as(
        FORM,
        sign={"algorithm": "sha256"},
        bindings={"/job/id": "id", "header.X-Signature": "webhook.signature", "header.X-Digest": "webhook.sha256"},
    )
    with receiving() as receiver, serving(tmp_path, signed) as own:
        own.submit(callback=receiver.url)
        own.advance(60)
        assert receiver.got[0].headers["x-signature"] == receiver.got[0].headers["x-digest"]


@pytest.mark.parametrize(
    ("media_type", "shown", "body"),
    [
        ("application/cloudevents+json", {"status": "done"}, b'{"status":"done"}'),
        ("text/plain", "done", b"done"),
    ],
)
def test_a_webhook_has_the_media_type_of_its_document(media_type: str, shown: Any, body: bytes, tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, sent_as(media_type, shown)) as own:
        own.submit(callback=receiver.url)
        own.advance(60)
        assert (receiver.got[0].headers["content-type"], receiver.got[0].body) == (media_type, body)


def test_a_callback_is_a_form_too(tmp_path: Path) -> None:
    done = {"post": {"requestBody": {"content": {FORM: {"examples": {"succeeded": {"value": {"id": "x"}}}}}},
                     "responses": {"200": {"description": "Taken"}}}}  # fmt: skip
    called = both(
        show("/webhooks", {}),
        show("/paths/~1v1~1jobs/post/callbacks", {"done": {"{$request.body#/callback}": done}}),
        behave("/webhooks", {"done": {"bindings": {"/id": "id"}}}),
    )
    with receiving() as receiver, serving(tmp_path, called) as own:
        identity = own.submit(callback=receiver.url).json()["id"]
        own.advance(60)
        assert fields(receiver.got[0].body) == [("id", identity)]


@pytest.mark.parametrize(
    ("retries", "statuses", "count"),
    [
        ({"after": [1, 1], "final": "4xx"}, [404], 1),
        ({"after": [1, 1], "final": "4xx"}, [503, 499], 2),
        ({"after": [1, 1], "final": "4xx"}, [500, 500, 500], 3),
        ({"after": [1, 1], "final": "410"}, [404, 410], 2),
        ({"after": [1, 1]}, [404, 404, 404], 3),
        ([1, 1], [404, 410], 2),
    ],
)
def test_an_answer_that_is_final_ends_the_attempts(
    retries: Any, statuses: list[int], count: int, tmp_path: Path
) -> None:
    with receiving(statuses) as receiver, serving(tmp_path, sent_as("application/json", retries=retries)) as own:
        own.submit(callback=receiver.url)
        own.advance(60)
        own.advance(60)
        assert len(receiver.got) == count
        assert outcomes(own) == ["delivered" if len(statuses) < count else "refused"]


def outcomes(own: Served) -> list[str]:
    return [each["outcome"] for each in own.webhooks()]


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (sent_as("multipart/form-data"), "no webhook is multipart/form-data"),
        (sent_as(FORM, "done"), "the webhook told is a form, and this is no object"),
        (sent_as("application/json", retries={"after": [1], "final": "5xx"}), "'5xx'"),
        (sent_as("application/json", retries={"final": "4xx"}), "'after' is missing"),
        (sent_as("application/json", retries={"after": [-1]}), "-1"),
        (sent_as("application/json", retries={"afer": [1]}), "'afer'"),
        (
            sent_as(FORM, said={"schema": {"type": "object", "properties": {"status": {"type": "integer"}}}}),
            "the example breaks its schema",
        ),
        (
            both(
                sent_as(FORM, said={"schema": {"properties": {"status": {"enum": ["done"]}}}}),
                behave("/webhooks/told/bindings/~1status", "id"),
            ),
            "does not fit the schema of the webhook",
        ),
    ],
)
def test_a_webhook_that_cannot_go_out_so_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"
