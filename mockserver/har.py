"""A journal as HAR 1.2, which a browser's network panel opens. Pure; what comes in is redacted already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from mockserver.bounds import Pairs
from mockserver.clock import iso_ms
from mockserver.journal import Answered, Entry, Sent, header

Json = dict[str, Any]
PROGRAM = "mockserver-kit"
_NOTHING_SENT = Sent(())
_NOTHING_ANSWERED = Answered(b"")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
KINDS = ("request", "media")
"""The kinds of entries that an archive shows."""
UNKNOWN = -1  # HAR's word for a size or time that was not measured


def har(entries: Iterable[Entry], base_url: str, deliveries: Mapping[int, Sequence[Entry]]) -> Json:
    """The requests and downloads of a journal; what they caused to be delivered stands in their `_webhooks`.

    `base_url` is the server's, for requests without a Host; `deliveries` are those of the whole journal by request.
    """
    requests = sorted((entry for entry in entries if entry.kind in KINDS), key=lambda entry: entry.n)
    return frame([shown(entry, base_url, deliveries.get(entry.n, ())) for entry in requests])


def frame(entries: Sequence[Json]) -> Json:
    """What stands around the entries, which come last in it."""
    creator = {"name": PROGRAM, "version": _version()}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": entries}}


def shown(entry: Entry, base_url: str, deliveries: Iterable[Entry]) -> Json:
    """One request or download, with the deliveries that it caused."""
    return _entry(entry, base_url, [*map(_delivery, deliveries)])


def _version() -> str:
    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return "unknown"


def _entry(entry: Entry, base_url: str, webhooks: Sequence[Json]) -> Json:
    milliseconds = round(entry.seconds * 1000, 3)
    more = {
        "_n": entry.n,
        "_api": entry.api,
        "_operation": entry.operation,
        "_example": entry.example,
        "_why": entry.why or None,
        "_webhooks": [*webhooks] or None,
        **{f"_{name}": value for name, value in (entry.extra or {}).items()},
    }
    return {
        "startedDateTime": iso_ms(entry.at),
        "time": milliseconds,
        "request": _request(entry, entry.sent or _NOTHING_SENT, base_url),
        "response": _response(entry, entry.answered or _NOTHING_ANSWERED),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        **{name: value for name, value in more.items() if value is not None},
    }


def _request(entry: Entry, sent: Sent, base_url: str) -> Json:
    base = urlsplit(base_url)
    host = header(sent.headers, b"host") or base.netloc
    query = f"?{sent.query}" if sent.query else ""
    shown: Json = {
        "method": entry.method,
        "url": f"{base.scheme}://{host}{base.path}{entry.path}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(sent.headers),
        "queryString": [_parameter(part) for part in sent.query.split("&") if part],
        "headersSize": UNKNOWN,
        "bodySize": sent.size,
    }
    if sent.text:
        shown["postData"] = {"mimeType": sent.content_type, "params": [], "text": sent.text}
    return shown


def _parameter(part: str) -> Json:
    name, _, value = part.partition("=")
    return {"name": unquote_plus(name), "value": unquote_plus(value)}


def _response(entry: Entry, answered: Answered) -> Json:
    content: Json = {
        "size": answered.length,
        "mimeType": header(answered.headers, b"content-type"),
        "text": answered.text,
    }
    if 0 < len(answered.body) < answered.length:
        content["comment"] = f"the first {len(answered.body)} of {answered.length} bytes"
    return {
        "status": entry.status,
        "statusText": _PHRASES.get(entry.status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(answered.headers),
        "content": content,
        "redirectURL": header(answered.headers, b"location"),
        "headersSize": UNKNOWN,
        "bodySize": answered.length,
    }


def _pairs(headers: Pairs) -> list[Json]:
    return [{"name": name.decode("latin-1"), "value": value.decode("latin-1")} for name, value in headers]


def _delivery(entry: Entry) -> Json:
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
