"""The content coding of a body, undone while it arrives. A body that unfolds to far more than was sent costs no memory.

Bytes in, bytes out. Knows no media type and no limit but its own pieces.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from mockserver.errors import RequestError

UNDERSTOOD = "gzip, deflate"
PIECE = 64 * 1024
MAX_MEMBERS = 1000

_CODINGS = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}
_GZIP, _ZLIB, _RAW = 31, 15, -15  # how zlib is told what to expect


def coding_of(header: bytes) -> str | None:
    """`gzip`, `deflate`, or empty where nothing was done to the body; None for what is not understood."""
    named = [word.strip().lower() for word in header.decode("latin-1").split(",")]
    done = [word for word in named if word not in ("", "identity")]
    return (_CODINGS.get(done[0]) if len(done) == 1 else None) if done else ""


class Decoder:
    """Undoes gzip (of several members, too) or deflate (with zlib's frame or, as some clients send it, without)."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._members = 0
        self._begun = b""  # the first byte of a body of deflate, whose frame cannot be told from it
        self._is_empty = True
        self._inflater: Any = self._next(_GZIP) if coding == "gzip" else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes unfold to, in pieces. Raises RequestError."""
        self._is_empty = self._is_empty and not data
        if self._inflater is None:
            data = self._begun = self._begun + data
            if len(data) < 2:
                return
            self._inflater = self._next(_ZLIB if _is_framed(data) else _RAW)
        try:
            if data:
                yield from self._unfold(data)
        except zlib.error as error:
            raise RequestError("", f"the body is no valid {self._coding}: {error}") from None

    def finish(self) -> None:
        """The body is over. Raises RequestError when it was cut short; a body without a byte is none."""
        if not self._is_empty and (self._inflater is None or not self._inflater.eof):
            raise RequestError("", f"the body ends before its {self._coding} does")

    def _unfold(self, data: bytes) -> Iterator[bytes]:
        while True:
            if self._inflater.eof:
                self._inflater = self._next(_GZIP)
            piece = self._inflater.decompress(data, PIECE)
            if piece:
                yield piece
            data = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
            if not data and (self._inflater.eof or len(piece) < PIECE):
                return

    def _next(self, frame: int) -> Any:
        """Who unfolds the next member. Raises RequestError for one too many; deflate has only one."""
        self._members += 1
        if self._members > (MAX_MEMBERS if self._coding == "gzip" else 1):
            raise RequestError("", f"the body goes on after its {self._coding} has ended")
        return zlib.decompressobj(frame)


def _is_framed(data: bytes) -> bool:
    """Whether the frame of zlib begins so (RFC 1950, 2.2)."""
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
