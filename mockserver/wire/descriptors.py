"""File descriptors: how many connections there is room for, and a short word instead of a flood when they run out."""

from __future__ import annotations

import asyncio
import errno
import os
from typing import Any

from mockserver.wire.refusal import LOGGER

BURST = 32  # connections accepted at once; the kernel keeps the others waiting
IN_FLIGHT = 6  # bursts that may be open before the first of them is seen, or seen to be one too many
SPARE = 8  # descriptors left for what is open for a moment
FILES = 100  # and for kept uploads
NO_LIMIT = 100_000
STANDARD = 3  # input, output and errors
QUIET_SECONDS = 5.0
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def _limit() -> int:
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows has no such limit
        return NO_LIMIT
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(soft, NO_LIMIT) if soft >= 0 else NO_LIMIT


def _open_now() -> int:
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:  # pragma: no cover - a system without that folder
        return 32


def room_and_burst() -> tuple[int, int]:
    """How many connections may be open, and how many accepted at once, so that descriptors never run out."""
    limit = _limit()
    free = max(limit - _open_now() - SPARE - min(FILES, limit // 8), 2)
    burst = max(min(BURST, free // (2 * IN_FLIGHT)), 1)
    return max(free - IN_FLIGHT * burst, 1), burst


def hold_standard() -> None:
    """Open descriptors 0 to 2 where whoever started this process closed them: libuv ends it when a socket has one."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < STANDARD:
        pass
    os.close(descriptor)


class ExhaustionHandler:
    """An exception handler for loops: says once in a while that descriptors ran out, where asyncio says so per try."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _EXHAUSTED:
            loop.default_exception_handler(context)
        elif loop.time() >= self._silent_until:
            self._silent_until = loop.time() + QUIET_SECONDS
            LOGGER.warning("No file descriptor is left to accept a connection: %s", error)
