"""An archive of HTTP (HAR 1.2) as calls, without secrets. Knows no API.

What is not as HAR has it is left out, entry by entry, and counted: archives are edited by hand, and tools differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from mockserver.header_types import RawHeaders
from mockserver.json_types import JsonValue
from mockserver.observed.entries import HarEntry, ObservedFile, UnreadEntry, read_entry
from mockserver.observed.left import NO_ANSWER, UNCHANGED, PassedOver
from mockserver.observed.texts import shown_text
from mockserver.pointers import MISSING
from mockserver.redaction import HIDDEN
from mockserver.redaction.exchanges import OF_ANSWERS, Hiding

NO_ANSWERS = {
    0: NO_ANSWER, 304: UNCHANGED, **{status: f"{status} is of what stands between" for status in (407, 502, 503, 504)},
}  # fmt: skip
"""Statuses of what stands between, or of no answer, and why such an entry is left out: it tells nothing of an API."""

CREATED_AT = ("location", "operation-location", "content-location")
"""Headers that say where something is that was created."""


def is_whole(text: str) -> bool:
    """Whether a text may be a number without a fraction: `007` is none."""
    return text.isascii() and text.isdecimal() and len(text) < 16 and (text == "0" or text[0] != "0")


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


def calls_of(
    document: JsonValue, lost: list[ObservedCall] | None = None, left: PassedOver | None = None
) -> list[ObservedCall]:
    """The calls of an archive that say something of an API, by time, without secrets; others go to `lost`.

    `left` counts what is passed over, and the bodies that are.
    """
    hiding, left = Hiding(), PassedOver() if left is None else left
    entries, unread = _read(document)
    for entry in entries:
        at = next((entry.answered[each] for each in CREATED_AT if each in entry.answered), "")
        location = at if entry.status in (201, 202) else ""
        hiding.hand_out(entry.content.answer, entry.content.text, entry.url.path, location)
    for entry in entries:  # what a call carries is hidden in all: an answer told it before, perhaps by another name
        _call(entry, hiding)
    for odd, why in unread:
        left.entry("", _called(odd, hiding), why)
    found = [(_call(entry, hiding), entry) for entry in sorted(entries, key=lambda each: each.at)]
    for call, entry in found:
        _count(call, entry, left)
    if lost is not None:
        lost += [call for call, _ in found if call.status in NO_ANSWERS]
    return [call for call, _ in found if call.status not in NO_ANSWERS]


def _read(document: JsonValue) -> tuple[list[HarEntry], list[tuple[JsonValue, str]]]:
    """The entries, and those that cannot be read, with the reason."""
    entries, unread = [], []
    for each in document["log"]["entries"]:
        try:
            entries.append(read_entry(each))
        except UnreadEntry as why:
            unread.append((each, str(why)))
    return entries, unread


def _called(odd: JsonValue, hiding: Hiding) -> str:
    """Method and path of an entry that cannot be read, as far as it has them."""
    request = odd.get("request") if isinstance(odd, dict) else None
    request = request if isinstance(request, dict) else {}
    try:
        path = urlsplit(str(request.get("url") or "")).path
    except ValueError:
        path = ""
    return f"{str(request.get('method') or '')[:20]} {hiding.url(path[:200]) if path.startswith('/') else ''}".strip()


def _count(call: ObservedCall, entry: HarEntry, left: PassedOver) -> None:
    subject = f"{call.method} {call.url.path}"
    if call.status in NO_ANSWERS:
        left.entry(call.host, subject, NO_ANSWERS[call.status])
        return
    if entry.posted.why:
        left.body(call.host, subject, f"that of the request {entry.posted.why}")
    if entry.content.why:
        left.body(call.host, subject, f"that of the answer {entry.content.why}")


def _call(entry: HarEntry, hiding: Hiding) -> ObservedCall:
    posted, content = entry.posted, entry.content
    hiding.learn(_pairs(entry.sent), entry.url.query.encode())
    hiding.say(posted.text)
    body = posted.body if posted.body is MISSING else hiding.json(posted.body, is_answer=False)
    hiding.learn_issued(_pairs(entry.answered))
    answer = content.answer if content.answer is MISSING else hiding.json(content.answer, is_answer=True)
    url = urlsplit(hiding.url(entry.url.geturl()))
    return ObservedCall(
        0, entry.at, entry.ended, entry.method, url, _parts(url), dict(parse_qsl(url.query, keep_blank_values=True)),
        entry.sent, posted.media, body, posted.files or {}, entry.status, _answered(entry.answered, hiding),
        content.media, answer, shown_text(content.text, content.media, hiding), content.size,
    )  # fmt: skip


def _parts(url: SplitResult) -> tuple[str, ...]:
    return tuple(unquote(part) for part in (url.path or "/").split("/")[1:])


def _answered(headers: Mapping[str, str], hiding: Hiding) -> dict[str, str]:
    """The headers of an answer, without secrets: those that it issues, and those that it repeats."""
    shown: dict[str, str] = hiding.json({**headers}, is_answer=True)
    plain = {name: hiding.url(value, is_answer=True) for name, value in headers.items() if OF_ANSWERS.fullmatch(name)}
    return {**shown, **plain, **dict.fromkeys({"set-cookie"} & headers.keys(), HIDDEN)}


def _pairs(headers: Mapping[str, str]) -> RawHeaders:
    return tuple((n.encode("latin-1", "replace"), v.encode("latin-1", "replace")) for n, v in headers.items())
