"""Where an engine is, as a URL says it. Opens no connection."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from mockserver.errors import UsageError

SCHEMES = {"redis": False, "rediss": True, "valkey": False, "valkeys": True, "unix": False}
"""Which of them are encrypted."""
PORT = 6379
FILES = ("ca", "cert", "key")
CODES = "@, /, #, %, [ and ] are written as %40, %2F, %23, %25, %5B and %5D"


class Address(NamedTuple):
    """A host and a port, or the `path` of a socket; `database` by its number.

    `ca`, `cert` and `key` are files (PEM): who signs the engine's certificate, and that of this client with its key.
    """

    host: str = ""
    port: int = PORT
    path: str = ""
    database: int = 0
    user: str = ""
    password: str = ""
    secure: bool = False
    ca: str = ""
    cert: str = ""
    key: str = ""

    @property
    def shown(self) -> str:
        """Without what is secret."""
        return self.path or f"{self.host}:{self.port}"


def address_of(url: str) -> Address:
    """`redis://[user:password@]host[:port][/database]`, `valkey://`, `unix:///path?db=1`, or `rediss://`, `valkeys://`.

    The last ones may have `?ca=FILE&cert=FILE&key=FILE`. Raises UsageError for anything else, and shows nothing of it.
    """
    try:
        parts = urlsplit(url)
        address = _address(
            parts, dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        )
    except (ValueError, KeyError):  # of a name that no host can have, too
        raise UsageError(
            "a store is redis://HOST:PORT/DATABASE, rediss://..., valkey://..., valkeys://... or unix:///PATH?db=0; "
            f"a database is a number, and in a password {CODES}"
        ) from None
    if parts.scheme == "unix" and (parts.hostname or not address.path):
        raise UsageError("the path of the store's socket is missing: write unix:///run/redis.sock")
    if address.user and not address.password:
        raise UsageError(
            "a user of the store without a password: write USER:PASSWORD@, or :PASSWORD@ for the usual user"
        )
    if address.key and not address.cert:
        raise UsageError("the key of the store's client without its certificate: write cert=FILE, too")
    return address


def _address(parts: SplitResult, query: dict[str, str]) -> Address:
    """Raises ValueError and KeyError."""
    secure, is_file = SCHEMES[parts.scheme], parts.scheme == "unix"
    if query.keys() - {*(("db",) if is_file else FILES if secure else ())}:
        raise UsageError(
            "something behind the ? of the store's URL means nothing there: unix:// takes db, rediss:// and valkeys:// "
            "take the files ca, cert and key"
        )
    host, path = "" if is_file else parts.hostname or "localhost", unquote(parts.path) if is_file else ""
    host.encode("idna")
    database = int(query.get("db", "0") if is_file else parts.path.strip("/") or "0")
    port = PORT if parts.port is None else parts.port
    if database < 0 or "\0" in path or not port or parts.fragment:  # a # that is in a password ends the host there
        raise ValueError
    return Address(
        host, port, path, database, unquote(parts.username or ""), unquote(parts.password or ""), secure,
        *[query.get(name, "") for name in FILES],
    )  # fmt: skip
