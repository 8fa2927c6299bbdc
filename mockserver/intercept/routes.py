"""Where a call to a host goes: to a sandbox, through, or nowhere. Knows no client library."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mockserver.loopback import is_loopback, is_unspecified, plain_host

__tracebackhide__ = True

EVERY_HOST = "*"


class HostRefused(Exception):
    """A call to an outside host that nobody allowed; each client raises its own connect error with this text."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"a call to {host!r} was refused: intercept is on, and this host is neither loopback nor routed to a "
            f'sandbox. To allow it: @pytest.mark.mockserver(hosts={{"{host}": ...}}), or mock(hosts=…)'
        )


@dataclass(frozen=True, slots=True)
class RouteTarget:
    """A sandbox's base URL, taken apart: `netloc` is the Host to send, `prefix` goes before the vendor's own path."""

    scheme: str
    host: str
    port: int
    netloc: str
    prefix: str

    @classmethod
    def of(cls, base_url: str) -> RouteTarget:
        """From a URL like `http://127.0.0.1:41234/@s-abc/acme`. Raises ValueError for anything but plain http."""
        parts = urlsplit(base_url)
        if parts.scheme != "http" or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"a route needs a base URL like http://127.0.0.1:8080/prefix, not {base_url!r}")
        return cls(parts.scheme, parts.hostname, parts.port or 80, parts.netloc, parts.path.rstrip("/"))

    @property
    def origin(self) -> str:
        """Scheme and host, without a path."""
        return f"{self.scheme}://{self.netloc}"


class Routes:
    """The decision for each host: routes first, then loopback, then what is allowed by name, as `*.name` or `*`."""

    def __init__(self, routes: Mapping[str, str], allow: Collection[str] = ()) -> None:
        self._targets = {plain_host(host): RouteTarget.of(base_url) for host, base_url in routes.items()}
        self._allowed = frozenset(map(plain_host, allow))

    def find(self, host: str) -> RouteTarget | None:
        """The sandbox that stands for `host`; None when the call goes through. Raises Refused."""
        host = plain_host(host)
        target = self._targets.get(host)
        if target is None and not (is_local(host) or self._is_allowed(host)):
            raise HostRefused(host)
        return target

    def _is_allowed(self, host: str) -> bool:
        if EVERY_HOST in self._allowed:
            return True
        labels = host.split(".")
        wildcards = {"*." + ".".join(labels[n:]) for n in range(1, len(labels))}
        return bool(self._allowed & {host, *wildcards})


def is_local(host: str) -> bool:
    """Whether calls to a host stay on this machine: a server bound to all addresses is called by 0.0.0.0, too."""
    return is_loopback(host) or is_unspecified(host)
