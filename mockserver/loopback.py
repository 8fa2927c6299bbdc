"""Which host is this machine. The one rule, for listening, Host headers, webhooks, interception and servers elsewhere.

Looks at the name or address alone; resolves nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's loopback: `localhost`, a name under it (RFC 6761), or 127.0.0.0/8.

    All spellings count that a resolver understands: `127.1`, `0x7f000001`, `[::1]`, `::ffff:127.0.0.1`, `LOCALHOST.`
    """
    name = plain_host(host)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def leads_here(url: str) -> bool:
    """Whether a URL leads to this machine."""
    return is_loopback(urlsplit(url).hostname or "")


def is_address(host: str) -> bool:
    """Whether it is an address, in any spelling, and no name."""
    try:
        ipaddress.ip_address(plain_host(host))
    except ValueError:
        return False
    return True


def is_unspecified(host: str) -> bool:
    """Whether an address stands for all of this machine's: `0.0.0.0` or `::`."""
    try:
        return ipaddress.ip_address(plain_host(host)).is_unspecified
    except ValueError:
        return False


def plain_host(host: str) -> str:
    """The one spelling of a host: lower case, no brackets, no zone, no final dot, addresses in plain form.

    `127.1`, `0x7f000001`, `2130706433` and `::ffff:127.0.0.1` are all `127.0.0.1`, as they are to a resolver.
    """
    name = host.strip("[]").removesuffix(".").lower()
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return _numeric(name) or name
    # Versions of Python differ on whether a mapped address is loopback.
    return str(getattr(address, "ipv4_mapped", None) or address)


def _numeric(name: str) -> str | None:
    """The old spellings of an IPv4 address: fewer than four numbers, octal, hexadecimal."""
    if not re.fullmatch(r"[0-9a-fx.]{1,50}", name):
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except OSError:
        return None
