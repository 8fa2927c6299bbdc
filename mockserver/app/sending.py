"""Answers and bytes as ASGI messages. Knows nothing of why they are sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from mockserver.answers import ResponseTemplate
from mockserver.app.cors import with_lines
from mockserver.app.incoming import Incoming
from mockserver.app.presence import presence
from mockserver.clock import date_header, http_date
from mockserver.errors import StorageError
from mockserver.faults import Reply, stream
from mockserver.header_types import HeaderList
from mockserver.media import Blob, parts_of, select
from mockserver.mounting import CORS, RECORD, wire_of
from mockserver.problems import MEDIA_TYPE, problem
from mockserver.statuses import LENGTHLESS

SendMessage = Callable[[Any], Awaitable[None]]


async def send_answer(
    scope: Any,
    send: SendMessage,
    answer: ResponseTemplate,
    body: bytes,
    now: float,
    extra: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """A prepared answer with its facts filled in; by one write where the connection offers that."""
    headers = [date_header(int(now)), *answer.headers, *extra]
    if answer.status not in LENGTHLESS:
        headers.insert(0, (b"content-length", b"%d" % len(body)))
    if answer.media_type:
        headers.insert(0, (b"content-type", answer.media_type))
    if CORS in scope:
        headers = with_lines(headers, scope[CORS])
    if scope["method"] == "HEAD":
        body = b""
    wire = wire_of(scope)
    if wire is None or RECORD in scope or not wire.answer(answer.status, headers, body):
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def send_plain(
    send: SendMessage, status: int, media_type: str, body: bytes, now: float, extra: HeaderList | None = None
) -> None:
    """A small answer of the server itself."""
    headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", b"%d" % len(body)),
        date_header(int(now)),
        *(extra or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_problem(send: SendMessage, status: int, why: str, now: float) -> None:
    """A refusal of the server itself."""
    await send_plain(send, status, MEDIA_TYPE, problem(status, why), now)


async def send_empty(send: SendMessage, now: float, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """An answer without a body, nor a length of one."""
    await send({"type": "http.response.start", "status": 204, "headers": [date_header(int(now)), *headers]})
    await send({"type": "http.response.body", "body": b""})


def bytes_reply(method: str, headers: Mapping[bytes, bytes], blob: Blob, made: float, now: float) -> Reply:
    """A blob, or what was asked of it, as a reply, by the rules of HTTP: HEAD, Range, If-Range, If-None-Match."""
    fields = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
    selection = select(fields, blob.length, blob.etag, http_date(int(made)), method)
    body = parts_of(blob, selection)
    out = [(b"content-type", body.content_type.encode()), date_header(int(now))]
    out += [(name.lower().encode(), value.encode("latin-1")) for name, value in selection.headers]
    if selection.status in (200, 206):
        out.append((b"content-length", b"%d" % body.length))
    return Reply(selection.status, tuple(out), 0 if method == "HEAD" else body.length, body.chunks, "bytes")


async def send_reply(scope: Any, incoming: Incoming, send: SendMessage, reply: Reply) -> None:
    """A reply, a chunk at a time, until the client disconnects; never held as a whole."""
    await send({"type": "http.response.start", "status": reply.status, "headers": list(reply.headers)})

    async def write(chunk: bytes) -> None:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})

    async with presence(scope, incoming) as client:
        try:
            await stream(client, reply.chunks(0, reply.length), write)
        except StorageError:
            client.take()
            raise
        if client.is_gone:
            client.take()
            return
    await send({"type": "http.response.body", "body": b""})
