"""The fields and files of a form, out of the bytes of a body. Judges nothing: what makes no sense is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import Parser
from urllib.parse import parse_qsl

from mockserver.errors import is_on_purpose
from mockserver.printable import one_line

__tracebackhide__ = is_on_purpose

_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class File:
    """One file of a form: its field, its file name, its media type (empty when none was said) and its bytes."""

    name: str
    filename: str
    content_type: str
    content: bytes = field(repr=False)

    def __repr__(self) -> str:
        kind = self.content_type or "no type"
        return one_line(f"File({self.name!r}, {self.filename!r}, {kind!r}, {len(self.content)} bytes)")


def fields_of(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Names and texts of a form, in order; none of what is no form."""
    if media_type(content_type) == "application/x-www-form-urlencoded":
        return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return [
        (name, content.decode("utf-8", "replace"))
        for name, file, _, content in _parts(content_type, body)
        if file is None
    ]


def files_of(content_type: str, body: bytes) -> list[tuple[str, File]]:
    """The files of a form by their fields, in order."""
    parts = _parts(content_type, body)
    return [(name, File(name, file, kind, content)) for name, file, kind, content in parts if file is not None]


def media_type(content_type: str) -> str:
    """Without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def _parts(content_type: str, body: bytes) -> Iterator[tuple[str, str | None, str, bytes]]:
    boundary = _headers(b"content-type: " + content_type.encode("utf-8", "replace")).get_param("boundary")
    if media_type(content_type) != "multipart/form-data" or not isinstance(boundary, str):
        return
    mark = b"\r\n--" + boundary.encode("latin-1", "replace")
    for part in (b"\r\n" + body).split(mark)[1:]:
        if part.startswith(b"--"):  # what stands behind the last boundary is no part
            return
        head, _, content = (part.lstrip(b" \t")).partition(_END)
        headers = _headers(head)
        name = headers.get_param("name", header="content-disposition")
        if name is not None:
            yield _text(name), _filename(headers), media_type(headers.get("content-type", "")), content


def _filename(headers: Message) -> str | None:
    name = headers.get_param("filename", header="content-disposition")
    return None if name is None else _text(name)


def _text(value: str | tuple[str | None, str | None, str]) -> str:
    """A parameter as text, without the escape that browsers write for a quotation mark; or as RFC 2231 has it."""
    if isinstance(value, tuple):
        charset, _, raw = value
        return raw.encode("latin-1", "replace").decode(charset or "utf-8", "replace")
    return value.replace("%22", '"')


def _headers(block: bytes) -> Message:
    """Header lines, in UTF-8 or else in Latin-1, as the server reads them."""
    try:
        text = block.decode()
    except UnicodeDecodeError:
        text = block.decode("latin-1")
    return Parser().parsestr(text.strip("\r\n") + "\r\n\r\n", headersonly=True)
