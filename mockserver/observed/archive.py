"""An archive of HTTP (HAR 1.2) as calls: of our recorder, of a browser, of any other tool. Knows no API.

What is not as HAR has it is left out, entry by entry: archives are edited by hand, and tools differ.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from mockserver.header_types import RawHeaders
from mockserver.intake import STREAMS
from mockserver.json_types import JsonValue
from mockserver.observed.texts import json_in, shown_text
from mockserver.pointers import MISSING
from mockserver.redaction import HIDDEN
from mockserver.redaction.exchanges import OF_ANSWERS, Hiding

FORM, URLENCODED = "multipart/form-data", "application/x-www-form-urlencoded"
CALLED = frozenset(("GET", "PUT", "POST", "DELETE", "PATCH"))
"""Methods of an API's clients; the others are of browsers and proxies, or of nobody."""
TEXT = 64 * 1024
"""How much is read of an answer that is a text and no JSON."""
NO_ANSWERS = frozenset((0, 304, 407, 502, 503, 504))
"""Statuses of what stands between, or of no answer: they tell nothing of an API."""


def is_whole(text: str) -> bool:
    """Whether a text may be a number without a fraction: `007` is none."""
    return text.isascii() and text.isdecimal() and len(text) < 16 and (text == "0" or text[0] != "0")


@dataclass(slots=True)
class ObservedFile:
    """A file of a form."""

    name: str
    media: str


@dataclass(slots=True)
class ObservedCall:
    """A request and its answer; `body` and `answer` are JSON (of a form its fields), or MISSING; `text` is the
    beginning of an answer that is another text.

    `path` has its parts decoded; `template` and `values` are set by whoever finds parameters in paths. `told` are the
    events of a stream, each a call with the name of its `event` and the `stream` that it is of.
    """

    number: int
    at: float
    ended: float
    method: str
    url: SplitResult
    path: tuple[str, ...]
    query: dict[str, str]
    headers: dict[str, str]
    media: str
    body: JsonValue
    files: dict[str, ObservedFile]
    status: int
    answered: dict[str, str]
    answer_media: str
    answer: JsonValue
    text: str
    size: int
    template: str = ""
    values: tuple[str, ...] = ()
    event: str = ""
    stream: ObservedCall | None = field(default=None, repr=False, compare=False)
    told: list[ObservedCall] = field(default_factory=list, repr=False, compare=False)
    known: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was found out of it once: bodies are walked a single time."""

    @property
    def host(self) -> str:
        """With its port, as it stands in the URL."""
        return self.url.netloc.rpartition("@")[2].lower()

    @property
    def is_good(self) -> bool:
        """Whether it was answered with a success."""
        return 200 <= self.status < 300

    @property
    def operation(self) -> tuple[str, str]:
        """What was asked for, without its parameters."""
        return self.method, self.template

    @property
    def place(self) -> str:
        """Host, path and query: what an answer that hands out a URL says of it."""
        return place_of(self.url)


def url_in(value: JsonValue) -> SplitResult | None:
    """The URL that a text is; None for what is none."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        return None
    try:
        return urlsplit(value)
    except ValueError:
        return None


def place_of(url: SplitResult) -> str:
    """A URL without its scheme and fragment."""
    return f"{url.netloc.rpartition('@')[2].lower()}{unquote(url.path)}?{unquote(url.query)}"


def is_archive(document: JsonValue) -> bool:
    """Whether a document of JSON is HAR."""
    log = document.get("log") if isinstance(document, dict) else None
    return isinstance(log, dict) and isinstance(log.get("entries"), list)


def calls_of(document: JsonValue, lost: list[ObservedCall] | None = None) -> list[ObservedCall]:
    """The calls of an archive that say something of an API, by time, without secrets; others go to `lost`."""
    hiding = Hiding()
    entries = [entry for entry in document["log"]["entries"] if isinstance(entry, dict)]
    for entry in entries:  # what a call carries is hidden in all: an answer told it before, perhaps by another name
        _call(entry, hiding)
    found = [call for entry in entries if (call := _call(entry, hiding)) is not None]
    found.sort(key=lambda call: call.at)
    if lost is not None:
        lost += [call for call in found if call.status in NO_ANSWERS]
    return [call for call in found if call.status not in NO_ANSWERS]


def _call(entry: JsonValue, hiding: Hiding) -> ObservedCall | None:
    try:
        request, response = entry["request"], entry["response"]
        url, at = urlsplit(str(request["url"])), _moment(entry["startedDateTime"])
        status, method = int(response["status"]), str(request["method"]).upper()
        if url.scheme not in ("http", "https") or not url.netloc or method not in CALLED:
            return None
        sent = _headers(request)
        hiding.learn(_pairs(sent), url.query.encode())
        if status and not 100 <= status <= 599:
            return None
        media, body, files = _posted(request.get("postData"))
        body = body if body is MISSING else hiding.json(body, is_answer=False)
        answered = _headers(response)
        hiding.learn_issued(_pairs(answered))
        answer_media, answer, text, size = _content(response.get("content"))
        answer = answer if answer is MISSING else hiding.json(answer, is_answer=True)
        url = urlsplit(hiding.url(url.geturl()))
        return ObservedCall(
            0, at, at + _seconds(entry), method, url, _parts(url),
            dict(parse_qsl(url.query, keep_blank_values=True)), sent, media or _media(sent), body, files, status,
            _answered(answered, hiding), answer_media or _media(answered), answer,
            shown_text(text, answer_media, hiding), size,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _moment(text: str) -> float:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _seconds(entry: JsonValue) -> float:
    """How long a call took. Raises ValueError for what is no time."""
    found = max(float(entry.get("time") or 0), 0.0) / 1000
    if not math.isfinite(found):
        raise ValueError("a time without end")
    return found


def _parts(url: SplitResult) -> tuple[str, ...]:
    return tuple(unquote(part) for part in (url.path or "/").split("/")[1:])


def _list(of: JsonValue, name: str) -> list[Any]:
    found = of.get(name) if isinstance(of, dict) else None
    return found if isinstance(found, list) else []


def _headers(message: JsonValue) -> dict[str, str]:
    pairs = [each for each in _list(message, "headers") if isinstance(each, dict)]
    return {str(each.get("name")).lower(): str(each.get("value")) for each in pairs}


def _answered(headers: Mapping[str, str], hiding: Hiding) -> dict[str, str]:
    """The headers of an answer, without secrets: those that it issues, and those that it repeats."""
    shown: dict[str, str] = hiding.json({**headers}, is_answer=True)
    plain = {name: hiding.url(value) for name, value in headers.items() if OF_ANSWERS.fullmatch(name)}
    return {**shown, **plain, **dict.fromkeys({"set-cookie"} & headers.keys(), HIDDEN)}


def _pairs(headers: Mapping[str, str]) -> RawHeaders:
    return tuple((n.encode("latin-1", "replace"), v.encode("latin-1", "replace")) for n, v in headers.items())


def _media(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _posted(post: JsonValue) -> tuple[str, JsonValue, dict[str, ObservedFile]]:
    if not isinstance(post, dict):
        return "", MISSING, {}
    media = str(post.get("mimeType") or "").partition(";")[0].strip().lower()
    if media == FORM:
        return media, *_form(post)
    text = str(post.get("text") or "")
    if media == URLENCODED:
        pairs = parse_qsl(text, keep_blank_values=True) or [*_params(post)]
        return media, dict(pairs), {}
    return media, json_in(text) if text else MISSING, {}


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


def _content(content: JsonValue) -> tuple[str, JsonValue, str, int]:
    """Media type, JSON, the beginning of another text, and the size."""
    if not isinstance(content, dict):
        return "", MISSING, "", 0
    media = str(content.get("mimeType") or "").partition(";")[0].strip().lower()
    text, size = content.get("text"), content.get("size")
    if isinstance(text, str) and content.get("encoding") == "base64":
        text = _decoded(text) if "json" in media or media.startswith("text/") else ""
    text = text if isinstance(text, str) else ""
    answer = json_in(text) if text and media not in STREAMS else MISSING
    if content.get("comment") and not isinstance(answer, dict | list):
        answer = MISSING  # it may be a beginning, which no object and no list is that ends; some comment on nothing
    kept = text if media in STREAMS else text[:TEXT]
    return media, answer, kept if answer is MISSING else "", size if isinstance(size, int) else len(text)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
