"""Query strings and urlencoded bodies to pairs of text. Strict where the standard library guesses."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from mockserver.errors import RequestError

MAX_FIELDS = 1000

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse_query(raw: bytes, *, max_fields: int = MAX_FIELDS) -> list[tuple[str, str]]:
    """The pairs of a query string in order. Raises RequestError for broken escapes, bad UTF-8, too many."""
    return _pairs(raw, "the query", max_fields)


def parse_urlencoded(body: bytes, *, max_fields: int = MAX_FIELDS) -> list[tuple[str, str]]:
    """The pairs of an `application/x-www-form-urlencoded` body; raises as `parse_query` does."""
    return _pairs(body, "the form", max_fields)


def _pairs(raw: bytes, place: str, max_fields: int) -> list[tuple[str, str]]:
    if raw.count(b"&") >= max_fields:
        raise RequestError("", f"{place} has more than {max_fields} fields")
    if b"%" in raw and _BROKEN_ESCAPE.search(raw):
        raise RequestError("", f"{place} has a % that is not followed by two hexadecimal digits")
    try:
        return [_pair(piece) for piece in raw.split(b"&") if piece]
    except UnicodeDecodeError:
        raise RequestError("", f"{place} is not valid UTF-8") from None


def _pair(piece: bytes) -> tuple[str, str]:
    name, _, value = piece.partition(b"=")
    return _text(name), _text(value)


def _text(raw: bytes) -> str:
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
