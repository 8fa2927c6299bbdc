"""What is hidden before anything is kept: by place, by name and by value, and what stays readable."""

from __future__ import annotations

import pytest

from mockserver.redaction import HIDDEN, Redaction

KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl"


@pytest.fixture
def hidden() -> Redaction:
    made = Redaction()
    made.know(KEY, "")
    return made


SECRET_TEXTS = [
    '{"client_secret": "canary"}', '{"a": {"API-Key" : "canary"}}', '{"token": "canary', '{"password": "a\\"canary"}',
    "client_secret=canary&a=b", "https://x.y/z?access_token=canary&b=c", "?expires=5&signature=canary",
    "Authorization: Bearer canary", "basic canary==", f'{{"note": "canary {KEY}"}}'.replace("canary ", ""),
    f"no such id: {KEY.upper()}", f"it was {TOKEN}", '{"key": "canary"}', '{"apikey": 12345}', "signature%3Dcanary",
]  # fmt: skip


@pytest.mark.parametrize("text", SECRET_TEXTS)
def test_no_secret_is_left_in_text(hidden: Redaction, text: str) -> None:
    shown = hidden.text(text)
    assert HIDDEN in shown
    assert not any(secret in shown.lower() for secret in ("canary", KEY, TOKEN.lower(), "12345"))


HARMLESS = [
    "", '{"prompt": "A red kite", "name": "kite"}', '{"generated_image_key": null}', "limit=20&status=PENDING",
    '{"monkey": "business", "keyboard": "qwerty", "tokenless": 1}'.replace('"tokenless": 1', '"x": 1'),
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays_as_it_is(hidden: Redaction, text: str) -> None:
    assert hidden.text(text) == text


def test_a_body_that_hides_a_field_stays_json(hidden: Redaction) -> None:
    assert hidden.body(b'{"client_secret": "x", "n": 1}') == b'{"client_secret": "[redacted]", "n": 1}'
    assert hidden.body(b'{"token": 17, "n": 1}') == b'{"token": "[redacted]", "n": 1}'


def test_only_harmless_headers_keep_their_values(hidden: Redaction) -> None:
    sent = [(b"host", b"a.b"), (b"x-api-key", b"canary"), (b"x-strange", b"canary"), (b"user-agent", KEY.encode())]
    assert hidden.headers(sent) == (
        (b"host", b"a.b"), (b"x-api-key", b"[redacted]"), (b"x-strange", b"[redacted]"), (b"user-agent", b"[redacted]")
    )  # fmt: skip


def test_a_boundary_is_left_out_so_that_journals_compare(hidden: Redaction) -> None:
    sent = [(b"content-type", b"multipart/form-data; boundary=1f2e3d")]
    assert hidden.headers(sent) == ((b"content-type", b"multipart/form-data; boundary=..."),)


def test_a_head_that_comes_again_is_remembered_until_another_secret_is_issued(hidden: Redaction) -> None:
    sent = [(b"user-agent", b"fresh-secret")]
    first = hidden.head(b"raw", sent)
    assert hidden.head(b"raw", []) is first
    hidden.know("fresh-secret")
    assert hidden.head(b"raw", sent) == ((b"user-agent", b"[redacted]"),)


def test_what_is_remembered_of_heads_is_bounded(hidden: Redaction) -> None:
    first = hidden.head(b"0", [(b"host", b"a")])
    for n in range(1, 300):
        hidden.head(b"%d" % n, [(b"host", b"a")])
    assert hidden.head(b"0", [(b"host", b"b")]) != first
    long = [(b"host", b"x" * 5000)]
    assert hidden.headers(long) is not hidden.headers(long)
    short = [(b"host", b"a"), (b"x-api-key", b"b")]
    assert hidden.headers(short) is hidden.headers([*short])


QUERIES = [
    (b"", ""), (b"limit=2&cursor=abc", "limit=2&cursor=abc"), (b"api%5Fkey=canary&a=b", f"api%5Fkey={HIDDEN}&a=b"),
    (b"expires=7&signature=canary", f"expires=7&signature={HIDDEN}"), (b"a=" + KEY.encode(), f"a={HIDDEN}"),
    (b"a=%30" + KEY[1:].encode(), f"a={HIDDEN}"), (KEY.encode(), HIDDEN), (b"flag&a=b", "flag&a=b"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "shown"), QUERIES)
def test_a_query_loses_the_values_of_sensitive_names(hidden: Redaction, raw: bytes, shown: str) -> None:
    assert hidden.query(raw) == shown


def test_an_answer_loses_signatures_tokens_and_what_was_issued(hidden: Redaction) -> None:
    answer = f'{{"url": "http://a/b?expires=1&signature=canary", "echo": "{KEY}", "t": "{TOKEN}"}}'.encode()
    shown = b'{"url": "http://a/b?expires=1&signature=[redacted]", "echo": "[redacted]", "t": "[redacted]"}'
    assert hidden.answer(answer) == shown
    assert hidden.links(b'{"a":"x?signature=canary-_"}') == b'{"a":"x?signature=[redacted]"}'


def test_many_secrets_are_found_as_one_is_within_words_and_in_capitals(hidden: Redaction) -> None:
    hidden.know(*(f"{n:032x}" for n in range(100)))
    assert hidden.text(f"a {99:032x} b") == f"a {HIDDEN} b"
    assert hidden.text(f"a-{99:032X}b") == f"a-{HIDDEN}b"
    assert hidden.text(f"a {100:032x} b") == f"a {100:032x} b"
