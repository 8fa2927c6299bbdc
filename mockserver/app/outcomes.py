"""What goes out besides a verb's own answer: the one that refuses, and the header lines of this one request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mockserver.answers import ResponseTemplate
from mockserver.operations import Call
from mockserver.ratelimit import lines as limit_lines
from mockserver.ratelimit import pairs

NO_ROOM = b"HTTP/1.1 507 Insufficient Storage\r\n"


def refusal(call: Call, problem: str, why: str, field: str) -> tuple[ResponseTemplate, str]:
    """The answer that refuses, and why."""
    call.why, call.field = why, field
    table = call.api.table
    answer = table[call.operation.id].get(problem) or table[""]["malformed_request"]
    return answer.fitting(call) if answer.others else answer, why or problem


def unable(call: Call, why: str) -> tuple[ResponseTemplate, str]:
    """The answer when there is no room for what was sent: the API's own, else 507 in the form of its refusals."""
    call.why = why
    own = call.api.table[call.operation.id].get("server_error")
    if own is not None:
        return own, why
    refusal = call.api.table[""]["malformed_request"]
    head = NO_ROOM + refusal.head.partition(b"\r\n")[2]
    return replace(refusal, name="server_error", status=507, head=head), why


def own_lines(call: Call, answer: ResponseTemplate) -> bytes:
    """The header lines of an answer that are this call's own: facts, the limit that was hit, those of a refusal."""
    lines = b""
    if call.hit is not None:
        lines = limit_lines(call.api.contract.limit_headers, call.hit, call.now, tells_when=answer.tells_when)
    if answer.header_slots:
        lines = b"".join([b"%s: %s\r\n" % line for line in call.own_headers(answer)]) + lines
    return lines + b"".join([b"%s: %s\r\n" % line for line in call.headers]) if call.headers else lines


def own_headers(call: Call, answer: ResponseTemplate) -> Sequence[tuple[bytes, bytes]]:
    """The same as names and values."""
    return pairs(own_lines(call, answer))
