"""Entries of an archive of HTTP (HAR 1.2) as they stand there, whatever wrote them: of our recorder, of a browser, of a
proxy, by hand. Nothing is hidden yet. What cannot be read says why. Knows no API.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlsplit

from mockserver.bounds import RECORDED_BODY
from mockserver.errors import RequestError
from mockserver.intake import STREAMS
from mockserver.json_types import JsonValue
from mockserver.observed.texts import json_in
from mockserver.pointers import MISSING
from mockserver.validation.codings import Decoder
from mockserver.validation.forms import FormReader

FORM, URLENCODED = "multipart/form-data", "application/x-www-form-urlencoded"
CALLED = frozenset(("GET", "PUT", "POST", "DELETE", "PATCH"))
"""Methods of an API's clients; the others are of browsers and proxies, or of nobody."""
TEXT = 64 * 1024
"""How much is read of an answer that is a text and no JSON."""
NO_BODY, BROKEN = "is not in the archive", "is no JSON that can be read"
_EMPTY = re.compile(rb'(filename="[^"\r\n]*"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)(?=\r\n)')
"""The head of a file whose bytes somebody left out."""
_LONGEST_URL = 64 * 1024


class UnreadEntry(Exception):
    """An entry that is no call; the text says why."""


class ObservedFile(NamedTuple):
    """A file of a form."""

    name: str
    media: str


@dataclass(slots=True)
class Posted:
    """What a request sent: of a form its fields and files, of what is neither that nor JSON its text. `why` says what
    is wrong with it, where something is.
    """

    media: str = ""
    body: JsonValue = MISSING
    files: dict[str, ObservedFile] | None = None
    why: str = ""
    text: str = ""


@dataclass(slots=True)
class Content:
    """What an answer had: JSON, or the beginning of another text. `why` as above."""

    media: str = ""
    answer: JsonValue = MISSING
    text: str = ""
    size: int = 0
    why: str = ""


@dataclass(slots=True)
class HarEntry:
    """A request and its answer as an archive has them: times in seconds since 1970, headers by small letters."""

    at: float
    ended: float
    method: str
    url: SplitResult
    sent: dict[str, str]
    posted: Posted
    status: int
    answered: dict[str, str]
    content: Content


def read_entry(entry: JsonValue) -> HarEntry:
    """An entry. Raises UnreadEntry."""
    request, response = _part(entry, "request"), _part(entry, "response")
    sent, answered = _headers(request), _headers(response)
    url = _url(request, sent)
    method = str(request.get("method") or "").upper()
    if method not in CALLED:
        raise UnreadEntry(f"{method} is not of an API's clients" if method.isalpha() else "its method is none")
    at, status = _moment(entry.get("startedDateTime")), _status(response.get("status"))
    posted, content = _posted(request.get("postData"), sent), _content(response.get("content"), answered)
    if not posted.media:
        posted.media = _media(sent)
    if posted.body is MISSING and not posted.why and not posted.files and _length(request, sent):
        posted.why = NO_BODY if posted.media.endswith("json") or not posted.media else ""
    content.media = content.media or _media(answered)
    return HarEntry(at, at + _seconds(entry), method, url, sent, posted, status, answered, content)


def _part(entry: JsonValue, name: str) -> dict[str, Any]:
    found = entry.get(name) if isinstance(entry, dict) else None
    if not isinstance(found, dict):
        raise UnreadEntry(f"it has no {name}")
    return found


def _url(request: dict[str, Any], sent: dict[str, str]) -> SplitResult:
    text = str(request.get("url") or "")[:_LONGEST_URL]
    host = sent.get("host") or sent.get(":authority")
    if text.startswith("/") and host:
        text = f"https://{host}{text}"
    try:
        url = urlsplit(text)
        url.port  # noqa: B018 - it is read when it is asked for
    except ValueError:
        raise UnreadEntry("its URL is none") from None
    if url.scheme not in ("http", "https"):
        raise UnreadEntry(
            f"{url.scheme}: is no address of HTTP" if re.fullmatch(r"[a-z+-]+", url.scheme) else "its URL is none"
        )
    if not url.hostname:
        raise UnreadEntry("its URL has no host")
    return url


def _moment(value: JsonValue) -> float:
    """Seconds since 1970. Raises UnreadEntry."""
    try:
        if type(value) in (int, float):
            return float(value) / (1000 if value > 1e11 else 1) if math.isfinite(value) else _no_time()
        found = datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return _no_time()


def _no_time() -> float:
    raise UnreadEntry("nothing says when it was (startedDateTime)")


def _seconds(entry: JsonValue) -> float:
    """How long a call took. Raises UnreadEntry for what is no time."""
    try:
        found = max(float(entry.get("time") or 0), 0.0) / 1000
    except (TypeError, ValueError, OverflowError):
        return 0.0
    if not math.isfinite(found):
        raise UnreadEntry("it took a time without end")
    return found


def _status(value: JsonValue) -> int:
    try:
        status = int(value)
    except (TypeError, ValueError, OverflowError):
        status = -1
    if status and not 100 <= status <= 599:
        raise UnreadEntry("its status is none")
    return status


def _length(request: dict[str, Any], sent: dict[str, str]) -> bool:
    """Whether a request says that it had a body."""
    size = request.get("bodySize")
    return (type(size) is int and size > 0) or sent.get("content-length", "0").strip("0").isdigit()


def _list(of: JsonValue, name: str) -> list[Any]:
    found = of.get(name) if isinstance(of, dict) else None
    return found if isinstance(found, list) else []


def _headers(message: JsonValue) -> dict[str, str]:
    named = message.get("headers")
    pairs = [each for each in _list(message, "headers") if isinstance(each, dict)]
    found = [(pair.get("name"), pair.get("value")) for pair in pairs]
    return {str(n).lower(): str(v) for n, v in (named.items() if isinstance(named, dict) else found)}


def _media(headers: dict[str, str]) -> str:
    return plain_media(headers.get("content-type", ""))


def plain_media(text: str) -> str:
    """A media type without its parameters."""
    return text.partition(";")[0].strip().lower()


# --- what was sent


def _posted(post: JsonValue, sent: dict[str, str]) -> Posted:
    if not isinstance(post, dict):
        return Posted()
    kind = str(post.get("mimeType") or "") or sent.get("content-type", "")
    media, text = plain_media(kind), _text_in(post, kind)
    if media == FORM:
        body, files = _form(post)
        return Posted(media, body, files) if body or files else _raw_form(kind, text, sent)
    if media == URLENCODED:
        pairs = parse_qsl(text, keep_blank_values=True) or [*_params(post)]
        return Posted(media, dict(pairs), {})
    body = json_in(text) if text else MISSING
    is_json = "json" in media or text.lstrip()[:1] in ("{", "[")
    why = BROKEN if text and body is MISSING and is_json else ""
    return Posted(media, body, {}, why, text[:RECORDED_BODY] if body is MISSING else "")


def _params(post: JsonValue) -> Iterator[tuple[str, str]]:
    for each in _list(post, "params"):
        if isinstance(each, dict) and not each.get("fileName"):
            yield str(each.get("name")), str(each.get("value") or "")


def _form(post: JsonValue) -> tuple[JsonValue, dict[str, ObservedFile]]:
    files = {
        str(each.get("name")): ObservedFile(str(each["fileName"]), str(each.get("contentType") or ""))
        for each in _list(post, "params")
        if isinstance(each, dict) and each.get("fileName")
    }
    return dict(_params(post)), files


def _raw_form(kind: str, text: str, sent: dict[str, str]) -> Posted:
    """A form that a browser kept as it was sent, or with the bytes of its files left out."""
    if "boundary=" not in kind:
        kind = sent.get("content-type", "") if "boundary=" in sent.get("content-type", "") else kind
    data = _EMPTY.sub(rb"\1x", re.sub(r"\r?\n", "\r\n", text).encode("utf-8", "replace"))
    start = data.find(b"--")
    if start < 0:
        return Posted(FORM, MISSING, {}, NO_BODY)
    boundary = data[start + 2 :].partition(b"\r\n")[0].decode("latin-1")
    try:
        reader = FormReader(f'{FORM}; boundary="{boundary}"' if boundary else kind, rules={})
        reader.feed(data[start:])
        form = reader.finish()
        form.discard()
    except RequestError:
        return Posted(FORM, MISSING, {}, "is no form that can be read")
    files = {part.name: ObservedFile(part.filename or "", part.content_type or "") for part in form.files}
    return Posted(FORM, dict(form.fields), files)


# --- what was answered


def _content(content: JsonValue, answered: dict[str, str]) -> Content:
    if not isinstance(content, dict):
        return Content(why=NO_BODY if answered.get("content-length", "0").strip("0").isdigit() else "")
    media, size = plain_media(str(content.get("mimeType") or "")), content.get("size")
    media = "" if media == "x-unknown" else media
    text = _text_in(content, media or answered.get("content-type", ""))
    answer = json_in(text) if text and media not in STREAMS else MISSING
    if content.get("comment") and not isinstance(answer, dict | list):
        answer = MISSING  # it may be a beginning, which no object and no list is that ends; some comment on nothing
    kept = text if media in STREAMS else text[:TEXT]
    made = Content(media, answer, kept if answer is MISSING else "", size if type(size) is int else len(text))
    if answer is MISSING and "json" in media and media not in STREAMS:
        made.why = BROKEN if text.strip() else NO_BODY if made.size > 0 else ""
    return made


def _text_in(part: JsonValue, kind: str) -> str:
    """The text of a body; of one in base64 where its media type is that of a text, unfolded where it is still gzip."""
    text = part.get("text")
    if not isinstance(text, str):
        return json.dumps(text) if isinstance(text, dict | list) else ""
    if str(part.get("encoding") or "").lower() != "base64":
        return text
    is_text = not kind or "json" in kind or "xml" in kind or kind.startswith("text/") or "form" in kind
    return _decoded(text) if is_text else ""


def _decoded(text: str) -> str:
    try:
        data = base64.b64decode(text)
    except (binascii.Error, ValueError):
        return ""
    if data[:2] == b"\x1f\x8b":
        data = _unfolded(data)
    return data.decode("utf-8", "replace")


def _unfolded(data: bytes) -> bytes:
    found = bytearray()
    try:
        for piece in Decoder("gzip").feed(data):
            found += piece
            if len(found) > RECORDED_BODY:
                break
    except RequestError:
        return b""
    return bytes(found)
