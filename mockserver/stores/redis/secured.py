"""How a connection to an engine is encrypted: once for all that lead to one address. Opens none."""

from __future__ import annotations

import ssl
from functools import cache

from mockserver.errors import StateError, UsageError
from mockserver.stores.redis.address import Address

LOST = "was lost"
"""How it is told that a connection ended by itself."""
UNTRUSTED = "has a certificate that is not trusted"
BY_NAME = (62, 64)
"""What OpenSSL says of a certificate that is another host's: X509_V_ERR_HOSTNAME_MISMATCH, …_IP_ADDRESS_MISMATCH."""

BY_THAT = "name the host as its certificate does"


@cache
def context_of(address: Address) -> ssl.SSLContext | None:
    """What the certificates are held against; None where nothing is encrypted. Raises UsageError for files."""
    if not address.secure:
        return None
    try:
        context = ssl.create_default_context(cafile=address.ca or None)
        if address.cert:
            context.load_cert_chain(address.cert, address.key or None, password=_none)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        files = ", ".join(filter(None, (address.ca, address.cert, address.key)))
        raise UsageError(f"the files of the store's encryption ({files}) cannot be used: {error}") from None
    return context


def remedy(address: Address, error: Exception) -> str:
    """What may be wrong with an address by which no connection came to be; empty where nobody can tell.

    An engine says little of it: it ends the connection, or waits for more.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return f": {BY_THAT if error.verify_code in BY_NAME else '?ca=FILE names who signs it'}"
    if isinstance(error, FileNotFoundError | ConnectionRefusedError) or "Connect call failed" in str(error):
        where = "socket (`unixsocket`)" if address.path else "port"
        return f": start the engine, or name the {where} at which it listens"
    if isinstance(error, PermissionError):
        return ": who may use its socket, the engine's setting `unixsocketperm` says"
    if address.path:
        return ""
    if address.secure and isinstance(error, TimeoutError):
        return ": is its port encrypted? redis:// leads to one that is not"
    if isinstance(error, StateError) and str(error).endswith(LOST):
        own = "" if address.cert else ": it may want a certificate of this client (?cert=FILE&key=FILE)"
        return own if address.secure else ": is its port encrypted? rediss:// leads to one that is"
    return ""


def _none() -> str:
    """Nobody is asked for a key's password."""
    raise ValueError("the key wants a password")
