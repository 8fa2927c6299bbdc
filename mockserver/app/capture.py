"""A request and its answer → an entry of the journal, without secrets. Everything is redacted here, before it is kept.

What is kept: headers (values of harmless ones only), the query, the beginning of bodies that are text, sizes. What is
long is cut after it was redacted: half a secret would not be known for one. With an entry goes its weight. Of the
verb `token`, which takes a secret and gives one, no body is kept at all.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from mockserver.answers import ResponseTemplate
from mockserver.app.incoming import Incoming
from mockserver.app.request import IncomingRequest
from mockserver.bounds import BODY, ENTRY, HEAD, NAME, PATH, QUERY, SENTENCE, cut, cut_bytes, weigh
from mockserver.clock import perf_counter
from mockserver.faults import Reply
from mockserver.header_types import RawHeaders
from mockserver.journal import Answered, AnsweredFields, EntryFields, JournalEntry, Sent, violation, weight_of
from mockserver.operations import Call
from mockserver.redaction import AHEAD, Redaction, beginning
from mockserver.sandbox import Sandbox
from mockserver.sandbox_view import SandboxView

CaptureOutcome = tuple[int, str, str, Mapping[str, Any] | None, float]
"""Status, example, why, what else there is to say, and how many seconds it took."""
Captured = tuple[JournalEntry, int]
"""An entry, and how many bytes it takes."""


def capture(
    call: Call, request: IncomingRequest, incoming: Incoming, outcome: CaptureOutcome, answered: AnsweredFields | None
) -> tuple[EntryFields, int]:
    """The entry of a request to an operation."""
    api, operation, job = call.api, request.operation, call.job
    status, example, why, extra, seconds = outcome
    hidden, path = api.sandbox.redaction, request.path
    if why or job is None:
        path, why = cut(hidden.text(path), PATH), cut(hidden.text(why), SENTENCE)
    if operation.verb == "token":
        text, answered = "", answered and (*answered[:2], b"", answered[3])
    else:
        text, answered = bodies(hidden, call, incoming.text, answered)
    heads, weight = hidden.shared(request.fields, request.pairs)
    query = cut(hidden.query(request.query), QUERY) if request.query else ""
    digest = _digest(call, incoming) if operation.verb == "create" else 0
    extra = extra and _hide_violation(hidden, extra)
    entry = (
        call.entry, call.now, "request", api.contract.name, operation.id, request.method, path, status, example, why,
        seconds, extra, "" if call.account is None else call.account.id,
        resource_of(call, hidden) if job is None else job.id, (heads, query, incoming.size, text, digest), answered,
    )  # fmt: skip
    weight += ENTRY + len(query)
    weight += len(path) + len(text) if path.isascii() and text.isascii() else weigh(path) + weigh(text)
    if answered is not None:
        weight += len(answered[0]) + len(answered[1]) + len(answered[2])
    if why or extra:
        weight += weigh(why) + weigh(extra)
    return entry, weight


def _heads(hidden: Redaction, scope: Any) -> tuple[RawHeaders, int]:
    key = tuple(scope["headers"])
    return hidden.shared(key, key)


def bodies(
    hidden: Redaction, call: Call, raw: bytes, answered: AnsweredFields | None
) -> tuple[str, AnsweredFields | None]:
    """What is kept of the request's body and of the answer's."""
    if answered is None:
        return _text(hidden, call, raw), None
    shown, (head, more, body, length) = call.shown, answered
    if shown is not None and shown.version == hidden.version and not raw and call.values is None:
        text, body = "", shown.kept
    else:
        plain = len(raw) <= BODY and hidden.plain(raw) if raw else call.values is None
        if not plain or len(body) > BODY:
            return _text(hidden, call, raw), _answered(hidden, answered)
        if call.why is not None or call.job is None or call.tells_secret or (call.job.kept is not None and not raw):
            body = hidden.answer(body)
        elif body.find(b"=") >= 0:  # nothing else stands in it that a client wrote, or what it wrote is plain
            body = hidden.links(body)
        text = raw.decode("utf-8", "replace")
        if shown is not None:
            shown.kept, shown.version = body, hidden.version
    return text, (head, _lines(hidden, more), body, length)


def capture_unrouted(
    sandbox: SandboxView, api: str, scope: Any, incoming: Incoming, answer: ResponseTemplate, why: str, body: bytes
) -> Captured:
    """The entry of a request that no operation answers."""
    hidden = sandbox.redaction
    why, (heads, weight) = cut(hidden.text(why), SENTENCE), _heads(hidden, scope)
    entry = JournalEntry(
        0, sandbox.clock.now(), "request", api, "", cut(scope["method"], NAME), _path(hidden, scope),
        answer.status, answer.name, why, extra=violation("", why),
        sent=Sent(heads, _query(hidden, scope), incoming.size),
        answered=_answered(hidden, Answered(answer.head, b"", body, len(body))),
    )  # fmt: skip
    return entry, weight_of(entry, weight)


def capture_own(
    sandbox: SandboxView, api: str, scope: Any, incoming: Incoming, reply: Reply, started: float, route: str
) -> Captured:
    """The entry of a request that a test answers itself, on a path that no contract has."""
    hidden = sandbox.redaction
    heads, weight = _heads(hidden, scope)
    entry = JournalEntry(
        0, sandbox.clock.now(), "request", api, "", scope["method"], _path(hidden, scope), reply.status,
        seconds=perf_counter() - started, extra={"fault": "route", "route": route},
        sent=Sent(heads, _query(hidden, scope), incoming.size), answered=_answered(hidden, replied(reply, hidden)),
    )  # fmt: skip
    return entry, weight_of(entry, weight)


def _query(hidden: Redaction, scope: Any) -> str:
    query = scope["query_string"]
    return cut(hidden.query(query), QUERY) if query else ""


def _path(hidden: Redaction, scope: Any) -> str:
    return cut(hidden.text(scope["path"]), PATH)


class DownloadOutcome(NamedTuple):
    """What became of a request for signed bytes; `fault` is the one that showed, `why` what broke them off."""

    example: str
    status: int
    answered: Answered | None
    fault: str = ""
    why: str = ""


def capture_medium(sandbox: Sandbox, scope: Any, parts: list[str], given: DownloadOutcome) -> Captured:
    """The entry of a request for signed bytes; `parts` are the API, the job and the names in the path."""
    hidden = sandbox.redaction
    extra = {"fault": given.fault} if given.fault else None
    api, job = (parts[0], parts[1]) if len(parts) > 1 and parts[0] in sandbox.apis else ("", "")
    heads, weight = _heads(hidden, scope)
    answered = given.answered and _answered(hidden, given.answered)  # a page has links, an upload is what a client sent
    entry = JournalEntry(
        0, sandbox.clock.now(), "media", api, "", cut(scope["method"], NAME), _path(hidden, scope),
        given.status, given.example, cut(hidden.text(given.why), SENTENCE), extra=extra,
        job=cut(hidden.text(job), NAME), sent=Sent(heads, _query(hidden, scope)), answered=answered,
    )  # fmt: skip
    return entry, weight_of(entry, weight)


def replied(reply: Reply, hidden: Redaction) -> Answered:
    """What is kept of a reply: its head, and the beginning of a body that is text."""
    reply = replace(reply, headers=tuple((name, _value(hidden, name, value)) for name, value in reply.headers))
    is_text = any(word in reply.media_type for word in (b"json", b"text/", b"xml"))
    body = b"".join(reply.chunks(0, min(reply.length, BODY + AHEAD + 1))) if is_text else b""
    return Answered(cut_bytes(reply.head(), HEAD), b"", body, reply.length)


def _value(hidden: Redaction, name: bytes, value: bytes) -> bytes:
    """The value of a header that a test or a fault wrote, without secrets; a redirect may repeat what was asked for."""
    path, question, query = value.partition(b"?")
    if name == b"location" and question:
        return hidden.body(path) + question + hidden.query(query).encode("latin-1")
    return hidden.body(name + b": " + value).partition(b": ")[2]


def resource_of(call: Call, hidden: Redaction) -> str:
    """The resource that a request named or made."""
    if call.job is not None:
        return call.job.id
    return cut(hidden.text(call.path[0]), NAME) if call.path else ""


def _hide_violation(hidden: Redaction, extra: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if extra is None or "violation" not in extra:
        return extra
    found = extra["violation"]
    return {**extra, **violation(hidden.text(found["pointer"]), hidden.text(found["sentence"]))}


def _text(hidden: Redaction, call: Call, raw: bytes) -> str:
    if raw and raw.lstrip()[:1] not in b'{["':
        return beginning(hidden.query, raw, BODY)
    if not raw and call.values is None:
        return ""
    if b"\\" in raw and b"\\u" in raw and call.values is not None:  # a secret may be written in escapes
        raw = json.dumps(call.values, ensure_ascii=False).encode("utf-8", "replace")
    return beginning(hidden.body, raw or _form(call).encode("utf-8", "replace"), BODY).decode("utf-8", "replace")


def _form(call: Call) -> str:
    """A form as JSON: fields, and of files what they are."""
    shown = dict(call.values or {})
    for name, parts in call.files.items():
        shown[name] = ", ".join(f"{each.filename} ({each.content_type}, {each.size} bytes)" for each in parts)
    return json.dumps(shown, ensure_ascii=False)


def _digest(call: Call, incoming: Incoming) -> int:
    """Of what a form says, not of its bytes: each try has another boundary."""
    if incoming.text:
        return zlib.crc32(incoming.text)
    if not call.files and call.values is None:
        return 0
    files = [(name, each.filename, each.size, each.checksum) for name, parts in call.files.items() for each in parts]
    return zlib.crc32(json.dumps([call.values, files], sort_keys=True).encode())


def _answered(hidden: Redaction, answered: AnsweredFields) -> Answered:
    head, more, body, length = answered
    return Answered(head, _lines(hidden, more), beginning(hidden.answer, body, BODY), length)


def _lines(hidden: Redaction, more: bytes) -> bytes:
    """Header lines of this one answer: a contract may bind one of them to a signed link."""
    return hidden.links(more) if b"signature=" in more else more
