"""The end of a request whose sandbox was reset or closed while it was under way."""

from __future__ import annotations

from typing import Any

from mockserver.app.incoming import Incoming
from mockserver.app.sending import Send, send_problem
from mockserver.clock import date_line
from mockserver.mounting import wire_of
from mockserver.problems import MEDIA_TYPE, problem


async def send_overtaken(scope: Any, incoming: Incoming, send: Send, why: str, now: float) -> None:
    """Answer 410, or leave an answer unfinished that was begun."""
    wire = wire_of(scope)
    if wire is not None and wire.has_begun:
        wire.take()
        return
    await incoming.drain()
    await send_problem(send, 410, why, now)


def overtaken_bytes(why: str, now: float) -> bytes:
    """The same answer 410, as bytes."""
    body = problem(410, why)
    head = b"HTTP/1.1 410 Gone\r\ncontent-type: %b\r\ncontent-length: %d\r\n" % (MEDIA_TYPE.encode(), len(body))
    return head + date_line(int(now)) + b"\r\n" + body
