"""A request and its answer → an entry of the journal, without secrets. Everything is redacted here, before it is kept.

What is kept: headers (values of harmless ones only), the query, the beginning of bodies that are text, sizes. Of the
verb `token`, which takes a secret and gives one, no body is kept at all.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.answers import Answer
from mockserver.app.incoming import Incoming
from mockserver.clock import perf_counter
from mockserver.faults import Reply
from mockserver.journal import KEPT_BYTES, violation
from mockserver.operations import Call
from mockserver.redaction import Redaction
from mockserver.sandbox import Sandbox

Answered = tuple[bytes, bytes, bytes, int]
Captured = tuple[Any, ...]
_AHEAD = 1024  # what is cut off later must not hide the half of a secret from redaction


def capture(
    call: Call, scope: Any, incoming: Incoming, started: float, outcome: tuple[int, str, str],
    answered: Answered | None, extra: Mapping[str, Any] | None,
) -> Captured:  # fmt: skip
    """The entry of a request to an operation; `outcome` is status, example and why."""
    api, operation, (status, example, why) = call.api, call.operation, outcome
    hidden, path = api.sandbox.redaction, scope["path"]
    if why or call.job is None:
        path, why = hidden.text(path), hidden.text(why)
    if operation.verb == "token":
        text, answered = "", answered and (*answered[:2], b"", answered[3])
    else:
        text, answered = bodies(hidden, call, incoming.text, answered)
    query = scope["query_string"]
    sent = (
        hidden.headers(scope["headers"]), hidden.query(query) if query else "", incoming.size, text,
        _digest(call, incoming) if operation.verb == "create" else 0,
    )  # fmt: skip
    return (
        call.entry, call.now, "request", api.contract.name, operation.id, scope["method"], path,
        status, example, why, perf_counter() - started, extra and _hide_violation(hidden, extra),
        call.account.id if call.account is not None else "", _job(call, hidden), sent, answered,
    )  # fmt: skip


def bodies(hidden: Redaction, call: Call, raw: bytes, answered: Answered | None) -> tuple[str, Answered | None]:
    """What is kept of the request's body and of the answer's."""
    if answered is None:
        return _text(hidden, call, raw), None
    body = answered[2]
    if raw:
        plain = b"%" not in raw and b"\\u" not in raw and len(raw) <= KEPT_BYTES and hidden.clean(raw)
    else:
        plain = call.values is None
    if not plain or len(body) > KEPT_BYTES:
        return _text(hidden, call, raw), _answered(hidden, answered)
    if call.why is not None or call.job is None or (call.job.kept is not None and not raw):
        body = hidden.answer(body)
    elif b"signature=" in body:  # nothing else stands in it that a client wrote, or what it wrote is plain
        body = hidden.links(body)
    return raw.decode("utf-8", "replace"), (answered[0], answered[1], body, answered[3])


def capture_unrouted(
    sandbox: Sandbox, api: str, scope: Any, incoming: Incoming, answer: Answer, why: str, body: bytes
) -> Captured:
    """The entry of a request that no operation answers."""
    hidden, journal = sandbox.redaction, sandbox.journal
    why = hidden.text(why)
    return (
        journal.next(), sandbox.clock.now(), "request", api, "", scope["method"], hidden.text(scope["path"]),
        answer.status, answer.name, why, 0.0, violation("", why), "", "", _sent(hidden, scope, incoming, "", 0),
        _answered(hidden, (answer.head, b"", body, len(body))),
    )  # fmt: skip


class Given(NamedTuple):
    """What became of a request for signed bytes; `fault` is the one that showed, `why` what broke them off."""

    example: str
    status: int
    answered: Answered | None
    fault: str = ""
    why: str = ""


def capture_medium(sandbox: Sandbox, scope: Any, parts: list[str], given: Given) -> Captured:
    """The entry of a request for signed bytes; `parts` are the API, the job and the names in the path."""
    hidden, journal = sandbox.redaction, sandbox.journal
    extra = {"fault": given.fault} if given.fault else None
    api, job = (parts[0], parts[1]) if len(parts) > 1 and parts[0] in sandbox.apis else ("", "")
    return (
        journal.next(), sandbox.clock.now(), "media", api, "", scope["method"], hidden.text(scope["path"]),
        given.status, given.example, hidden.text(given.why), 0.0, extra, "", hidden.text(job),
        (hidden.headers(scope["headers"]), hidden.query(scope["query_string"])), given.answered,
    )  # fmt: skip


def replied(reply: Reply, hidden: Redaction) -> Answered:
    """What is kept of a reply: its head, and the beginning of a body that is text."""
    path, question, query = reply.header(b"location").partition(b"?")
    if question:  # a redirect may repeat what was asked for
        shown = hidden.body(path) + question + hidden.query(query).encode("latin-1")
        reply = reply.with_headers((b"location", shown))
    is_text = any(word in reply.media_type for word in (b"json", b"text/", b"xml"))
    body = b"".join(reply.chunks(0, min(reply.length, KEPT_BYTES + _AHEAD))) if is_text else b""
    return reply.head(), b"", body, reply.length


def weight(entry: Captured) -> int:
    """How many bytes of bodies an entry holds."""
    sent, answered = entry[14], entry[15]
    return (len(sent[3]) if len(sent) > 3 else 0) + (len(answered[2]) if answered else 0)


def _job(call: Call, hidden: Redaction) -> str:
    if call.job is not None:
        return call.job.id
    return hidden.text(call.path[0]) if call.path else ""


def _hide_violation(hidden: Redaction, extra: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if extra is None or "violation" not in extra:
        return extra
    found = extra["violation"]
    return {**extra, **violation(hidden.text(found["pointer"]), hidden.text(found["sentence"]))}


def _sent(hidden: Redaction, scope: Any, incoming: Incoming, text: str, digest: int) -> tuple[Any, ...]:
    query = scope["query_string"]
    return hidden.headers(scope["headers"]), hidden.query(query) if query else "", incoming.size, text, digest


def _text(hidden: Redaction, call: Call, raw: bytes) -> str:
    if raw and raw[:1] not in b'{["':
        return hidden.query(raw[: KEPT_BYTES + _AHEAD])[:KEPT_BYTES]
    if not raw and call.values is None:
        return ""
    if raw and b"\\u" in raw and call.values is not None:  # a secret may be written in escapes
        raw = json.dumps(call.values, ensure_ascii=False).encode("utf-8", "replace")
    begun = (raw or _form(call).encode("utf-8", "replace"))[: KEPT_BYTES + _AHEAD]
    return hidden.body(begun)[:KEPT_BYTES].decode("utf-8", "replace")


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


def _answered(hidden: Redaction, answered: Answered) -> Answered:
    head, more, body, length = answered
    return head, more, hidden.answer(body[: KEPT_BYTES + _AHEAD])[:KEPT_BYTES], length
