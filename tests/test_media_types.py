"""Media types: read tolerantly, compared by type and range."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.validation import matches, media_type


@pytest.mark.parametrize(
    ("header", "bare", "parameters"),
    [
        (None, "", {}),
        ("", "", {}),
        (";", "", {}),
        ("Application/JSON", "application/json", {}),
        (" text/plain ; Charset=UTF-8", "text/plain", {"charset": "UTF-8"}),
        ('multipart/form-data; boundary="a;b=\\"c"', "multipart/form-data", {"boundary": 'a;b="c'}),
        ("multipart/form-data;boundary=--x y ", "multipart/form-data", {"boundary": "--x y"}),
        ("a/b; x=1; x=2", "a/b", {"x": "1"}),
        ("a/b; x", "a/b", {}),
        ('a/b; x="open; y=2', "a/b", {"x": '"open', "y": "2"}),
        ("a/b;;; x = 1", "a/b", {"x": "1"}),
        ("a/b; x=", "a/b", {"x": ""}),
    ],
)
def test_a_header_is_read_tolerantly(header: str | None, bare: str, parameters: dict[str, str]) -> None:
    assert media_type(header) == (bare, parameters)


@pytest.mark.parametrize(
    ("sent", "declared", "fits"),
    [
        ("image/png", "image/png", True),
        ("image/png", "Image/PNG; q=1", True),
        ("image/png", "image/*", True),
        ("image/png", "*/*", True),
        ("image/png", "image/jpeg, image/png", True),
        ("image/png", "image/jpeg", False),
        ("imagex/png", "image/*", False),
        ("image/pngx", "image/png", False),
        ("", "image/png", False),
        ("", "", False),
        ("application/problem+json", "application/json", False),
    ],
)
def test_a_type_matches_what_is_declared(sent: str, declared: str, fits: bool) -> None:
    assert matches(sent, declared) is fits


@given(st.text() | st.text('a/;= "\\'))
def test_no_header_raises(header: str) -> None:
    bare, parameters = media_type(header)
    assert isinstance(bare, str)
    assert isinstance(parameters, dict)
