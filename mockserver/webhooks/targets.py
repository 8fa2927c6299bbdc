"""Where a webhook may go: a URL becomes checked addresses, or a reason not to dial.

Resolves each host once; whoever dials must dial the addresses returned, so that no second answer of the
resolver can lead elsewhere. Knows nothing of what is sent.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import quote

from mockserver.loopback import is_loopback, plain_host

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<resource>[^#]*)")
_AUTHORITY = re.compile(r"(?:\[(?P<literal>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]{1,254}))(?::(?P<port>\d{0,5}))?")
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]")
_PORTS = {"http": 80, "https": 443}
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Target:
    """A place that may be dialed.

    `host` is lower case and, if it is an address, in its plain form; `addresses` are IP literals in the order
    to try them, none if an allowed host does not resolve; `resource` is path and query, in ASCII.
    """

    url: str
    secure: bool
    host: str
    port: int
    addresses: tuple[str, ...]
    resource: str

    @property
    def authority(self) -> str:
        """The value for the Host header: without the scheme's own port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Blocked:
    """A place that is not dialed: `why`, and the `remedy`, each a sentence."""

    url: str
    why: str
    remedy: str


async def check_target(url: str, allowed_hosts: frozenset[str] = frozenset()) -> Target | Blocked:
    """Decide whether `url` may be dialed: a loopback address, or a host out of `allowed_hosts`.

    A name counts as loopback if every address it resolves to is. Never raises.
    """
    place = _read(url)
    if isinstance(place, str):
        return Blocked(url, place, "Give a plain http or https URL of a host and a port.")
    allowed = place.host in {plain_host(host) for host in allowed_hosts}
    addresses = await _resolve(place.host, place.port)
    if not allowed and not (addresses and all(map(is_loopback, addresses))):
        return Blocked(url, _why(place.host, addresses), _remedy(place.host))
    return Target(url, place.secure, place.host, place.port, addresses, place.resource)


def unreadable(url: str) -> str:
    """Why a URL cannot be one of a webhook; empty when it can. Resolves nothing."""
    place = _read(url)
    return place if isinstance(place, str) else ""


def _read(url: str) -> Target | str:
    """Take a URL apart without resolving it; a string is the reason why it is refused."""
    if _UNSAFE.search(url):
        return "The URL holds a space or a control character."
    if "\\" in url:
        return "The URL holds a backslash, which clients read in two ways."
    parts = _URL.match(url)
    if parts is None:
        return "The URL is not absolute."
    if parts["scheme"].lower() not in _PORTS:
        return "The scheme is neither http nor https."
    if "@" in parts["authority"]:
        return "The URL holds a user name or a password."
    return _located(url, parts["scheme"].lower() == "https", parts["authority"], parts["resource"])


def _located(url: str, secure: bool, authority: str, resource: str) -> Target | str:
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None or not authority.isascii():
        return "The URL names no host that can be read; a name beyond ASCII is written in its xn-- form."
    port = int(parts["port"] or _PORTS["https" if secure else "http"])
    if not 0 < port < 65536:
        return "The port is not between 1 and 65535."
    if parts["literal"] and ":" not in parts["literal"]:
        return "Only an IPv6 address stands in brackets."
    host = plain_host(parts["literal"] or parts["name"])
    path = resource if resource.startswith("/") else "/" + resource
    return Target(url, secure, host, port, (), quote(path, safe=_PRINTABLE))


async def _resolve(host: str, port: int) -> tuple[str, ...]:
    """Return each address of a host once, in the resolver's order; none if it has none."""
    try:
        return (str(ipaddress.ip_address(host)),)
    except ValueError:
        pass
    # RFC 6761: every name under localhost is this machine; not every resolver knows it.
    name = "localhost" if host.endswith(".localhost") else host
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(plain_host(str(entry[4][0])) for entry in found))


def _why(host: str, addresses: tuple[str, ...]) -> str:
    if not addresses:
        return f"{host} does not resolve, and only loopback addresses are dialed."
    if host in addresses:
        return f"{host} is not a loopback address."
    return f"{host} resolves to {', '.join(addresses)}, and only loopback addresses are dialed."


def _remedy(host: str) -> str:
    return f"Start the server with --webhook-allow {host} to let webhooks go there."
