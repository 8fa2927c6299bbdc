"""Answers and bytes as ASGI messages. Knows nothing of why they are sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

from mockserver.answers import Answer
from mockserver.clock import date_header, http_date
from mockserver.faults import Reply
from mockserver.media import Blob, select

Send = Callable[[Any], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
NOWHERE: Mapping[str, Any] = {}


async def send_answer(
    scope: Any, send: Send, answer: Answer, body: bytes, now: float, extra: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """A prepared answer with its facts filled in; by one write where the connection offers that."""
    headers = [
        (b"content-type", answer.media_type),
        (b"content-length", b"%d" % len(body)),
        date_header(int(now)),
        *answer.headers,
        *extra,
    ]
    if scope["method"] == "HEAD":
        body = b""
    wire = scope.get("state", NOWHERE).get("wire")
    if wire is None or not wire.answer(answer.status, headers, body):
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def send_plain(
    send: Send, status: int, media_type: str, body: bytes, now: float, extra: Headers | None = None
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


async def send_bytes(
    send: Send, method: str, headers: Mapping[bytes, bytes], blob: Blob, made: float, now: float
) -> int:
    """A blob by the rules of HTTP: HEAD, Range, If-Range, If-None-Match. Streamed, never held."""
    reply = bytes_reply(method, headers, blob, made, now)
    await send_reply(send, reply)
    return reply.status


def bytes_reply(method: str, headers: Mapping[bytes, bytes], blob: Blob, made: float, now: float) -> Reply:
    """A blob, or what was asked of it, as a reply."""
    asked = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
    if method not in ("GET", "HEAD"):
        asked.pop("range", None)
    chosen = select(asked, blob.length, blob.etag, http_date(int(made)))
    out = [(b"content-type", blob.content_type.encode()), date_header(int(now))]
    out += [(name.lower().encode(), value.encode("latin-1")) for name, value in chosen.headers]
    length = chosen.stop - chosen.start if method != "HEAD" and chosen.status in (200, 206) else 0

    def chunks(start: int, stop: int) -> Iterator[bytes]:
        return blob.chunks(chosen.start + start, min(chosen.start + stop, chosen.stop))

    return Reply(chosen.status, tuple(out), length, chunks, "bytes")


async def send_reply(send: Send, reply: Reply) -> None:
    """A reply, a chunk at a time."""
    await send({"type": "http.response.start", "status": reply.status, "headers": list(reply.headers)})
    for chunk in reply.chunks(0, reply.length):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
