"""How a moment or a percentage is written: in the form that an example shows. Knows no fact and no contract.

A form is read once, when a contract is compiled; what it gives writes bytes of JSON, or bare text for headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from mockserver.clock import date_of, http_date, iso, iso_ms, iso_naive_us
from mockserver.validation import write_json

WriteValue = Callable[[Any], Any]
"""A moment or a percentage → the JSON value that stands for it."""

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(?P<between>[Tt ])\d\d:\d\d:\d\d(?:\.(?P<digits>\d{1,9}))?"
    r"(?P<zone>Z|z| ?(?P<sign>[+-])(?P<hours>[01]\d|2[0-3]):?(?P<minutes>[0-5]\d))?"
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
_NUMBER = re.compile(r"\d+(?P<digits>\.\d+)?")
_PERCENT = re.compile(r"(?P<number>\d+(?:\.(?P<digits>\d+))?)(?P<sign>\s?%)?")
SCALES = ((1e17, 10**9), (1e14, 10**6), (1e11, 1000))
"""From which number on a moment is written in which fractions of a second: 1e11 seconds are the year 5138."""
NAMED: dict[str, WriteValue] = {
    "unix": lambda moment: int(moment),
    "unix-ms": lambda moment: int(moment * 1000),
    "iso": iso_ms,
}
"""The forms that a contract can name, where no example shows one."""


def moment(example: Any) -> WriteValue | None:
    """How a moment is written where the contract shows `example`; None when that is no moment."""
    if isinstance(example, str):
        return _moment_in_text(example)
    if isinstance(example, bool) or not isinstance(example, int | float):
        return None
    return _number(example, is_whole=isinstance(example, int))


def _number(example: float, *, is_whole: bool) -> WriteValue:
    scale = next((scale for least, scale in SCALES if example >= least), 1)
    if is_whole:
        return lambda v: int(v * scale)
    return lambda v: round(v * scale, 6)


def _moment_in_text(example: str) -> WriteValue | None:
    if _HTTP_DATE.fullmatch(example):
        return lambda v: http_date(int(v))
    if _DAY.fullmatch(example):
        return date_of
    if (number := _NUMBER.fullmatch(example)) is not None:
        write = _number(float(example), is_whole=number["digits"] is None)
        return lambda v: str(write(v))
    match = _MOMENT.fullmatch(example)
    return None if match is None else _iso(match)


def _iso(match: re.Match[str]) -> WriteValue:
    digits, zone = len(match["digits"] or ""), match["zone"] or ""
    if match["between"] == "T" and (digits, zone) in _COMMON:
        return _COMMON[digits, zone]
    offset = 0
    if match["sign"]:
        offset = 60 * (60 * int(match["hours"]) + int(match["minutes"])) * (-1 if match["sign"] == "-" else 1)
    return partial(iso, digits=digits, between=match["between"], zone=zone, offset=offset)


_COMMON: dict[tuple[int, str], WriteValue] = {(3, "Z"): lambda v: iso_ms(v), (6, ""): lambda v: iso_naive_us(v)}


def percentage(example: Any, *, is_fraction: bool = False) -> WriteValue | None:
    """How a percentage is written where the contract shows `example`; None when that is none.

    `is_fraction`: other examples show that 1 is the whole.
    """
    if isinstance(example, str):
        return _percentage_in_text(example)
    if isinstance(example, bool) or not isinstance(example, int | float):
        return None
    if is_fraction or (isinstance(example, float) and example <= 1):
        return lambda v: v / 100
    return float if isinstance(example, float) else lambda v: v


def _percentage_in_text(example: str) -> WriteValue | None:
    match = _PERCENT.fullmatch(example)
    if match is None:
        return None
    digits, sign = len(match["digits"] or ""), match["sign"] or ""
    part = 100 if digits and not sign and float(match["number"]) <= 1 else 1
    return lambda v: f"{v / part:.{digits}f}{sign}"


def are_fractions(examples: list[Any]) -> bool:
    """Whether the examples of one field show percentages of which 1 is the whole."""
    numbers = [example for example in examples if isinstance(example, int | float) and not isinstance(example, bool)]
    return bool(numbers) and max(numbers) <= 1 and (max(numbers) == 1 or any(isinstance(n, float) for n in numbers))


def bare(value: Any) -> str:
    """A JSON value as text that stands in a header or within another text."""
    if isinstance(value, str):
        return value
    return write_json(int(value) if isinstance(value, float) and value.is_integer() else value).decode()
