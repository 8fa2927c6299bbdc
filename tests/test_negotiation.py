"""The media type that a client wants, by its header Accept."""

from __future__ import annotations

import pytest

from mockserver.negotiation import preferred

OFFERED = ("application/json", "text/plain", "text/vtt; charset=utf-8")


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", OFFERED[0]),
        ("*/*", OFFERED[0]),
        ("text/plain", "text/plain"),
        ("TEXT/Plain ; q=0.5", "text/plain"),
        ("text/vtt", OFFERED[2]),
        ("text/*", "text/plain"),
        ("*/*, text/plain", "text/plain"),
        ("text/*;q=0.9, text/vtt, application/json;q=0.1", OFFERED[2]),
        ("application/json;q=0, */*", "text/plain"),
        ("application/json;q=x, text/plain;q=0.9", OFFERED[0]),
        ("image/png, image/*", None),
        ("image/png, */*;q=0.1", OFFERED[0]),
        ("*/*;q=0", None),
        (",;=,q=", None),
    ],
)
def test_a_client_gets_what_it_likes_best_of_what_there_is(accept: str, wanted: str | None) -> None:
    assert preferred(OFFERED, accept) == wanted


def test_of_nothing_nothing_is_wanted() -> None:
    assert preferred((), "*/*") is None
