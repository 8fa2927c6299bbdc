"""Requests as they pass, written down whole where a sandbox's test asked for that. Secrets stay in them: see the log.

A record stands in the scope under RECORD: it hears the body as it arrives and, through the `send` given back, the
answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.app.fault_matching import target_of
from mockserver.app.incoming import Incoming, Receive
from mockserver.app.sending import SendMessage
from mockserver.mounting import RECORD
from mockserver.request_log import NO_PARAMETERS, RecordedRequest, Recorder
from mockserver.sandbox_view import SandboxView


def recorded(
    sandbox: SandboxView, api: str, operation: str, path: str, scope: Any, incoming: Incoming, send: SendMessage,
    parameters: Mapping[str, str] = NO_PARAMETERS,
) -> SendMessage:  # fmt: skip
    """Write a request down, where that is wanted; gives the `send` by which its answer is written down too."""
    recorder = sandbox.recorder
    if recorder is None:
        return send
    where = scope["method"], path, sandbox.base_url, target_of(scope)
    record = recorder.record(sandbox.clock.now(), api, operation, *where)
    record.begin(tuple(scope["headers"]), parameters)
    scope[RECORD] = record
    incoming.tell(record.hear, record.tell)

    async def said(message: Any) -> None:
        note_answer(record, message)
        await send(message)

    return said


def heard(scope: Any, receive: Receive) -> Receive:
    """The `receive` of a request that is written down, for those who read its body by themselves."""
    record: RecordedRequest | None = scope.get(RECORD)
    if record is None:
        return receive

    async def told() -> Any:
        message = await receive()
        record.hear(message.get("body", b""))
        if not message.get("more_body"):
            record.tell()
        return message

    return told


async def whole(scope: Any, incoming: Incoming) -> RecordedRequest:
    """The record of a request, once all of its body has arrived."""
    await incoming.drain()
    if RECORD not in scope:  # it began before anybody wanted to see it
        where = scope["method"], scope["path"], "", target_of(scope)
        scope[RECORD] = Recorder("", None).record(0.0, "", "", *where)
        scope[RECORD].begin(tuple(scope["headers"]))
    record: RecordedRequest = scope[RECORD]
    return record


def note_answer(record: RecordedRequest, message: Any) -> None:
    """Write down what an ASGI message says of the answer."""
    if message["type"] == "http.response.start":
        record.begin_answer(message["status"], message["headers"])
    elif message["type"] == "http.response.body":
        is_first = not record.answer.kept
        record.say(message.get("body", b""))
        record.is_over = not message.get("more_body", False)
        if is_first or record.is_over:  # what comes between them is told at the end
            record.tell()


def record_at_once(
    recorder: Recorder, sandbox: SandboxView, api: str, operation: str, method: str, path: str, target: str,
    lines: bytes, body: bytes, answer: bytes,
) -> None:  # fmt: skip
    """Write down a request that is answered already; `answer` is the whole of it, as `lines` its headers, as sent."""
    where = sandbox.clock.now(), api, operation, method, path, sandbox.base_url, target.encode()
    recorder.whole(*where, unread=(lines, answer), body=body)


def record_unsent(sandbox: SandboxView, api: str, operation: str, method: str, path: str, fault: str) -> None:
    """Write down a request that its client gave up before it was sent; of its headers and body nothing is known."""
    if sandbox.recorder is not None:
        own = path.removeprefix(f"/@{sandbox.name}").removeprefix(f"/{api}")
        where = method, own, sandbox.base_url, path.encode()
        sandbox.recorder.whole(sandbox.clock.now(), api, operation, *where, fault=fault)
