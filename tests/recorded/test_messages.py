"""Requests as tests see them: forms of all kinds, names with several values, bodies that are not what they seem."""

from __future__ import annotations

import gzip
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import UsageError
from mockserver.steering import BodyError, Headers, MultiDict, Request, Response, messages
from mockserver.steering.messages import response_of


def request(content: bytes = b"", content_type: str = "", url: str = "http://x/y", **headers: str) -> Request:
    lines = [["content-type", content_type]] if content_type else []
    told = {
        "n": 1, "at": "2001-09-09T01:46:40.000Z", "api": "a", "operation": "o", "method": "POST", "path": "/y",
        "shown_path": "/y", "url": url, "parameters": {}, "fault": "", "over": True, "response": None, "missing": 0,
        "headers": [*lines, *([name.replace("_", "-"), value] for name, value in headers.items())],
        "content": b64encode(content).decode(),
    }  # fmt: skip
    return Request(told)


def form(*parts: bytes, boundary: bytes = b"b") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


def part(disposition: str, content: bytes, *more: bytes) -> bytes:
    return b"\r\n".join([f"Content-Disposition: form-data; {disposition}".encode(), *more, b"", content])


def test_a_multipart_form_has_fields_and_files_in_order() -> None:
    body = form(
        part('name="a"', b"one"),
        part('name="f"; filename="x.bin"', b"\x00\r\n--\r\n\xff", b"Content-Type: Application/X; a=b"),
        part('name="a"', b"two"),
        part('name="f"; filename=""', b""),
    )
    sent = request(b"preamble\r\n" + body + b"epilogue", "multipart/form-data; boundary=b")
    assert sent.form.get_list("a") == ["one", "two"]
    assert [(each.filename, each.content_type, each.content) for each in sent.files.get_list("f")] == [
        ("x.bin", "application/x", b"\x00\r\n--\r\n\xff"), ("", "", b""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        ('name="f"; filename="ä.png"', "ä.png"),
        ("name=f; filename=plain.png", "plain.png"),
        ("name=\"f\"; filename*=UTF-8''%C3%A4.png", "ä.png"),
        ('name="f"; filename="a%22b.png"', 'a"b.png'),
        ('name="f"; filename="a\\"b.png"', 'a"b.png'),
        ('filename="a;b.png"; name="f"', "a;b.png"),
    ],
)
def test_names_of_files_are_read_in_every_spelling(disposition: str, filename: str) -> None:
    sent = request(form(part(disposition, b"x")), 'Multipart/Form-Data; boundary="b"')
    assert [(each.name, each.filename) for each in sent.files.values()] == [("f", filename)]


def test_a_urlencoded_form_and_a_query_have_several_values_and_empty_ones() -> None:
    sent = request(b"a=1&a=2&b=&c=%C3%A4+x", "application/x-www-form-urlencoded; charset=utf-8", "http://x/y?q=1&q=&r")
    assert (sent.form.get_list("a"), sent.form["b"], sent.form["c"]) == (["1", "2"], "", "ä x")
    assert sent.query.multi_items() == [("q", "1"), ("q", ""), ("r", "")]
    assert not sent.files


@given(st.binary(max_size=200), st.sampled_from(["multipart/form-data; boundary=b", "multipart/form-data", "x/y", ""]))
def test_no_body_makes_reading_it_fail(content: bytes, kind: str) -> None:
    for body in (content, b"--b\r\n" + content, form(content)):
        sent = request(body, kind, content_encoding="gzip")
        assert isinstance(sent.text, str)
        assert len(sent.form) + len(sent.files) >= 0


@given(st.lists(st.tuples(st.text("ab", min_size=1), st.binary(max_size=60).filter(lambda it: b"\r\n--b" not in it))))
def test_files_come_out_as_they_went_in(files: list[tuple[str, bytes]]) -> None:
    body = form(*(part(f'name="{name}"; filename="f"', content) for name, content in files))
    sent = request(body, "multipart/form-data; boundary=b")
    assert [(name, each.content) for name, each in sent.files.multi_items()] == files


def test_headers_are_the_same_in_capitals_or_not() -> None:
    headers = Headers([("Set-Cookie", "a"), ("set-cookie", "b"), ("X", "1")])
    assert (headers["SET-COOKIE"], headers.get_list("Set-cookie"), "x" in headers, len(headers)) == (
        "a, b",
        ["a", "b"],
        True,
        2,
    )
    assert headers == {"set-cookie": "a, b", "X": "1"}
    assert headers.get("y") is None
    with pytest.raises(KeyError):
        headers["y"]
    assert (headers != MultiDict([("X", "1")]), headers.__eq__(1)) == (True, NotImplemented)


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"", "", "POST /y → no answer o has no JSON body: it has no body at all"),
        (b"<html>", "text/html", "it is text/html of 6 bytes"),
        (b"\xff{", "", "it is without Content-Type of 2 bytes"),
        (b"[" * 100_000, "application/json", "of 100000 bytes"),
    ],
)
def test_what_is_no_json_says_what_it_is(content: bytes, kind: str, said: str) -> None:
    with pytest.raises(ValueError, match="has no JSON body") as error:
        request(content, kind).json()
    assert isinstance(error.value, BodyError)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("value", "status", "kind", "content"),
    [
        ({"a": [1, None]}, 200, "application/json", b'{"a": [1, null]}'),
        ([], 200, "application/json", b"[]"),
        (7, 200, "application/json", b"7"),
        ("text ä", 200, "text/plain", "text ä".encode()),
        (b"\x00", 200, "application/octet-stream", b"\x00"),
        ((201, {}), 201, "application/json", b"{}"),
        ((404, "no"), 404, "text/plain", b"no"),
        (Response(204), 204, "", b""),
        (Response(json=None, headers={"Content-Type": "a/b"}), 200, "a/b", b"null"),
    ],
)
def test_what_handlers_return_is_a_response(value: Any, status: int, kind: str, content: bytes) -> None:
    made = response_of(value)
    assert (made.status, made.content_type, made.content) == (status, kind, content)


@pytest.mark.parametrize("value", [None, (1, 2, 3), ("200", {}), {1, 2}, float("nan"), object()])
def test_what_is_no_answer_is_refused(value: Any) -> None:
    with pytest.raises(UsageError):
        response_of(value)


def test_a_response_has_one_body() -> None:
    with pytest.raises(UsageError, match="give one of text, json"):
        Response(json={}, text="")


def test_a_body_that_unfolds_to_too_much_stays_as_it_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "UNFOLDED", 1000)
    most, more = (gzip.compress(bytes(size)) for size in (1000, 1001))
    assert request(most, "a/b", content_encoding="gzip").plain == bytes(1000)
    assert request(more, "a/b", content_encoding="gzip").plain == more


def test_many_names_are_looked_up_once_each() -> None:
    class Counted(MultiDict[int]):
        asked = 0

        def _key(self, name: str) -> str:
            Counted.asked += 1
            return name

    many = {f"name {n}": n for n in range(1000)}
    assert Counted(many.items()) == many
    assert Counted.asked <= 5 * len(many)
