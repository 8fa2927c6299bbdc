"""Which home a URL names. One function, so that nobody else knows what there are."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.errors import UsageError
from mockserver.loopback import is_loopback

if TYPE_CHECKING:
    from mockserver.state.store_port import Store

SCHEMES = ("redis", "rediss", "valkey", "valkeys", "unix")
NEEDED = "hiredis"


def store_at(url: str, fingerprint: str) -> Store:
    """This process as one that has its state at a URL, by contracts of this fingerprint. Opens no connection.

    Raises UsageError.
    """
    check_url(url)
    from mockserver.stores.redis.served import ServedStore

    return ServedStore(url, fingerprint)


def check_url(url: str) -> None:
    """Raises UsageError for what is no store's, or needs what is not installed; it shows nothing of the URL."""
    scheme = url.strip().partition(":")[0].lower()  # what is behind it may be nothing that can be read
    if scheme == "file":
        raise UsageError(
            "a store is an engine, not a folder: `serve --snapshot FILE` begins with what a snapshot keeps, and Redis "
            "and Valkey keep what they hold by themselves (appendonly yes)"
        )
    if scheme not in SCHEMES:
        raise UsageError(
            f"what is given names no store: write {', '.join(f'{name}://HOST:PORT' for name in SCHEMES[:-1])} or "
            "unix:///PATH"
        )
    if importlib.util.find_spec(NEEDED) is None:
        raise UsageError("a store needs the extra redis: pip install 'mockserver-kit[redis]'")
    from mockserver.stores.redis.address import address_of
    from mockserver.stores.redis.secured import context_of

    context_of(address_of(url))


def is_shared(url: str) -> bool:
    """Whether servers on other hosts may have their state there, too."""
    parts = urlsplit(url)
    return parts.scheme != "unix" and not is_loopback(parts.hostname or "localhost")


def shown(url: str) -> str:
    """Where a store is, without what is secret in its URL. Raises UsageError."""
    from mockserver.stores.redis.address import address_of

    address = address_of(url)
    return f"{address.shown} (database {address.database})" if address.database else address.shown
