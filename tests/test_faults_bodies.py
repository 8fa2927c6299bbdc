"""What faults make of an answer's bytes and headers, told without a socket."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from mockserver.faults import Reply, RequestFacts, fault_of
from mockserver.faults.pages import PAGES, page
from mockserver.faults.reply import status_line

JOB = {"jobId": "c1", "status": "DONE", "progress": 42, "urls": {"video": None, "pages": 3}, "note": ""}
OWN = Reply.of(503, b"application/json", b'{"error":"own"}', "server_error", ((b"retry-after", b"9"),))


def reply_of(value: Any = JOB, status: int = 200) -> Reply:
    return Reply.of(status, b"application/json", json.dumps(value, separators=(",", ":")).encode(), "DONE")


def asked(**more: Any) -> RequestFacts:
    known = {
        "now": 1_000_000_000.0,
        "target": b"/x?y=1",
        "state": "DONE",
        "by_status": lambda status: OWN if status == 503 else None,
        "by_problem": lambda names: None,
        **more,
    }
    return RequestFacts(**known)


def changed(name: str, reply: Reply | None = None, ask: RequestFacts | None = None, **data: Any) -> Reply:
    made = left_alone(name, reply or reply_of(), ask, **data)
    assert made is not None
    assert made.header(b"content-length") == b"%d" % len(made.body)
    return made


def left_alone(name: str, reply: Reply, ask: RequestFacts | None = None, **data: Any) -> Reply | None:
    fault: Any = fault_of({"fault": name, **data})[0]
    made: Reply | None = fault.change(reply, ask or asked())
    return made


def answered(name: str, ask: RequestFacts | None = None, **data: Any) -> Reply:
    fault: Any = fault_of({"fault": name, **data})[0]
    made: Reply = fault.answer(ask or asked())
    return made


def test_truncated_json_is_short_even_when_the_whole_of_it_is_asked_for() -> None:
    whole = reply_of().body
    assert changed("truncated_json").body == whole[: len(whole) // 2]
    assert changed("truncated_json", at=1).body == whole[:-1]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("missing_field", {}, {k: v for k, v in JOB.items() if k != "note"}),
        ("missing_field", {"field": "jobId"}, {k: v for k, v in JOB.items() if k != "jobId"}),
        ("missing_field", {"field": "/urls/pages"}, {**JOB, "urls": {"video": None}}),
        ("null_field", {}, {**JOB, "jobId": None}),
        ("null_field", {"field": "progress"}, {**JOB, "progress": None}),
        ("extra_field", {}, {**JOB, "unexpectedField": "surprise"}),
        ("number_as_string", {}, {**JOB, "progress": "42"}),
        ("number_as_string", {"field": "/urls/pages"}, {**JOB, "urls": {"video": None, "pages": "3"}}),
        ("huge_integer", {}, {**JOB, "progress": 10**30 - 1}),
        ("unknown_enum", {}, {**JOB, "status": "ON_HOLD"}),
        ("unknown_enum", {"field": "note", "value": "X"}, {**JOB, "note": "X"}),
    ],
)
def test_one_field_is_changed_and_no_other(name: str, data: dict[str, Any], expected: Any) -> None:
    assert json.loads(changed(name, **data).body) == expected


def test_the_field_left_out_is_an_optional_one_where_there_is_one() -> None:
    made = changed("missing_field", ask=asked(optional=lambda example: frozenset({"progress", "status"})))
    assert set(JOB) - set(json.loads(made.body)) == {"progress"}


def test_a_field_of_a_list_can_be_left_out() -> None:
    made = changed("missing_field", reply_of([{"a": 1}, {"a": 2}]), field="/0")
    assert json.loads(made.body) == [{"a": 2}]


FIELDS = ["missing_field", "null_field", "extra_field", "number_as_string", "huge_integer", "unknown_enum"]


@pytest.mark.parametrize("name", FIELDS)
def test_refusals_and_bytes_have_no_fields_to_change(name: str) -> None:
    assert left_alone(name, reply_of(status=404)) is None
    assert left_alone(name, Reply.of(200, b"video/mp4", b"\0\0")) is None
    assert left_alone(name, Reply.of(200, b"application/json", b"{broken")) is None


@pytest.mark.parametrize("name", [name for name in FIELDS if name != "extra_field"])
def test_a_field_that_is_not_there_cannot_be_changed(name: str) -> None:
    assert left_alone(name, reply_of(), field="nowhere") is None
    assert left_alone(name, reply_of({})) is None


@pytest.mark.parametrize("name", ["truncated_json", "invalid_utf8", "bom"])
def test_what_is_no_json_is_left_alone(name: str) -> None:
    assert left_alone(name, Reply.of(200, b"video/mp4", b"\0\0")) is None


@pytest.mark.parametrize("name", ["empty_body", "half_gzip"])
def test_nothing_cannot_be_made_less(name: str) -> None:
    assert left_alone(name, Reply.of(204, b"text/plain", b"")) is None


def test_a_json_body_without_text_holds_no_byte_that_is_not_utf8() -> None:
    assert left_alone("invalid_utf8", reply_of({"n": 1})) is None


def test_bytes_that_no_parser_expects() -> None:
    assert changed("bom").body.startswith(b"\xef\xbb\xbf{")
    assert changed("empty_body").body == b""
    with pytest.raises(UnicodeDecodeError):
        changed("invalid_utf8").body.decode()


def test_half_a_gzip_stream_is_the_beginning_of_the_whole_one() -> None:
    made = changed("half_gzip")
    assert made.header(b"content-encoding") == b"gzip"
    assert gzip.compress(reply_of().body, mtime=0).startswith(made.body)
    assert 0 < len(made.body) < len(gzip.compress(reply_of().body, mtime=0))


def test_a_wrong_content_type_comes_with_a_page_or_with_the_body() -> None:
    assert changed("wrong_content_type").body.startswith(b"<html>")
    made = changed("wrong_content_type", media_type="text/plain", body="kept")
    assert (made.media_type, made.body) == (b"text/plain", reply_of().body)


def test_a_status_is_answered_by_the_operation_s_own_example_where_there_is_one() -> None:
    assert answered("status") == OWN
    other = answered("status", status=418)
    assert (other.status, other.body) == (418, b'{"error":"I\'m a Teapot","status":418}')
    assert answered("status", status=599).body == b'{"error":"Error","status":599}'


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("as_is", b"9"),
        ("missing", b""),
        ("seconds", b"30"),
        ("zero", b"0"),
        ("huge", b"31536000"),
        ("garbage", b"soon"),
        ("date", b"Sun, 09 Sep 2001 01:47:10 GMT"),
        ("negative", b"-30"),
        ("fraction", b"30.5"),
        ("past", b"Sun, 09 Sep 2001 01:46:10 GMT"),
    ],
)
def test_retry_after_in_every_form(how: str, expected: bytes) -> None:
    assert answered("status", retry_after=how, wait=30).header(b"retry-after") == expected


@pytest.mark.parametrize("kind", PAGES)
def test_gateways_answer_in_html_under_their_own_name(kind: str) -> None:
    for status in (500, 502, 503, 504):
        made = page(kind, status)
        assert (made.status, made.media_type) == (status, b"text/html")
        assert str(status).encode() in made.body
        assert made.header(b"server").lower().startswith(kind.replace("alb", "awselb").encode())


def test_a_redirect_leads_to_where_it_was_asked() -> None:
    made = answered("redirect_loop")
    assert (made.status, made.header(b"location")) == (307, b"/x?y=1")


def test_who_is_not_authorized_is_told_so_in_the_api_s_words() -> None:
    assert answered("unauthorized").status == 401
    asked_for: list[tuple[str, ...]] = []

    def by_problem(names: Any) -> Reply:
        asked_for.append(tuple(names))
        return OWN

    assert answered("unauthorized", asked(by_problem=by_problem), problem="missing_key") is OWN
    assert asked_for == [("missing_key", "expired_key", "unknown_key")]


def test_a_reply_as_it_goes_over_the_wire() -> None:
    made = reply_of({"a": 1}).with_headers((b"x", b"y"))
    expected = (
        b"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\ncontent-length: 7\r\nx: y\r\nconnection: close\r\n\r\n"
    )
    assert made.head(b"connection: close", version=b"1.0") == expected
    assert status_line(799) == b"HTTP/1.1 799 "
    assert (made.without_body().length, made.without_body().header(b"content-length")) == (0, b"7")
