"""Where a recorded host is: its origin, and the address that stands in the place of what its name resolves to.

Knows connections, and no HTTP.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from mockserver.errors import UsageError
from mockserver.intercept.routes import is_local
from mockserver.loopback import plain_host
from mockserver.recorder.channel import Channel

CONNECT_SECONDS = 30.0
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Upstream:
    """A host; `address` is a name or an address with a port, where it is not at its own."""

    scheme: str
    host: str
    port: int
    address: tuple[str, int] | None = None

    @property
    def origin(self) -> str:
        """`https://api.vendor.com`, the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port != PORTS[self.scheme] else "")

    async def connect(self, trust: ssl.SSLContext) -> Channel:
        """A connection whose certificate was verified. Raises OSError and TimeoutError."""
        host, port = self.address or (self.host, self.port)
        async with asyncio.timeout(CONNECT_SECONDS):
            channel = await Channel.connect(host, port)
            try:
                if self.scheme == "https":
                    await channel.secure(trust, self.host)
            except BaseException:
                channel.close()
                raise
            return channel


def upstreams(urls: Collection[str], addresses: Collection[str] = ()) -> dict[str, Upstream]:
    """The hosts of URLs, by name; `addresses` are texts like `HOST=ADDRESS:PORT`. Raises UsageError."""
    found: dict[str, Upstream] = {}
    for each in map(_upstream, urls):
        if found.setdefault(each.host, each) != each:
            raise UsageError(
                f"--upstream {found[each.host].origin} and --upstream {each.origin} are one host, of which one place "
                "is recorded at a time: name one of them"
            )
    if not found:
        raise UsageError("name what is recorded: --upstream https://api.vendor.com")
    for host, address in map(_address, addresses):
        if host not in found:
            raise UsageError(f"--connect-to {host}: that host is no --upstream; there is {', '.join(found)}")
        found[host] = replace(found[host], address=address)
    return found


def _upstream(url: str) -> Upstream:
    remedy = "write its origin, as in https://api.vendor.com"
    parts, port = _split(url, remedy)
    if parts.scheme not in PORTS or not parts.hostname:
        raise UsageError(f"--upstream {url!r} is no URL of a host; {remedy}")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise UsageError(f"--upstream {url!r} has more than a host; {remedy}")
    host = plain_host(parts.hostname)
    if is_local(host):
        raise UsageError(
            f"--upstream {url!r}: calls to this machine are led through no proxy. Let the client call a name, and say "
            f"where it is: --upstream {parts.scheme}://api.acme.example --connect-to api.acme.example={parts.netloc}"
        )
    return Upstream(parts.scheme, host, port or PORTS[parts.scheme])


def _split(url: str, remedy: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise UsageError(f"{url!r}: {error}; {remedy}") from None


def _address(text: str) -> tuple[str, tuple[str, int]]:
    host, _, address = text.partition("=")
    remedy = "write HOST=ADDRESS:PORT, as in api.vendor.com=127.0.0.1:8443"
    parts, port = _split(f"//{address}", f"--connect-to: {remedy}")
    if not host or not parts.hostname or port is None:
        raise UsageError(f"--connect-to {text!r}: {remedy}")
    return plain_host(host), (parts.hostname, port)


def trust(pem: str | None, roots: bytes) -> ssl.SSLContext:
    """Who vouches for upstreams: the authorities of the system and of its variables, and `pem`. Raises UsageError."""
    context = ssl.create_default_context()
    try:
        for more in (roots.decode("ascii", "ignore"), pem):
            if more:
                context.load_verify_locations(cadata=more)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"certificates to trust cannot be read: {error}") from None
    # As the sender of webhooks does: versions of Python differ here, and authorities of companies are often sloppy.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_RENEGOTIATION  # a channel sends whatever it is given, at once
    return context
