"""JSON bytes to values and back: the one strict entrance for JSON from outside. Knows no schema and no HTTP.

What passes here is safe to keep, compare, validate and write again: valid UTF-8 without a byte order
mark, no NaN or infinity, no lone surrogate, no number or nesting that a later reader could choke on.
"""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder, JSONEncoder
from math import isinf
from typing import Any, NoReturn

from mockserver.errors import RequestError

MAX_DEPTH = 64
MAX_DIGITS = 100
"""The longest integer let in, in digits: far beyond any real value, far below what slows a reader down."""

_BOM = b"\xef\xbb\xbf"
_UNPAIRED = "the body holds half of a surrogate pair, which is not text"


def _refuse_constant(name: str) -> NoReturn:
    raise RequestError("", f"the body holds {name}, which is not JSON")


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise RequestError("", f"the body holds an integer of more than {MAX_DIGITS} digits")
    return int(digits)


def _finite_float(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise RequestError("", "the body holds a number too large to represent")
    return number


_decoder = JSONDecoder(parse_constant=_refuse_constant, parse_int=_bounded_int, parse_float=_finite_float)
_encode = JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def parse_json(data: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """Read `data` as one JSON value; of repeated keys the last wins.

    Raises RequestError, and nothing else, for whatever is not strict JSON in UTF-8 of at most
    `max_depth` nested lists and objects.
    """
    if not data.startswith(b"{"):
        _refuse_beginning(data)
    text = _decoded(data)
    value = _parse(text, max_depth)
    # These searches spare ordinary bodies the slow checks; they may find too much, never too little.
    if len(text) > 2 * max_depth and _may_be_deep(text, max_depth) and _deeper_than(value, max_depth):
        raise _too_deep(max_depth)
    if "\\" in text and ("\\ud" in text or "\\uD" in text):
        _refuse_lone_surrogates(value)
    return value


def _refuse_beginning(data: bytes) -> None:
    if data.startswith(_BOM):
        raise RequestError("", "the body begins with a byte order mark, which JSON does not allow")
    if not data or data.isspace():
        raise RequestError("", "the body is empty, but must be JSON")


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise RequestError("", f"the body is not valid UTF-8 at byte {error.start}") from None


def _parse(text: str, max_depth: int) -> Any:
    try:
        return _read(text)
    except JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise RequestError("", f"the body is not valid JSON: {error.msg} ({place})") from None
    except RecursionError:
        raise _too_deep(max_depth) from None


def _read(text: str) -> Any:
    """What `JSONDecoder.decode` gives, without the two searches for white space around a value that has none."""
    if text[0] == "{":
        value, end = _decoder.raw_decode(text)
        if end == len(text):
            return value
    return _decoder.decode(text)


def _may_be_deep(text: str, max_depth: int) -> bool:
    is_flat = "[" not in text and text.find("{", 1) < 0
    return not is_flat and text.count("{") + text.count("[") > max_depth


def _too_deep(max_depth: int) -> RequestError:
    return RequestError("", f"the body is nested deeper than {max_depth} levels")


def _deeper_than(value: Any, depth: int) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(depth):
        level = [child for parent in level for child in _children(parent) if isinstance(child, dict | list)]
    return bool(level)


def _children(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        write_json(value)
    except UnicodeEncodeError:
        raise RequestError("", _UNPAIRED) from None


def write_json(value: Any) -> bytes:
    """`value` as compact JSON in UTF-8. Raises ValueError for NaN, infinity and lone surrogates."""
    return _encode(value).encode()
