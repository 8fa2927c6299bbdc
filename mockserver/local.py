"""Servers that run in this process, so that who controls such a server can hand it a callable. Knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from mockserver.loopback import is_loopback

LocalCall = Callable[[Any], Any]
"""Given a request, gives what to answer; it may be a coroutine function."""
OnFailure = Callable[[BaseException], object]
"""Told of what a callable raised."""


class Arms(Protocol):
    """What a server of this process takes that no control API can. Raises UsageError."""

    def answer(self, sandbox: str, settings: Mapping[str, Any], call: LocalCall, failed: OnFailure) -> str: ...
    def route(self, sandbox: str, method: str, path: str, call: LocalCall, failed: OnFailure) -> str: ...
    def disarm_route(self, sandbox: str, identity: str) -> None: ...


class LocalServer(NamedTuple):
    """A server of this process: where it listens, which sandboxes it has, and how callables are armed on it."""

    port: int
    has: Callable[[str], bool]
    arms: Callable[[], Arms]


_running: list[LocalServer] = []


def add(server: LocalServer) -> None:
    """A server has started."""
    _running.append(server)


def remove(server: LocalServer) -> None:
    """It has ended; may be called twice."""
    if server in _running:
        _running.remove(server)


def arms_of(url: str, sandbox: str) -> Arms | None:
    """How callables are armed on the server at a URL; None when it, or its sandbox, is not in this process."""
    parts = urlsplit(url)
    if not is_loopback(parts.hostname or ""):
        return None
    return next((server.arms() for server in _running if server.port == parts.port and server.has(sandbox)), None)
