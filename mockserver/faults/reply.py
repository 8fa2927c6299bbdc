"""`Reply`: an answer that is about to be sent, in a form that can be bent. Knows neither contracts nor sockets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar

from mockserver.errors import RequestError
from mockserver.header_types import RawHeaders
from mockserver.statuses import BODILESS, LENGTHLESS
from mockserver.validation import parse_json, write_json

ChunkReader = Callable[[int, int], Any]
"""What gives the bytes from one place to another: an iterator, or, of a live reply, one that has to be waited for."""


@dataclass(frozen=True)
class Reply:
    """Status, headers and `length` bytes of body; `chunks(start, stop)` gives them. `name` is the example's.

    One that `is_live` gives them as they come: its `length` is what they would be if nothing came between.
    """

    status: int
    headers: RawHeaders
    length: int
    chunks: ChunkReader
    name: str = ""
    is_live: ClassVar[bool] = False

    @classmethod
    def of(cls, status: int, media_type: bytes, body: bytes, name: str = "", headers: RawHeaders = ()) -> Reply:
        """A reply of bytes; content-length is set where the status can have one, and content-type if there is one.

        No body goes with a status that has none.
        """
        media_type, body = (b"", b"") if status in BODILESS else (media_type, body)
        own: RawHeaders = ((b"content-length", b"%d" % len(body)),) if status not in LENGTHLESS else ()
        own = ((b"content-type", media_type), *own) if media_type else own
        return cls(status, (*own, *headers), len(body), _of_bytes(body), name)

    @cached_property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks(0, self.length))

    @property
    def media_type(self) -> bytes:
        return self.header(b"content-type")

    @cached_property
    def json(self) -> Any:
        """The body's JSON value; None when it is no JSON."""
        if b"json" not in self.media_type:
            return None
        try:
            return parse_json(self.body)
        except RequestError:
            return None

    def header(self, name: bytes) -> bytes:
        """A header's value; empty when it is not there."""
        return next((value for key, value in self.headers if key == name), b"")

    def with_body(self, body: bytes) -> Reply:
        """The same with other bytes and an honest length."""
        changed = replace(self, length=len(body), chunks=_of_bytes(body))
        return changed.with_headers((b"content-length", b"%d" % len(body)))

    def with_json(self, value: Any) -> Reply:
        """The same with another JSON value."""
        return self.with_body(write_json(value))

    def with_headers(self, *headers: tuple[bytes, bytes]) -> Reply:
        """The same with these headers in the place of those of the same names."""
        return replace(self, headers=(*self.without(*(name for name, _ in headers)).headers, *headers))

    def without(self, *names: bytes) -> Reply:
        """The same without these headers."""
        return replace(self, headers=tuple(header for header in self.headers if header[0] not in names))

    def without_body(self) -> Reply:
        """The answer to HEAD: the headers as they are, and no byte of the body."""
        return replace(self, length=0, chunks=_of_bytes(b""))

    def head(self, *more: bytes, version: bytes = b"1.1") -> bytes:
        """Status line and headers as they go over the wire, the empty line included; `more` are whole lines."""
        lines = [name + b": " + value for name, value in self.headers]
        return b"\r\n".join((status_line(self.status, version), *lines, *more, b"", b""))


def _of_bytes(body: bytes) -> ChunkReader:
    return lambda start, stop: iter([body[start:stop]] if body[start:stop] else [])


def status_line(status: int, version: bytes = b"1.1") -> bytes:
    """`HTTP/1.1 200 OK`; a status nobody knows has no phrase."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return b"HTTP/%s %d %s" % (version, status, phrase.encode())
