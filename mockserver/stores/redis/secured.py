"""How a connection to an engine is encrypted: once for all that lead to one address. Opens none."""

from __future__ import annotations

import ssl
from functools import cache

from mockserver.errors import UsageError
from mockserver.stores.redis.address import Address


@cache
def context_of(address: Address) -> ssl.SSLContext | None:
    """What the certificates are held against; None where nothing is encrypted. Raises UsageError for files."""
    if not address.secure:
        return None
    try:
        made = ssl.create_default_context(cafile=address.ca or None)
        if address.cert:
            made.load_cert_chain(address.cert, address.key or None, password=_none)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        files = ", ".join(filter(None, (address.ca, address.cert, address.key)))
        raise UsageError(f"the files of the store's encryption ({files}) cannot be used: {error}") from None
    return made


def _none() -> str:
    """Nobody is asked for a key's password."""
    raise ValueError("the key wants a password")
