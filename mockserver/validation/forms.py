"""A multipart form, read while it arrives. Holds text and what it is told to keep, and lets the rest pass.

Built on the bare parser of python-multipart, which neither notices a truncated form nor bounds anything
but headers. Memory stays bounded for every input: text, names, parts and kept bytes each have a limit.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from mockserver.errors import RequestError
from mockserver.validation.explain import label, pointer
from mockserver.validation.media_types import media_type
from mockserver.validation.part_headers import PartHeaders, codec, read_headers
from mockserver.validation.parts import FormPart, PartRule
from mockserver.validation.preamble import Preamble
from mockserver.validation.spool import MAX_IN_MEMORY, Extent, Scratch, Spool

MAX_PARTS = 1000
MAX_TEXT = 1024 * 1024
MAX_MISPLACED = 8192
"""How many first bytes are read of a part that should have had a file name."""
HEAD = 256
"""How many first bytes of a file are always at hand, to tell its kind."""

_BOUNDARY = re.compile(r"[ -~]{0,199}[!-~]")
_TEXT_TYPES = re.compile(r"text/.*|application/json")

# The parser logs a warning for each bad byte it meets; what is wrong is already in the error.
_SILENT = logging.Logger("silent")
_SILENT.disabled = True


@dataclass(frozen=True, slots=True)
class Form:
    """A complete form: text fields and files, each in order of arrival; `empty` are the names of files of 0 bytes."""

    fields: list[tuple[str, str]]
    files: list[FormPart]
    empty: list[str] = field(default_factory=list)

    def discard(self) -> None:
        """Let the bytes of all files go."""
        for part in self.files:
            if isinstance(part.body, Extent):
                part.body.scratch.close()


@dataclass(slots=True)
class _OpenField:
    headers: PartHeaders
    is_misplaced: bool
    text: bytearray


@dataclass(slots=True)
class _OpenFile:
    headers: PartHeaders
    rule: PartRule
    spool: Spool | None
    size: int = 0
    head: bytes = b""
    too_large: bool = False
    checksum: int = 0


class FormReader:
    """Reads one form: `feed` each chunk, then `finish`. A RequestError from either ends the reading.

    A part is a file if it has a filename; any other is a field, whatever its content type. A field under the name of
    a file, or of a type that is not text, may hold any bytes: they are decoded as well as can be, and what stands
    under the name of a file is not kept to its end.
    """

    def __init__(
        self,
        content_type: str,
        *,
        rules: Mapping[str, PartRule],
        max_parts: int = MAX_PARTS,
        max_text: int = MAX_TEXT,
        directory: Path | None = None,
    ) -> None:
        """`content_type`: the request's header; `rules` by field name; `max_text` bytes of fields and names
        together; `directory` for kept files. Raises RequestError when the header has no usable boundary.
        """
        self._rules = rules
        self._max_parts = max_parts
        self._text_left = max_text
        self._scratch = Scratch(directory)
        self._memory_left = MAX_IN_MEMORY
        self._parts = 0
        self._ended = False
        self._headers: dict[bytes, bytes] = {}
        self._header = (bytearray(), bytearray())
        self._open: _OpenFile | _OpenField | None = None
        self._texts: list[_OpenField] = []
        self._files: list[FormPart] = []
        self._empty: list[str] = []
        boundary = _boundary(content_type)
        self._preamble = Preamble(boundary)
        self._parser = self._new_parser(boundary)

    def _new_parser(self, boundary: str) -> MultipartParser:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_begin": self._on_header_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )
        parser.logger = _SILENT
        return parser

    def feed(self, chunk: bytes) -> None:
        """Read the next bytes. Raises RequestError when this is not a form, or one past a limit."""
        if not self._preamble.is_over:
            chunk = self._preamble.feed(chunk)
        try:
            self._parser.write(chunk)
        except (FormParserError, LookupError) as error:
            self.discard()
            raise RequestError("", f"the form is malformed: {error}") from None
        except BaseException:
            self.discard()
            raise

    def finish(self) -> Form:
        """The form. Raises RequestError when it was cut short of its closing boundary, or holds what is no text."""
        try:
            if not self._preamble.is_over:
                raise RequestError("", "the form holds no boundary of the kind that its Content-Type names")
            if not self._ended:
                raise RequestError("", "the form ends before its closing boundary")
            charset = self._charset()
            form = Form([(t.headers.name, _decoded(t, charset)) for t in self._texts], self._files, self._empty)
        except RequestError:
            self.discard()
            raise
        self._parser.callbacks = {}  # they hold this reader, which holds the parser and all that was read
        return form

    def _charset(self) -> str:
        """In what text is written that does not say it: a field of this name tells (RFC 7578, 4.6)."""
        told = next((text.text for text in self._texts if text.headers.name == "_charset_"), b"")
        return codec(told.decode("latin-1"))

    def discard(self) -> None:
        """Remove what was kept so far: for a form that will not be finished."""
        self._parser.callbacks = {}
        self._open = None
        self._scratch.close()

    def _on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > self._max_parts:
            raise RequestError("", f"the form has more than {self._max_parts} parts")
        self._headers = {}

    def _on_header_begin(self) -> None:
        self._header = (bytearray(), bytearray())

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _on_header_end(self) -> None:
        name = bytes(self._header[0]).lower()
        if name in self._headers:
            raise RequestError("", "a part of the form has the same header twice")
        self._headers[name] = bytes(self._header[1])

    def _on_headers_finished(self) -> None:
        headers = read_headers(self._headers)
        self._take_text(len(headers.name) + len(headers.filename or "") + len(headers.content_type or ""))
        rule = self._rules.get(headers.name)
        if headers.filename is not None:
            self._open = self._open_file(headers, rule or PartRule())
        else:
            self._open = _OpenField(headers, rule is not None and not rule.or_text, bytearray())

    def _open_file(self, headers: PartHeaders, rule: PartRule) -> _OpenFile:
        spool = Spool(self._memory_left, self._scratch) if rule.keep else None
        return _OpenFile(headers, rule, spool)

    def _take_text(self, size: int) -> None:
        self._text_left -= size
        if self._text_left < 0:
            raise RequestError("", "the text fields of the form are too long")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if isinstance(self._open, _OpenFile):
            _take(self._open, data, start, end)
        elif self._open:
            if self._open.is_misplaced:
                end = min(end, start + MAX_MISPLACED - len(self._open.text))
            self._take_text(end - start)
            self._open.text.extend(data[start:end])

    def _on_part_end(self) -> None:
        ended, self._open = self._open, None
        if isinstance(ended, _OpenFile):
            self._add_file(ended)
        elif ended:
            self._texts.append(ended)

    def _add_file(self, ended: _OpenFile) -> None:
        part = _closed(ended)
        if isinstance(part.body, bytes):
            self._memory_left -= part.size
        if part.size:
            self._files.append(part)
        elif part.filename:  # a browser sends an input in which no file was chosen as an empty file without a name
            self._empty.append(part.name)

    def _on_end(self) -> None:
        self._ended = True


def _boundary(content_type: str) -> str:
    boundary = media_type(content_type)[1].get("boundary")
    if not boundary:
        raise RequestError("", "the Content-Type of the form has no boundary")
    if not _BOUNDARY.fullmatch(boundary):
        raise RequestError("", "the boundary of the form is too long or holds a character it may not hold")
    return boundary


def _is_text(headers: PartHeaders) -> bool:
    return _TEXT_TYPES.fullmatch(headers.content_type or "text/plain") is not None


def _take(file: _OpenFile, data: bytes, start: int, end: int) -> None:
    file.size += end - start
    file.checksum = zlib.crc32(memoryview(data)[start:end], file.checksum)
    if len(file.head) < HEAD:
        file.head += data[start : min(end, start + HEAD - len(file.head))]
    limit = file.rule.max_bytes
    if limit is not None and file.size > limit:
        file.too_large = True
        if file.spool:
            file.spool.discard()
        file.spool = None
    if file.spool:
        file.spool.write(data[start:end])


def _closed(file: _OpenFile) -> FormPart:
    headers = file.headers
    return FormPart(
        name=headers.name,
        filename=headers.filename,
        content_type=headers.content_type,
        size=file.size,
        head=file.head,
        too_large=file.too_large,
        body=file.spool.close() if file.spool else None,
        checksum=file.checksum,
    )


def _decoded(ended: _OpenField, default: str) -> str:
    charset, name = ended.headers.charset or default, ended.headers.name
    is_text = not ended.is_misplaced and _is_text(ended.headers)
    try:
        return ended.text.decode(charset, "strict" if is_text else "replace")
    except UnicodeDecodeError:
        raise RequestError(pointer([name]), f"{label([name])} is not valid {charset} text") from None
