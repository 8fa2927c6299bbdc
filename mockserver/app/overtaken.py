"""The end of a request whose sandbox was reset or closed while it was under way, or whose state is out of reach."""

from __future__ import annotations

from typing import Any

from mockserver.app.incoming import Incoming
from mockserver.app.sending import SendMessage, send_plain
from mockserver.clock import date_line
from mockserver.errors import Overtaken, StateError
from mockserver.mounting import wire_of
from mockserver.problems import MEDIA_TYPE, problem

ENDED = (Overtaken, StateError)
RETRY = (b"retry-after", b"1")


async def send_overtaken(
    scope: Any, incoming: Incoming, send: SendMessage, error: Overtaken | StateError, now: float
) -> None:
    """Answer 410, or 503 where the state is out of reach, or leave an answer unfinished that was begun."""
    wire = wire_of(scope)
    if wire is not None and wire.has_begun:
        wire.take()
        return
    await incoming.drain()
    headers = [RETRY] if isinstance(error, StateError) else []
    await send_plain(send, _status(error), MEDIA_TYPE, problem(_status(error), str(error)), now, headers)


def overtaken_bytes(error: Overtaken | StateError, now: float) -> bytes:
    """The same answer as bytes."""
    body = problem(_status(error), str(error))
    first = b"503 Service Unavailable\r\n%b: %b" % RETRY if isinstance(error, StateError) else b"410 Gone"
    head = b"HTTP/1.1 %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n" % (first, MEDIA_TYPE.encode(), len(body))
    return head + date_line(int(now)) + b"\r\n" + body


def _status(error: Overtaken | StateError) -> int:
    return 503 if isinstance(error, StateError) else 410
