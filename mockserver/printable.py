"""Text for people: what may be printed to a terminal, a report, JUnit, HAR or a page, whoever wrote it.

The one place that decides it; every writer passes its text through here. What could control a terminal, reorder
letters, hide them, or break a line or an XML file is shown as an escape, as Python writes it. Knows no writer.
"""

from __future__ import annotations

import json
import re
from typing import Any

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"  # but for tabs and line feeds
_FORMATS = "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"  # of direction, of no width, line breaks
_INVISIBLE = "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"
_HIGH = "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
_NO_CHARACTERS = "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
)
_UNPRINTABLE = re.compile(f"[{_CONTROLS}{_FORMATS}{_INVISIBLE}{_HIGH}{_NO_CHARACTERS}]")
_COMMAND = re.compile(r"^([ \t]*):(?=:)", re.MULTILINE)
_BREAKS = str.maketrans({"\n": "\\n", "\t": "\\t"})


def printable(text: str) -> str:
    """`text` as it may be printed; line feeds and tabs stay."""
    return text if text.isascii() and text.isprintable() else _UNPRINTABLE.sub(_escaped, text)


def harmless(text: str) -> str:
    """`text` as it may be printed where a line is a command to a reader: to GitHub Actions, if it begins with `::`."""
    return _COMMAND.sub(r"\1\\x3a", printable(text))


def one_line(text: str) -> str:
    """`text` as it may be printed within a line: its line feeds and tabs are escapes as well."""
    return printable(text).translate(_BREAKS)


def printable_json(value: Any, *, indent: int | None = None) -> str:
    """A value as JSON in which nothing stands raw that may not be printed; whoever reads it gets the very value."""
    separators = (",", ":") if indent is None else None
    return json.dumps(value, indent=indent, separators=separators, allow_nan=False).replace("\x7f", "\\u007f")


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
