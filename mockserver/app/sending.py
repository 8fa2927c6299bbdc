"""Answers and bytes as ASGI messages. Knows nothing of why they are sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from mockserver.answers import Answer
from mockserver.clock import date_header, http_date
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
    asked = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
    if method not in ("GET", "HEAD"):
        asked.pop("range", None)
    chosen = select(asked, blob.length, blob.etag, http_date(int(made)))
    out = [(b"content-type", blob.content_type.encode()), date_header(int(now))]
    out += [(name.lower().encode(), value.encode("latin-1")) for name, value in chosen.headers]
    await send({"type": "http.response.start", "status": chosen.status, "headers": out})
    if method != "HEAD" and chosen.status in (200, 206):
        for chunk in blob.chunks(chosen.start, chosen.stop):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    return chosen.status
