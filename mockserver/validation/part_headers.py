"""The header block of one part of a form: bytes in, a name and types out. Reads no content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from mockserver.errors import RequestError
from mockserver.validation.media_types import media_type, options

_CHARSETS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
}


@dataclass(frozen=True, slots=True)
class PartHeaders:
    """What a part says about itself; `content_type` bare and in lower case, `charset` as Python's codec, else empty."""

    name: str
    filename: str | None
    content_type: str | None
    charset: str


def read_headers(raw: Mapping[bytes, bytes]) -> PartHeaders:
    """The meaning of a part's headers (names in lower case). Raises RequestError when they make no sense."""
    disposition, given = options(_disposition(raw.get(b"content-disposition", b"")))
    if disposition != "form-data":
        raise RequestError("", "a part of the form has no Content-Disposition of form-data")
    name = given.get("name")
    if name is None:
        raise RequestError("", "a part of the form has no name")
    bare, parameters = media_type(_text(raw.get(b"content-type", b"")))
    filename = _extended(given.get("filename*", "")) or _unescaped(given.get("filename"))
    charset = parameters.get("charset", "") if filename is None else ""  # files may say "binary"
    return PartHeaders(
        name=_unescaped(name),
        filename=filename,
        content_type=bare or None,
        charset=codec(charset) if charset else "",
    )


def _disposition(raw: bytes) -> str:
    """Its text; names of files in the charset of the client's system are taken for Latin-1, as Node's busboy does."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise RequestError("", "the headers of a part of the form are not valid UTF-8") from None


def codec(named: str) -> str:
    """Python's name of a charset; UTF-8 unless one is named. Raises RequestError for one that forms are not read in."""
    found = _CHARSETS.get(named.strip().lower() or "utf-8")
    if found is None:
        raise RequestError("", "a part of the form has a charset other than UTF-8")
    return found


def _unescaped(name: Any) -> Any:
    """A name without the escape that browsers write for a quotation mark, as the HTML standard has it."""
    return name and name.replace("%22", '"')


def _extended(value: str) -> str:
    """The text of `filename*=UTF-8''…`; empty when it is not of that form."""
    charset, _, rest = value.partition("'")
    text = rest.partition("'")[2]
    found = _CHARSETS.get(charset.lower())
    try:
        return unquote(text, found, "strict") if found else ""
    except UnicodeDecodeError:
        return ""
