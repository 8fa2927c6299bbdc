"""What is kept of a body while it passes: the beginning of a text, of a form its fields, of anything else its size.

A body that unfolds to far more than was sent costs no more than any other. Knows no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from mockserver.bounds import RECORDED_BODY, RECORDED_UNDER_WAY
from mockserver.errors import RequestError
from mockserver.redaction import AHEAD
from mockserver.validation.codings import Decoder, coding_of
from mockserver.validation.forms import Form, FormReader

_TEXT = re.compile(
    r"(?i)\s*(text/|[\w.+-]+/(?:[\w.+-]*[+.-])?(json|xml|yaml|javascript|ndjson|jsonl|x-www-form-urlencoded)\b)"
)
_FORM = re.compile(r"(?i)\s*multipart/form-data\b")


@dataclass(slots=True)
class Room:
    """For the copies of exchanges that are under way, together."""

    left: int = RECORDED_UNDER_WAY


@dataclass(slots=True)
class BodyCopy:
    """`size` is what went over the wire; `data` the beginning of what it unfolds to, `is_whole` where that is all.

    `is_end_known` is not, where it ended with a connection that nobody said would end.
    """

    content_type: str
    size: int = 0
    data: bytearray = field(default_factory=bytearray)
    is_whole: bool = True
    is_end_known: bool = True
    form: Form | None = None
    _room: Room = field(default_factory=Room)
    _decoder: Decoder | None = None
    _reader: FormReader | None = None

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]], room: Room) -> BodyCopy:
        """A copy of the body that comes with these headers."""
        named = dict(reversed([*headers]))
        coding, kind = coding_of(named.get(b"content-encoding", b"")), named.get(b"content-type", b"").decode("latin-1")
        copy = cls(kind, _room=room)
        if coding is None or not (is_text(kind) or _FORM.match(kind)):
            copy.is_whole = False
        copy._decoder = Decoder(coding) if coding else None
        if _FORM.match(kind):
            with suppress(RequestError):
                copy._reader = FormReader(kind, rules={})
        return copy

    def feed(self, data: bytes) -> None:
        """Take in what passes; what is broken, or too much, is not looked at further."""
        self.size += len(data)
        if not self.is_whole:
            return
        try:
            for piece in self._decoder.feed(data) if self._decoder and data else (data,):
                self._take(piece)
                if not self.is_whole:
                    return
        except RequestError:
            self.is_whole = False

    def _take(self, piece: bytes) -> None:
        if self._reader is not None:
            self._reader.feed(piece)
            return
        fits = min(len(piece), RECORDED_BODY + AHEAD - len(self.data), self._room.left)
        self.data += piece[:fits]
        self._room.left -= fits
        self.is_whole = fits == len(piece)

    def close(self) -> None:
        """No more comes."""
        self._room.left += len(self.data)
        if self._reader is not None:
            try:
                self.form = self._reader.finish()
                self.form.discard()
            except RequestError:
                self.is_whole = False
            self._reader = None


def is_text(content_type: str) -> bool:
    """Whether bodies of a media type are texts; one that names none may be."""
    return not content_type.strip() or _TEXT.match(content_type) is not None
