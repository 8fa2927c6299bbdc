"""Interception switched on and off. Client libraries are patched if imported, else when they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from mockserver.intercept import aiohttp_calls, http_client_calls, httpx_calls, urllib3_calls
from mockserver.intercept.routes import Routes
from mockserver.intercept.silence import BeforeSend, SilencePasser
from mockserver.late_import import when_imported
from mockserver.virtual_time import SandboxTime
from mockserver.virtual_time.patches import Patches

__tracebackhide__ = True


@dataclass(frozen=True, slots=True, repr=False)
class Intercept:
    """What is intercepted: hosts and the base URLs that stand for them, and the hosts that are let through."""

    routes: Mapping[str, str]
    allow: Collection[str]

    def __repr__(self) -> str:
        through = f"; lets through {', '.join(self.allow)}" if self.allow else ""
        return f"<Intercept of {', '.join(self.routes) or 'no host'}{through}>"


@contextmanager
def intercept(
    routes: Mapping[str, str],
    allow: Collection[str] = (),
    *,
    before_send: BeforeSend | None = None,
    time: SandboxTime | None = None,
) -> Iterator[Intercept]:
    """Send calls to the hosts in `routes` (http or https, any port) to the base URL given for each.

    Loopback and the hosts in `allow` (`name` or `*.name`) are let through, all others refused with the client's own
    connect error. `before_send` may say that the server will stay silent; the time then passes on the clock of `time`
    (or in virtual time, when that is on), and the client raises its own time-out. Raises ValueError for a base URL
    that is not plain http.
    """
    found, silence, patches = Routes(routes, allow), SilencePasser(before_send, time), Patches()
    twins: list[urllib3_calls.Twins] = []
    late = {
        "httpx": lambda module: httpx_calls.patch(module, found, silence, patches),
        "httpx2": lambda module: httpx_calls.patch(module, found, silence, patches),
        "aiohttp": lambda module: aiohttp_calls.patch(module, found, silence, patches),
        "http.client": lambda module: http_client_calls.patch(module, found, silence, patches),
        "urllib3": lambda module: twins.append(urllib3_calls.patch(module, found, silence, patches)),
    }
    try:
        with when_imported(late):
            yield Intercept(dict(routes), tuple(allow))
    finally:
        patches.undo()
        for twin in twins:
            twin.close()
