"""Reads the framing of one chunked body strictly, before any HTTP library sees it. Knows nothing but bytes."""

from __future__ import annotations

import re

from mockserver.wire.head import FIELD, TOKEN

LINE_BYTES = 256

_BLANK = rb"[ \t]*+"
_QUOTED = rb'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*+"'
_EXTENSION = (
    rb"(?:" + _BLANK + rb";" + _BLANK + TOKEN + rb"++(?:" + _BLANK + rb"=" + _BLANK
    + rb"(?:" + TOKEN + rb"++|" + _QUOTED + rb"))?+)*+"
)  # fmt: skip
_FIRST = re.compile(rb"([0-9A-Fa-f]{1,15})" + _EXTENSION + rb"\r\n").match
_NEXT = re.compile(rb"\r\n([0-9A-Fa-f]{1,15})" + _EXTENSION + rb"\r\n").match
_BEGINS = rb"[0-9A-Fa-f]{0,15}(?:[ \t;][^\x00-\x08\x0a-\x1f\x7f]*)?\r?"
_BEGINS_FIRST = re.compile(_BEGINS).fullmatch
_BEGINS_NEXT = re.compile(rb"\r?|\r\n" + _BEGINS).fullmatch
_TRAILER = re.compile(rb"(?:" + FIELD + rb")*+\r\n").match


class Malformed(ValueError):
    """The chunks of a body do not keep to the grammar; the message says how."""


class Chunks:
    """One chunked body. Extensions are checked and left out, and so is its trailer, bounded by `trailer_bytes`."""

    __slots__ = ("_begun", "_ended", "_left", "_tail", "_trailer_bytes")

    def __init__(self, trailer_bytes: int) -> None:
        self._trailer_bytes = trailer_bytes
        self._left = 0
        self._tail = b""
        self._begun = False
        self._ended = False

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """The bytes that are now known to be lawful, and what follows the body (None: it is not over).

        Raises Malformed.
        """
        data, self._tail = self._tail + data, b""
        at, lawful = 0, []
        while not self._ended:
            content = data[at : at + self._left]
            lawful.append(content)
            at += len(content)
            self._left -= len(content)
            line = (_NEXT if self._begun else _FIRST)(data, at) if at < len(data) else None
            if line is None:
                self._keep(data[at:])
                return b"".join(lawful), None
            lawful.append(b"\r\n%b\r\n" % line[1] if self._begun else line[1] + b"\r\n")
            self._begun, self._left, at = True, int(line[1], 16), line.end()
            self._ended = self._left == 0
        return self._finish(b"".join(lawful), data[at:])

    def _keep(self, tail: bytes) -> None:
        begins = _BEGINS_NEXT if self._begun else _BEGINS_FIRST
        if len(tail) > LINE_BYTES or begins(tail) is None:
            raise Malformed("The size of a chunk cannot be read.")
        self._tail = tail

    def _finish(self, lawful: bytes, rest: bytes) -> tuple[bytes, bytes | None]:
        trailer = _TRAILER(rest)
        if trailer is not None and trailer.end() <= self._trailer_bytes:
            return lawful + b"\r\n", rest[trailer.end() :]
        if len(rest) > self._trailer_bytes or b"\r\n\r\n" in rest or re.search(rb"(?<!\r)\n", rest):
            raise Malformed("The trailer after the last chunk cannot be read.")
        self._tail = rest
        return lawful, None
