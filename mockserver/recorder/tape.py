"""The exchanges of a recording as entries of HAR, without secrets from the moment they are kept, and bounded.

Knows no connection.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mockserver.bounds import RECORDED, RECORDED_COUNT, cut_pairs, weigh
from mockserver.clock import iso_ms
from mockserver.har import UNKNOWN, frame, framed, request_of, response_of
from mockserver.header_types import RawHeaders
from mockserver.json_types import JsonObject
from mockserver.recorder.copies import BodyCopy, is_text
from mockserver.redaction.exchanges import Hiding

LONGEST_TARGET = 16 * 1024
ERRORS = 20
CREATED_AT = (b"location", b"operation-location", b"content-location")
UNENDED = "it ended with the connection, and TLS without close_notify: more may have been to come"


@dataclass(slots=True)
class Recorded:
    """An exchange as it was: `status` is 0 where no answer came, `error` says why there was none, or no whole one.

    `number` is that of its beginning, which says what came before what, whatever a clock says.
    """

    at: float
    method: str
    origin: str
    target: bytes
    request_headers: RawHeaders
    request: BodyCopy
    status: int = 0
    answer_headers: RawHeaders = ()
    answer: BodyCopy = field(default_factory=lambda: BodyCopy(""))
    error: str = ""
    seconds: float = 0.0
    number: int = 0


class Tape:
    """What was recorded so far; `left_out` is how many exchanges there was no room for, `errors` are why answers were
    none, or not whole, and how often.
    """

    def __init__(self) -> None:
        self._hiding = Hiding()
        self._entries: list[tuple[int, JsonObject, int]] = []  # by number, with what was known to be secret by then
        self._begun = 0
        self._left = RECORDED
        self.left_out = 0
        self.errors: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._entries)

    def begin(self, headers: RawHeaders, target: bytes) -> int:
        """A request came, with this number: what it carries is hidden from now on, in answers to others, too."""
        self._begun += 1
        self._hiding.learn(headers, target.partition(b"?")[2])
        return self._begun

    def add(self, recorded: Recorded) -> None:
        """Keep an exchange."""
        self._hiding.learn_issued(recorded.answer_headers)
        why = self._hiding.text(recorded.error)
        if why and (why in self.errors or len(self.errors) < ERRORS):
            self.errors[why] += 1
        shown = self._shown(recorded)
        weight = weigh(shown)
        if weight > self._left or len(self._entries) >= RECORDED_COUNT:
            self.left_out += 1
            return
        self._left -= weight
        self._entries.append((recorded.number, shown, self._hiding.version))

    def har(self) -> JsonObject:
        """All of it, in the order of the requests."""
        hiding = self._hiding
        kept = sorted(self._entries, key=lambda each: each[0])
        return frame([shown if known == hiding.version else hiding.anew(shown) for _, shown, known in kept])

    def _shown(self, recorded: Recorded) -> JsonObject:
        hiding = self._hiding
        target = recorded.target[:LONGEST_TARGET].decode("latin-1")
        hiding.hand_out(*_read(recorded.answer), target.partition("?")[0], _location(recorded))
        headers = hiding.request_headers(cut_pairs(recorded.request_headers)[0])
        post = self._posted(recorded.request)  # first: what it teaches is hidden in the answer
        request = request_of(recorded.method, recorded.origin + hiding.url(target), headers, recorded.request.size)
        if post:
            request["postData"] = post
        return framed(iso_ms(recorded.at), recorded.seconds * 1000, request, self._response(recorded))

    def _posted(self, copy: BodyCopy) -> JsonObject:
        if copy.form is not None:
            return {"mimeType": _kind(copy.content_type), "params": [*self._params(copy)], "text": ""}
        if copy.data:
            return {"mimeType": copy.content_type, "params": [], "text": self._text(copy, is_answer=False)}
        made = {"mimeType": _kind(copy.content_type), "params": [], "text": "", "comment": _missing(copy)}
        return made if copy.size else {}

    def _params(self, copy: BodyCopy) -> Iterator[JsonObject]:
        assert copy.form is not None
        for name, value in self._hiding.fields(copy.form.fields):
            yield {"name": name, "value": value}
        for part in copy.form.files:
            yield {
                "name": self._hiding.text(part.name), "fileName": self._hiding.text(part.filename or ""),
                "contentType": part.content_type or "", "comment": f"{part.size} bytes",
            }  # fmt: skip

    def _response(self, recorded: Recorded) -> JsonObject:
        copy = recorded.answer
        text = self._text(copy, is_answer=True) if copy.data else ""
        headers = self._hiding.answer_headers(cut_pairs(recorded.answer_headers)[0])
        content: JsonObject = {"size": copy.size, "mimeType": copy.content_type, "text": text}
        comments = [_missing(copy)] if copy.size and not (copy.is_whole and is_text(copy.content_type)) else []
        comments += [] if copy.is_end_known else [UNENDED]
        if comments:
            content["comment"] = "; ".join(comments)
        made = response_of(recorded.status, headers, content, copy.size if recorded.status else UNKNOWN)
        return {**made, "_error": self._hiding.text(recorded.error)} if recorded.error else made

    def _text(self, copy: BodyCopy, *, is_answer: bool) -> str:
        return self._hiding.body(bytes(copy.data), copy.content_type, is_whole=copy.is_whole, is_answer=is_answer)


def _read(copy: BodyCopy) -> tuple[Any, str]:
    """An answer as JSON, else as the text that it is."""
    try:
        return json.loads(copy.data), ""
    except (ValueError, RecursionError):
        return None, copy.data.decode("utf-8", "replace")


def _location(recorded: Recorded) -> str:
    """Where an answer says that something is which was created; empty where it leads elsewhere."""
    named = {name.lower(): value.decode("latin-1") for name, value in recorded.answer_headers}
    return next((named[each] for each in CREATED_AT if each in named), "") if recorded.status in (201, 202) else ""


def _kind(content_type: str) -> str:
    """A form's media type without its boundary, which is drawn anew for each."""
    return content_type.partition(";")[0].strip()


def _missing(copy: BodyCopy) -> str:
    return f"{'the beginning' if copy.data else 'nothing'} is kept of {copy.size} bytes"
