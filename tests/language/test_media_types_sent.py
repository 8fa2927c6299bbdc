"""As which media type an operation sends bytes, and which of several a client wants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import Mutation, behave, both, show
from language_kit import Served, findings, serving

KEY = {"X-API-Key": "demo-key"}
JSON = "application/json"
AT = "/operations/getSaid"
PATH = "/paths/~1v1~1jobs~1{jobId}~1said"
GET = "/paths/~1v1~1jobs~1{jobId}/get"
OTHER = {"description": "x", "content": {JSON: {"examples": {"other": {"value": {"code": "not_ready"}}}}}}
KEYS = {s: {"$ref": f"#/components/responses/{n}"} for s, n in (
    ("401", "Unauthorized"), ("403", "Deactivated"), ("404", "NotFound"), ("429", "RateLimited"))}  # fmt: skip
WANTED = {"fact": "call.accepts"}


def said(types: tuple[str, ...], **words: Any) -> Mutation:
    """An operation that sends what a job says, as one of these types."""
    answer = {"description": "x", "content": {each: {} for each in types}}
    operation = {"operationId": "getSaid", "responses": {"200": answer, "409": OTHER, **KEYS}}
    return both(
        behave("/resources/job/run/outcomes", {"succeeded": 1}),
        behave("/resources/job/results/text", {"make": "text", "file": "said.txt", "text": "request./prompt"}),
        behave("/resources/job/results/words", {"make": "json", "file": "words.json"}),
        show("/components/examples/result.words", {"value": {"said": "Hello"}}),
        show(PATH, {"parameters": [{"$ref": "#/components/parameters/JobId"}], "get": operation}),
        behave(AT, {"verb": "content", "resource": "job", "result": "text", **words}),
    )


def asked(own: Served, **headers: str) -> Any:
    identity = own.submit().json()["id"]
    own.advance(100)
    return own.http.get(f"/v1/jobs/{identity}/said", headers={**KEY, **headers})


@pytest.mark.parametrize("value", ["application/octet-stream", {"join": ["application/", "octet-stream"]}])
def test_bytes_are_sent_as_the_type_that_is_said(value: object, tmp_path: Path) -> None:
    with serving(tmp_path, said(("application/octet-stream",), type=value)) as own:
        answer = asked(own)
        assert (answer.headers["content-type"], answer.text) == ("application/octet-stream", "A lighthouse")
        assert asked(own, Range="bytes=0-0").headers["content-type"] == "application/octet-stream"


def test_bytes_are_sent_as_what_they_are_where_nothing_is_said(tmp_path: Path) -> None:
    with serving(tmp_path, said(("application/octet-stream",))) as own:
        assert asked(own).headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("sent", ["text/html\r\nX-More: 1", "no type", "", "a/b/c", "text/ü"])
def test_what_is_no_media_type_is_not_sent(sent: str, tmp_path: Path) -> None:
    with serving(tmp_path, said(("*/*",), type={"fact": "request./prompt"})) as own:
        identity = own.submit(prompt=sent or " ").json()["id"]
        own.advance(100)
        answer = own.http.get(f"/v1/jobs/{identity}/said", headers=KEY)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert "x-more" not in answer.headers


def test_a_client_is_sent_the_type_that_it_wants(tmp_path: Path) -> None:
    chosen = {"fact": "call.accepts", "of": {"text/plain": "text"}, "else": "words"}
    types = ("application/vnd.acme+json", "text/plain")
    with serving(tmp_path, said(types, result=chosen, type=WANTED)) as own:
        for accept, kind, body in (
            ("text/plain", "text/plain", "A lighthouse"),
            ("text/*, application/json", "text/plain", "A lighthouse"),
            ("*/*", types[0], '{"said":"Hello"}'),
            ("image/png", "application/json", '{"said":"Hello"}'),
        ):
            answer = asked(own, Accept=accept)
            assert (answer.status_code, answer.headers["content-type"], answer.text) == (200, kind, body)


def test_an_answer_may_have_another_shape_for_another_type(tmp_path: Path) -> None:
    content = {JSON: {"schema": {}, "examples": {"other": {"value": {"id": "x"}}}}, "application/vnd.brief+json": {
        "schema": {}, "examples": {"other.brief": {"value": {"brief": True}}}}}  # fmt: skip
    brief = both(
        behave("/variants", {"brief": {"call.accepts": "application/vnd.brief+json"}}),
        show(f"{GET}/responses/200/content", content), behave("/operations/getJob/bindings", {"/id": "id"}),
        behave("/quirks", {}), behave("/webhooks", {}), show("/webhooks", {}),
    )  # fmt: skip
    with serving(tmp_path, brief) as own:
        identity = own.submit().json()["id"]
        for accept, shape in (("application/vnd.brief+json", {"brief": True}), (JSON, {"id": identity})):
            for _ in range(2):  # what is remembered of an answer is not for everybody
                answer = own.http.get(f"/v1/jobs/{identity}", headers={**KEY, "Accept": accept})
                assert answer.json() == shape


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (said(("text/plain",), type="text/vtt"), "no success of getSaid has the type 'text/vtt'"),
        (said(("text/plain",), type={"fact": "state", "of": {"failed": "text/vtt"}}), "has the type 'text/vtt'"),
        (said(("text/plain",), type="plain"), "type"),
        (said(("text/plain",), type={"fact": "call.query.none"}), "query.none"),
        (said(("text/plain",), typ="text/plain"), "typ"),
        (behave("/operations/submitJob/type", "application/json"), "submitJob is not answered with bytes"),
        (behave("/operations/getJob/bindings/header.Content-Type", "state"), "the media type under content"),
        (behave("/resources/job/bindings", {"header.content-type": "state"}), "the media type under content"),
        (behave("/operations/getJob/bindings/~1error", "call.accept"), "call.accept"),
    ],
)
def test_a_type_that_cannot_be_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"
