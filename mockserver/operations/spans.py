"""A moment as a request writes it → the span of time that is meant: as long as its last digit. Knows no list."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mockserver.notation import SCALES

MICRO = 1_000_000
_NUMBER = re.compile(r"(?P<whole>\d{1,19})(?:\.(?P<digits>\d{1,9}))?")
_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[Tt ](?P<time>\d\d:\d\d(?::\d\d)?)(?:\.(?P<digits>\d{1,9}))?"
    r"(?P<zone>[Zz]| ?[+-]\d\d:?\d\d)?)?"
)


class Span(NamedTuple):
    """From `begin` on, until before `end`; both in microseconds since 1970."""

    begin: int
    end: int


def span(text: str) -> Span | None:
    """The span that a text means: a day, a second, or the part of one that it is told to; None when it is no time."""
    if number := _NUMBER.fullmatch(text):
        return _of_number(number)
    match = _TIME.fullmatch(text)
    try:
        return None if match is None else _of_time(match)
    except (ValueError, OverflowError):
        return None


def _of_number(match: re.Match[str]) -> Span:
    """Seconds since 1970, or, where it is too large for them, their thousandths and smaller parts."""
    whole, digits = int(match["whole"]), match["digits"] or ""
    scale = next((scale for least, scale in SCALES if whole >= least), 1)
    begin = (whole * MICRO + int(digits.ljust(6, "0")[:6])) // scale
    return Span(begin, begin + max(1, MICRO // scale // 10 ** min(6, len(digits))))


def _of_time(match: re.Match[str]) -> Span:
    if not match["time"]:
        return _span(datetime.fromisoformat(match["day"]).replace(tzinfo=UTC), timedelta(days=1))
    digits = match["digits"] or ""
    zone = (match["zone"] or "Z").strip().upper()
    moment = datetime.fromisoformat(f"{match['day']}T{match['time']}{zone}")
    moment += timedelta(microseconds=int(digits.ljust(6, "0")[:6]))
    if match["time"].count(":") == 1:
        return _span(moment, timedelta(minutes=1))
    return _span(moment, timedelta(microseconds=10 ** max(0, 6 - len(digits))))


def _span(begin: datetime, length: timedelta) -> Span:
    first = (begin - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return Span(first, first + length // timedelta(microseconds=1))
