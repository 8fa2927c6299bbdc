"""The header block of one part of a form: bytes in, a name and types out. Reads no content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from mockserver.errors import RequestError
from mockserver.validation.media_types import media_type, options

_CHARSETS = {
    "": "utf-8",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
}
_PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class PartHeaders:
    """What a part says about itself; `content_type` bare and in lower case, `charset` as Python's codec."""

    name: str
    filename: str | None
    content_type: str | None
    charset: str


def read_headers(raw: Mapping[bytes, bytes]) -> PartHeaders:
    """The meaning of a part's headers (names in lower case). Raises RequestError when they make no sense."""
    disposition, given = options(_text(raw.get(b"content-disposition", b"")))
    if disposition != "form-data":
        raise RequestError("", "a part of the form has no Content-Disposition of form-data")
    name = given.get("name")
    if name is None:
        raise RequestError("", "a part of the form has no name")
    encoding = _text(raw.get(b"content-transfer-encoding", b"")).strip().lower()
    if encoding not in _PLAIN_ENCODINGS:
        raise RequestError("", "a part of the form has a Content-Transfer-Encoding, which forms do not allow")
    bare, parameters = media_type(_text(raw.get(b"content-type", b"")))
    return PartHeaders(
        name=name,
        filename=_extended(given.get("filename*", "")) or given.get("filename"),
        content_type=bare or None,
        charset=_charset(parameters.get("charset", "")),
    )


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise RequestError("", "the headers of a part of the form are not valid UTF-8") from None


def _charset(named: str) -> str:
    codec = _CHARSETS.get(named.lower())
    if codec is None:
        raise RequestError("", "a part of the form has a charset other than UTF-8")
    return codec


def _extended(value: str) -> str:
    """The text of `filename*=UTF-8''…`; empty when it is not of that form."""
    charset, _, rest = value.partition("'")
    text = rest.partition("'")[2]
    codec = _CHARSETS.get(charset.lower()) if charset else None
    try:
        return unquote(text, codec, "strict") if codec else ""
    except UnicodeDecodeError:
        return ""
