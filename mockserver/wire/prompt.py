"""An answer that is ready, sent by one write: uvicorn writes head and body apart, each with a call of the system.

Knows where uvicorn's httptools protocol keeps its state; a test pins the names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockserver.wire.refusal import status_line


def write_whole(cycle: Any, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
    """Send an answer by one write. False, and nothing sent, where it has to go the long way.

    The headers are the caller's word: lower-case names, `content-length` among them, no line breaks.
    """
    if cycle.disconnected or cycle.response_started or cycle.flow.write_paused:
        return False
    lines = [name + b": " + value + b"\r\n" for name, value in headers]
    end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"".join((status_line(status), *lines, end, body)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True
