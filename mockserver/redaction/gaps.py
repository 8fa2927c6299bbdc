"""What was hidden of a text, told by what is left of it. Knows no form of a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockserver.redaction.scan import HIDDEN

_MARK = HIDDEN.decode()
_PLAIN = re.compile(r"[A-Z]?[a-z]*|[A-Z]+|[0-9]{1,5}")


def hidden_in(text: str, shown: str) -> Iterator[str]:
    """The values in whose places something else stands in `shown`, without quotes; plain words are none."""
    pieces = shown.split(_MARK)
    if len(pieces) < 2 or not text.startswith(pieces[0]) or not text.endswith(pieces[-1]):
        return  # nothing was hidden, or the text was written anew
    at, end = len(pieces[0]), len(text) - len(pieces[-1])
    for piece in pieces[1:-1]:
        start, found = at, text.find(piece, at + 1, end) if piece else -1
        if found >= 0:
            at = found + len(piece)
            yield from _value(text[start:found])
    yield from _value(text[at:end])


def _value(text: str) -> Iterator[str]:
    value = text.strip(" \t\r\n\"'\\")
    if value and not _PLAIN.fullmatch(value):
        yield value
