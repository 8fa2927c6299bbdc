"""Which part of a representation a GET or HEAD asks for, and whether it asks for any (RFC 9110, 13 and 14).

Pure: header values in, a status and headers out. Does not know sockets, files or what the bytes mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias

_RANGE = re.compile(r"([0-9]*)-([0-9]*)")
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
MOST_RANGES = 100  # of one request; more of them are an attack, says RFC 9110, 14.2
_MOST_DIGITS = 18  # more than any length has; Python refuses to read numbers of thousands

_LONGEST_DATE = 64  # twice what an HTTP date takes


ByteSpan: TypeAlias = "tuple[int, int]"


@dataclass(frozen=True, slots=True)
class Selection:
    """What to send: `status`, the bytes of each span from its start up to its stop, `headers` in lower case.

    One span is the body itself; several are the parts of a `multipart/byteranges`. Content-Length is that of what is
    made of them, and not among the headers. For HEAD all is that of GET, and nothing of it is to be sent.
    """

    status: int
    spans: tuple[ByteSpan, ...]
    headers: list[tuple[str, str]]


def select(headers: Mapping[str, str], length: int, etag: str, last_modified: str, method: str = "GET") -> Selection:
    """The answer to a request with `headers` (names in lower case) for `length` bytes.

    `etag` is quoted and strong, `last_modified` an HTTP date or "". The status is 200, 206, 304, 412 or 416.
    A malformed Range is answered with everything, as the RFC has it; one of too many ranges by 416. For HEAD a Range
    means nothing. Never raises.
    """
    validators = [("etag", etag)] + ([("last-modified", last_modified)] if last_modified else [])
    if _precondition_failed(headers, etag, last_modified):
        return Selection(412, (), [*validators, ("content-length", "0")])
    if _not_modified(headers, etag, last_modified):
        return Selection(304, (), validators)
    common = [("accept-ranges", "bytes"), *validators]
    wanted = _wanted(headers, length, etag, last_modified) if method == "GET" else None
    if wanted is None:
        return Selection(200, ((0, length),), common)
    if not wanted:
        unsatisfied = [("content-range", f"bytes */{length}"), ("content-length", "0")]
        return Selection(416, (), [*common, *unsatisfied])
    if len(wanted) == 1:
        return Selection(206, wanted, [*common, ("content-range", content_range(wanted[0], length))])
    return Selection(206, wanted, common)


def content_range(span: ByteSpan, length: int) -> str:
    """What Content-Range says of one span."""
    return f"bytes {span[0]}-{span[1] - 1}/{length}"


def _precondition_failed(headers: Mapping[str, str], etag: str, last_modified: str) -> bool:
    if "if-match" in headers:
        tags = _tags(headers["if-match"])
        return "*" not in tags and etag not in tags
    before, changed = _date(headers.get("if-unmodified-since", "")), _date(last_modified)
    return before is not None and changed is not None and changed > before


def _not_modified(headers: Mapping[str, str], etag: str, last_modified: str) -> bool:
    if "if-none-match" in headers:
        tags = {tag.removeprefix("W/") for tag in _tags(headers["if-none-match"])}
        return "*" in tags or etag in tags
    since, changed = _date(headers.get("if-modified-since", "")), _date(last_modified)
    return since is not None and changed is not None and changed <= since


def _wanted(headers: Mapping[str, str], length: int, etag: str, last_modified: str) -> tuple[ByteSpan, ...] | None:
    """The bytes asked for, none when all of them lie beyond the end or are too many; None for everything."""
    if "range" not in headers or not _if_range_holds(headers.get("if-range"), etag, last_modified):
        return None
    unit, _, ranges = headers["range"].partition("=")
    found = [_RANGE.fullmatch(each) for each in map(_stripped, ranges.split(",")) if each]
    spans = [each and _span(each[1], each[2], length) for each in found]
    if unit.strip().lower() != "bytes" or not spans or None in spans:
        return None
    left = _coalesced([span for span in spans if span and span[0] < span[1]])
    return left if len(left) <= MOST_RANGES else ()


def _stripped(text: str) -> str:
    return text.strip(" \t")


def _coalesced(spans: Sequence[ByteSpan]) -> tuple[ByteSpan, ...]:
    """Those that overlap or touch made one, in the place of the first of them."""
    whole: list[tuple[int, int, int]] = []  # place, start, stop
    for (start, stop), place in sorted((span, place) for place, span in enumerate(spans)):
        if whole and start <= whole[-1][2]:
            first, begin, end = whole[-1]
            whole[-1] = min(first, place), begin, max(end, stop)
        else:
            whole.append((place, start, stop))
    return tuple((start, stop) for _, start, stop in sorted(whole))


def _span(first: str, last: str, length: int) -> ByteSpan | None:
    if first:
        start, end = _number(first), _number(last) if last else length
        return None if end < start and last else (min(start, length), min(end + 1, length))
    if not last:
        return None
    tail = _number(last)
    # An empty representation has no last bytes to show, though asking for them is no error.
    return None if tail and not length else (max(length - tail, 0), length)


def _if_range_holds(condition: str | None, etag: str, last_modified: str) -> bool:
    if condition is None:
        return True
    stated = condition.strip()
    if stated.startswith(('"', "W/")):
        return stated == etag
    return _date(stated) is not None and _date(stated) == _date(last_modified)


def _tags(value: str) -> set[str]:
    return {"*"} if value.strip() == "*" else set(_TAG.findall(value))


def _number(digits: str) -> int:
    """The number `digits` spell, or one above any length when they are too many."""
    stripped = digits.lstrip("0")
    return 10**_MOST_DIGITS if len(stripped) > _MOST_DIGITS else int(stripped or "0")


def _date(value: str) -> datetime | None:
    if len(value) > _LONGEST_DATE:
        return None
    try:
        date = parsedate_to_datetime(value)
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
