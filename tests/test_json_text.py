"""The one entrance for JSON: what passes, what is refused, and that nothing else is ever raised."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_kit import VALUES

from mockserver.errors import RequestError
from mockserver.validation import parse_json, write_json

HOSTILE = {
    "nothing": (b"", "empty"),
    "only space": (b" \n ", "empty"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "byte order mark"),
    "UTF-16": ("{}".encode("utf-16"), "UTF-8 at byte 0"),
    "UTF-16 without mark": ("{}".encode("utf-16-le"), "not valid JSON"),
    "bad UTF-8": (b'{"a": "\xff"}', "UTF-8 at byte 7"),
    "an encoded surrogate": (b'"\xed\xa0\x80"', "UTF-8"),
    "overlong UTF-8": (b'"\xc0\xaf"', "UTF-8"),
    "NaN": (b'{"a": NaN}', "NaN"),
    "infinity": (b"[Infinity]", "Infinity"),
    "negative infinity": (b"-Infinity", "-Infinity"),
    "an overflowing float": (b"1e999", "too large"),
    "a long overflowing float": (b"-" + b"9" * 400 + b".0", "too large"),
    "a 101-digit integer": (b"1" * 101, "100 digits"),
    "a 5,000-digit integer": (b'{"a": ' + b"9" * 5000 + b"}", "100 digits"),
    "65 lists": (b"[" * 65 + b"]" * 65, "64 levels"),
    "65 levels mixed": (b'{"a":[' * 33 + b"1" + b"]}" * 33, "64 levels"),
    "100,000 lists": (b"[" * 100_000 + b"]" * 100_000, "64 levels"),
    "100,000 objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "64 levels"),
    "100,000 unclosed lists": (b"[" * 100_000, "64 levels"),
    "a lone high surrogate": (b'"\\ud800"', "surrogate"),
    "a lone low surrogate": (b'["\\uDFFF"]', "surrogate"),
    "a surrogate in a key": (b'{"\\ud83d": 1}', "surrogate"),
    "a swapped pair": (b'"\\ude00\\ud83d"', "surrogate"),
    "truncation": (b'{"a": 1', "not valid JSON"),
    "two values": (b"{} {}", "Extra data"),
    "single quotes": (b"{'a': 1}", "not valid JSON"),
    "a trailing comma": (b"[1,]", "not valid JSON"),
    "a leading zero": (b"01", "not valid JSON"),
    "a raw line break in text": (b'"a\nb"', "line 1, column 3"),
    "a form": (b"a=1&b=2", "not valid JSON"),
    "a null byte": (b"\x00", "not valid JSON"),
}


@pytest.mark.parametrize(("body", "why"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_json_is_refused_with_a_reason(body: bytes, why: str) -> None:
    with pytest.raises(RequestError) as refused:
        parse_json(body)
    assert why in refused.value.why
    assert refused.value.pointer == ""


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"[" * 64 + b"]" * 64, None),
        (b"[" + b"[],{}," * 500 + b"1]", None),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b' {"a": "\\ud83d\\ude00"} ', {"a": "😀"}),
        (b'"\\\\ud800"', "\\ud800"),
        ('"\N{GRINNING FACE}é"'.encode(), "😀é"),
        (b"1" * 100, int("1" * 100)),
        (b"-" + b"1" * 99, -int("1" * 99)),
        (b"1e-999", 0.0),
        (b'"[[[[{{{{"', "[[[[{{{{"),
        (b"null", None),
    ],
)
def test_odd_but_strict_json_passes(body: bytes, value: Any) -> None:
    assert parse_json(body) == (json.loads(body) if value is None else value)


def test_the_depth_bound_can_be_chosen() -> None:
    assert parse_json(b"[[1]]", max_depth=2) == [[1]]
    with pytest.raises(RequestError, match="deeper than 1 levels"):
        parse_json(b"[[1]]", max_depth=1)


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert parse_json(write_json(value)) == value


@given(VALUES)
def test_the_entrance_agrees_with_the_standard_library(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary() | st.text('{}[]",:\\ud8E9.-eNa', max_size=40).map(str.encode))
def test_no_bytes_raise_anything_but_a_request_error(body: bytes) -> None:
    try:
        value = parse_json(body)
    except RequestError:
        return
    assert parse_json(write_json(value)) == value


def test_the_writer_is_compact_and_plain_utf_8() -> None:
    assert write_json({"a": [1, "é😀"]}) == '{"a":[1,"é😀"]}'.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800"])
def test_the_writer_refuses_what_is_not_json(value: Any) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogate"):
        write_json(value)
