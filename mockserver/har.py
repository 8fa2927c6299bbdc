"""A journal as HAR 1.2, which a browser's network panel opens. Pure; what comes in is redacted already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from mockserver.clock import iso_ms
from mockserver.header_types import RawHeaders
from mockserver.journal import Answered, JournalEntry, Sent, header
from mockserver.json_types import JsonObject

PROGRAM = "mockserver-kit"
_NOTHING_SENT = Sent(())
_NOTHING_ANSWERED = Answered(b"")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
KINDS = ("request", "media")
"""The kinds of entries that an archive shows."""
UNKNOWN = -1  # HAR's word for a size or time that was not measured


def har(entries: Iterable[JournalEntry], base_url: str, deliveries: Mapping[int, Sequence[JournalEntry]]) -> JsonObject:
    """The requests and downloads of a journal; what they caused to be delivered stands in their `_webhooks`.

    `base_url` is the server's, for requests without a Host; `deliveries` are those of the whole journal by request.
    """
    requests = sorted((entry for entry in entries if entry.kind in KINDS), key=lambda entry: entry.n)
    return frame([har_entry(entry, base_url, deliveries.get(entry.n, ())) for entry in requests])


def frame(entries: Sequence[JsonObject]) -> JsonObject:
    """What stands around the entries, which come last in it."""
    creator = {"name": PROGRAM, "version": _version()}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": entries}}


def har_entry(entry: JournalEntry, base_url: str, deliveries: Iterable[JournalEntry]) -> JsonObject:
    """One request or download, with the deliveries that it caused."""
    return _entry(entry, base_url, [*map(_delivery, deliveries)])


def _version() -> str:
    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return "unknown"


def _entry(entry: JournalEntry, base_url: str, webhooks: Sequence[JsonObject]) -> JsonObject:
    milliseconds = round(entry.seconds * 1000, 3)
    own_members = {
        "_n": entry.n,
        "_api": entry.api,
        "_operation": entry.operation,
        "_example": entry.example,
        "_why": entry.why or None,
        "_webhooks": [*webhooks] or None,
        **{f"_{name}": value for name, value in (entry.extra or {}).items()},
    }
    request = _request(entry, entry.sent or _NOTHING_SENT, base_url)
    response = _response(entry, entry.answered or _NOTHING_ANSWERED)
    document = framed(iso_ms(entry.at), milliseconds, request, response)
    return {**document, **{name: value for name, value in own_members.items() if value is not None}}


def framed(started: str, milliseconds: float, request: JsonObject, response: JsonObject) -> JsonObject:
    """An entry of these parts."""
    milliseconds = round(milliseconds, 3)
    return {
        "startedDateTime": started,
        "time": milliseconds,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    }


def _request(entry: JournalEntry, sent: Sent, base_url: str) -> JsonObject:
    base = urlsplit(base_url)
    host = header(sent.headers, b"host") or base.netloc
    query = f"?{sent.query}" if sent.query else ""
    url = f"{base.scheme}://{host}{base.path}{entry.path}{query}"
    document = request_of(entry.method, url, _pairs(sent.headers), sent.size)
    if sent.text:
        document["postData"] = {"mimeType": sent.content_type, "params": [], "text": sent.text}
    return document


def request_of(method: str, url: str, headers: Sequence[JsonObject], size: int) -> JsonObject:
    """A request without a body, of so many bytes."""
    return {
        "method": method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [*headers],
        "queryString": [_parameter(part) for part in url.partition("?")[2].split("&") if part],
        "headersSize": UNKNOWN,
        "bodySize": size,
    }


def _parameter(part: str) -> JsonObject:
    name, _, value = part.partition("=")
    return {"name": unquote_plus(name), "value": unquote_plus(value)}


def _response(entry: JournalEntry, answered: Answered) -> JsonObject:
    content: JsonObject = {
        "size": answered.length,
        "mimeType": header(answered.headers, b"content-type"),
        "text": answered.text,
    }
    if 0 < len(answered.body) < answered.length:
        content["comment"] = f"the first {len(answered.body)} of {answered.length} bytes"
    return response_of(entry.status, _pairs(answered.headers), content, answered.length)


def response_of(status: int, headers: Sequence[JsonObject], content: JsonObject, size: int) -> JsonObject:
    """An answer of so many bytes."""
    return {
        "status": status,
        "statusText": _PHRASES.get(status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [*headers],
        "content": content,
        "redirectURL": next((line["value"] for line in headers if line["name"].lower() == "location"), ""),
        "headersSize": UNKNOWN,
        "bodySize": size,
    }


def _pairs(headers: RawHeaders) -> list[JsonObject]:
    return [{"name": name.decode("latin-1"), "value": value.decode("latin-1")} for name, value in headers]


def _delivery(entry: JournalEntry) -> JsonObject:
    extra: Mapping[str, Any] = entry.extra or {}
    about, attempt = {"n": entry.n, "startedDateTime": iso_ms(entry.at)}, extra.get("attempt")
    if attempt is None:  # a fault kept it back, or there was no room for it
        return {**about, "sentence": entry.why}
    return {
        **about,
        "url": attempt.url,
        "outcome": attempt.outcome,
        "status": attempt.status,
        "sentence": attempt.sentence,
        "body": attempt.request_body.decode("utf-8", "replace"),
    }
