"""What a walk does when things go wrong otherwise than in a field: no answer, no JSON, passed limits, open schemas."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from verify_kit import served, walk

from mockserver.contract import Contract
from mockserver.launch import contracts_in
from mockserver.live import DEMO, Credentials, Live, LiveReply
from mockserver.live.requests import Sample, plain
from mockserver.verify import Report, VerifyOptions, report_text, verify
from mockserver.verify.asked import shown_request
from mockserver.verify.compare import compare
from mockserver.verify.drift import BROKEN, STRICT, broken
from mockserver.verify.schema_drift import body_drifts
from mockserver.verify.walker import Walker

CONTRACTS = {contract.name: contract for contract in contracts_in()}
VIDGEN = CONTRACTS["vidgen"]
STATUS = VIDGEN.operations["getStatus"]
JSON = {"content-type": "application/json"}


class Scripted(Live):
    """Answers what it was told to; the last answer again and again."""

    def script(self, replies: Sequence[LiveReply | Exception]) -> Scripted:
        self.replies = list(replies)
        self.slept: list[float] = []
        self.sleep = self.slept.append
        return self

    def request(self, method: str, path: str, headers: Any = (), body: bytes = b"") -> LiveReply:
        reply = self.replies[0] if len(self.replies) == 1 else self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


def walker(*replies: LiveReply | Exception) -> tuple[Walker, Scripted]:
    client = Scripted(VIDGEN, "http://127.0.0.1:1", DEMO).script(replies)
    return Walker(VIDGEN, client, Report(VIDGEN)), client


def kinds(report: Report) -> list[str]:
    return [drift.kind for drift in report.drifts.values()]


def test_a_server_that_does_not_answer_is_drift_and_no_crash() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = Live(VIDGEN, f"http://127.0.0.1:{taken.getsockname()[1]}", DEMO)
        walks = Walker(VIDGEN, client, Report(VIDGEN))
        assert walks.ask(plain(STATUS, "x")).status == 0
    assert kinds(walks.report) == ["other_status"]
    assert f"no answer came to GET {plain(STATUS, 'x').target}: " in report_text(walks.report)


def test_a_request_that_was_not_answered_is_told_without_its_secrets() -> None:
    known = Credentials(api_key="silver-otter-77")
    body = b'{"prompt": "a cat", "api_key": "abc123def", "note": "silver-otter-77"}'
    sent = [("Content-Type", "application/json")]
    shown = shown_request("POST", "/v1/jobs?wait=1&key=silver-otter-77", sent, body, known)
    assert shown.startswith("POST /v1/jobs?wait=1&key=")
    assert '"prompt": "a cat"' in shown
    assert "silver-otter" not in shown
    assert "abc123def" not in shown
    long = shown_request("POST", "/v1/jobs", sent, b'{"prompt": "%b"}' % (b"ab " * 400), known)
    assert len(long) < 330
    assert long.endswith("…")
    assert shown_request("PUT", "/f", [("content-type", "image/png")], b"\x89PNG", known) == (
        "PUT /f with 4 bytes of image/png"
    )


@pytest.mark.parametrize(("headers", "seconds"), [({"retry-after": "7"}, 7), ({"retry-after": "soon"}, 60), ({}, 60)])
def test_a_passed_limit_is_waited_for(headers: dict[str, str], seconds: float) -> None:
    limited = STATUS.examples["rate_limited"][0]
    refused = LiveReply(429, {**JSON, **headers}, json_of(limited.value))
    walks, client = walker(refused, LiveReply(404, JSON, b'{"error": "Job not found"}'))
    said: list[str] = []
    walks.watch = said.append
    assert walks.ask(plain(STATUS, "x")).status == 404
    assert client.slept == [seconds]
    assert said == [f"getStatus: a rate limit was passed; waiting for {seconds} s until its window ends"]


def json_of(value: Any) -> bytes:
    from mockserver.validation import write_json

    return write_json(value)


def test_a_limit_that_never_ends_is_given_up() -> None:
    refused = LiveReply(429, JSON, json_of(STATUS.examples["rate_limited"][0].value))
    walks, client = walker(refused)
    assert walks.ask(plain(STATUS, "x")).status == 429
    assert len(client.slept) == 2


def test_an_answer_like_no_example_is_drift_even_if_the_schema_lets_it_pass() -> None:
    shown = dict(STATUS.examples["COMPLETED"][0].value)
    operation = replace(STATUS, examples={"PENDING": STATUS.examples["PENDING"]})
    headers = {**JSON, "ratelimit-limit": "1", "ratelimit-remaining": "1", "ratelimit-reset": "1"}
    headers["ratelimit-policy"] = "600;w=60"
    walks, _ = walker(LiveReply(200, headers, b""))
    state = walks.state(operation, ["PENDING"], LiveReply(200, headers, json_of(shown)))
    assert state == "PENDING"
    assert kinds(walks.report) == ["other_value"] or "missing_field" in kinds(walks.report)


@pytest.mark.parametrize(
    ("body", "kind"), [(b"<html>", "other_type"), (b"[]", "other_type"), (b"null", "other_type"), (b"3", "other_type")]
)
def test_a_body_of_another_kind_is_drift(body: bytes, kind: str) -> None:
    found = compare(VIDGEN, STATUS, "getStatus", STATUS.examples["not_found"], LiveReply(404, JSON, body))
    assert kind in [drift.kind for drift in found]


def test_a_header_that_breaks_its_schema_is_drift() -> None:
    headers = {**JSON, "ratelimit-limit": "many", "ratelimit-policy": "600;w=60"}
    reply = LiveReply(404, headers, b'{"error": "Job not found"}')
    found = compare(VIDGEN, STATUS, "getStatus", STATUS.examples["not_found"], reply)
    assert ("other_header", "RateLimit-Limit") in [(drift.kind, drift.at) for drift in found]


def document(schema: Any) -> Contract:
    return replace(VIDGEN, document={"schema": schema, "b": {"type": "object", "properties": {"x": {}}}})


@pytest.mark.parametrize(
    ("schema", "body", "found"),
    [
        (
            {"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]},
            {},
            [("missing_field", "/a", "/schema/anyOf/1/required")],
        ),
        (
            {"allOf": [{"$ref": "#/b"}], "unevaluatedProperties": False},
            {"x": 1, "y": 2},
            [("unknown_field", "/y", "/schema/unevaluatedProperties")],
        ),
        ({"type": "array", "items": {"type": "integer"}}, ["a"], [("other_type", "/0", "/schema/items/type")]),
        ({"minimum": 3}, 2, [("other_value", "", "/schema/minimum")]),
        ({"type": "object", "properties": {"a": {}}, "anyOf": [{"additionalProperties": {}}]}, {"q": 1}, []),
        ({"type": "object", "properties": {"a": {}}}, {"q": 1}, [("unknown_field", "/q", "/schema")]),
        ({"type": ["string", "null"]}, 1.5, [("other_type", "", "/schema/type")]),
    ],
)
def test_complaints_are_led_back_to_the_word_they_break(schema: Any, body: Any, found: Any) -> None:
    drifts = body_drifts(document(schema), "op", "/schema", body)
    assert [(drift.kind, drift.at, drift.pointer) for drift in drifts] == found


def test_what_the_contract_guessed_is_no_promise_of_the_server() -> None:
    guessed = replace(VIDGEN, document={"a": {"x-evidence": "assumed", "b": {"c": 1}, "d": {"x-evidence": "observed"}}})
    assert broken(guessed, "/a/b/c") == STRICT
    assert broken(guessed, "/a/d") == STRICT
    assert broken(replace(VIDGEN, document={}), "/a") == BROKEN


def test_a_walk_ends_where_paid_jobs_do() -> None:
    with served(CONTRACTS["miragic"]) as (url, sleep):
        report = verify(CONTRACTS["miragic"], Live(CONTRACTS["miragic"], url, DEMO, max_jobs=0, sleep=sleep))
    assert any("--max-jobs allows no more" in note for note in report.notes)
    assert not report.drifts


def test_a_job_that_does_not_end_is_noted() -> None:
    with served(CONTRACTS["miragic"]) as (url, _):
        client = Live(CONTRACTS["miragic"], url, DEMO, sleep=lambda seconds: None)
        told: list[str] = []
        report = verify(CONTRACTS["miragic"], client, VerifyOptions(longest=3, limit=0, watch=told.append))
    assert any("did not end within 3 seconds" in note for note in report.notes)
    assert any(line.endswith(": PENDING after 2 s of at most 3") for line in told), told


def without_examples(contract: Contract, operation: str) -> Contract:
    import copy

    changed = copy.deepcopy(contract.document)
    for item in changed["paths"].values():
        for each in item.values():
            if isinstance(each, dict) and each.get("operationId") == operation:
                for kind in each["requestBody"]["content"].values():
                    kind.pop("examples", None)
    return replace(contract, document=changed)


def test_an_operation_without_examples_of_requests_is_noted() -> None:
    judge = without_examples(CONTRACTS["miragic"], "createSpeedPainting")
    report = walk(CONTRACTS["miragic"], judge, limit=0)
    assert any("has no example of a request" in note for note in report.notes)


def test_bytes_that_cannot_be_announced_are_noted() -> None:
    judge = without_examples(CONTRACTS["miraflow"], "uploadMedia")
    report = walk(CONTRACTS["miraflow"], judge, operations=["uploadMedia"])
    assert any("no example of the announced bytes" in note for note in report.notes)


def several() -> Iterator[tuple[Any, str, bytes]]:
    body = CONTRACTS["mirrago"].operations["issueToken"].bodies
    form = next(each for each in body if "urlencoded" in each.media_type)
    yield form, "application/x-www-form-urlencoded", b"a=1&b=x+y"


@pytest.mark.parametrize(("body", "kind", "sent"), list(several()), ids=lambda each: "form")
def test_values_are_encoded_as_their_media_type_wants(body: Any, kind: str, sent: bytes) -> None:
    operation = CONTRACTS["mirrago"].operations["issueToken"]
    assert Sample(operation, {}, {}, body, {"a": 1, "b": "x y"}).encoded() == (kind, sent)
