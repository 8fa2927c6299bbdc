"""Where an engine is, as a URL says it. Opens no connection."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from mockserver.errors import UsageError

SCHEMES = {"redis": False, "rediss": True, "valkey": False, "valkeys": True, "unix": False}
"""Which of them are encrypted."""
PORT = 6379


class Address(NamedTuple):
    """A host and a port, or the `path` of a socket; `database` by its number."""

    host: str = ""
    port: int = PORT
    path: str = ""
    database: int = 0
    user: str = ""
    password: str = ""
    secure: bool = False

    @property
    def shown(self) -> str:
        """Without what is secret."""
        return self.path or f"{self.host}:{self.port}"


def address_of(url: str) -> Address:
    """`redis://[user:password@]host[:port][/database]`, `rediss://`, `valkey://`, or `unix:///path?db=1`.

    Raises UsageError for anything else.
    """
    try:
        parts = urlsplit(url)
        port, known = parts.port or PORT, SCHEMES[parts.scheme]
        is_file = parts.scheme == "unix"
        database = parse_qs(parts.query).get("db", ["0"])[0] if is_file else parts.path.strip("/") or "0"
        found = Address(
            "" if is_file else parts.hostname or "localhost", port, unquote(parts.path) if is_file else "",
            int(database), unquote(parts.username or ""), unquote(parts.password or ""), known,
        )  # fmt: skip
    except (ValueError, KeyError):
        raise UsageError(
            "a store is redis://HOST:PORT/DATABASE, rediss://..., valkey://..., valkeys://... or unix:///PATH?db=0"
        ) from None
    if is_file and not found.path:
        raise UsageError("the path of the store's socket is missing: write unix:///run/redis.sock")
    return found
