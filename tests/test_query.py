"""Query strings and urlencoded bodies: strict about escapes and encoding, faithful about everything else."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import RequestError
from mockserver.validation import parse_query, parse_urlencoded

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        (b"", []),
        (b"a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]),
        (b"a", [("a", "")]),
        (b"a=", [("a", "")]),
        (b"=x", [("", "x")]),
        (b"&&a=1&", [("a", "1")]),
        (b"a=b=c", [("a", "b=c")]),
        (b"a+b=c%2Bd%20e", [("a b", "c+d e")]),
        (b"a=%C3%A9%e2%82%ac", [("a", "é€")]),
        ("a=é".encode(), [("a", "é")]),
        (b"a=1;b=2", [("a", "1;b=2")]),
        (b"a%3Db%26=%25", [("a=b&", "%")]),
        (b"a=%00", [("a", "\x00")]),
    ],
)
def test_a_query_is_pairs_of_text(raw: bytes, pairs: list[tuple[str, str]]) -> None:
    assert parse_query(raw) == pairs


@pytest.mark.parametrize("raw", [b"a=%", b"a=%2", b"a=%zz", b"%=1", b"a=%%20", b"a=% 0"])
def test_a_broken_escape_is_refused(raw: bytes) -> None:
    with pytest.raises(RequestError, match="the query has a % that is not followed by two hexadecimal digits"):
        parse_query(raw)


@pytest.mark.parametrize("raw", [b"a=%ff", b"\xff=1", b"a=%ed%a0%80", b"a=%C3"])
def test_text_that_is_not_utf_8_is_refused(raw: bytes) -> None:
    with pytest.raises(RequestError, match="the form is not valid UTF-8"):
        parse_urlencoded(raw)


def test_too_many_fields_are_refused() -> None:
    assert len(parse_urlencoded(b"&".join([b"a=1"] * 1000))) == 1000
    with pytest.raises(RequestError, match="the form has more than 1000 fields"):
        parse_urlencoded(b"&".join([b"a=1"] * 1001))
    with pytest.raises(RequestError, match="the query has more than 2 fields"):
        parse_query(b"a&b&c", max_fields=2)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=20))
def test_what_is_encoded_is_read_back(pairs: list[tuple[str, str]]) -> None:
    assert parse_query(urlencode(pairs).encode()) == pairs


@given(st.binary() | st.text("%&=+aF0é", max_size=30).map(str.encode))
def test_no_bytes_raise_anything_but_a_request_error(raw: bytes) -> None:
    for parse in (parse_query, parse_urlencoded):
        try:
            parse(raw)
        except RequestError:
            continue
