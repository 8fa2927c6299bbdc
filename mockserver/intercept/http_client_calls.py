"""The standard library's `http.client`, and urllib on top of it: patched where a request begins.

A connection whose request belongs to a sandbox gets a plain socket there, whatever it is a connection to. Libraries
with connections of their own that descend from these are patched elsewhere, or are this project's.
"""

from __future__ import annotations

import socket
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from mockserver.intercept.routes import HostRefused, Routes, RouteTarget, is_local
from mockserver.intercept.silence import NO_PAUSE, Pause, SilencePasser
from mockserver.virtual_time.patches import Patches

__tracebackhide__ = True

_PAUSE = "_mockserver_pause"
_LED = "_mockserver_led"  # the socket to a sandbox, and which sandbox
_OTHERS = frozenset({"mockserver", "urllib3"})


def patch(client: ModuleType, routes: Routes, silence: SilencePasser, patches: Patches) -> None:
    """Replace `connect`, `putrequest`, `request` and `getresponse` of connections."""
    _patch_connect(client.HTTPConnection, routes, patches)
    if hasattr(client, "HTTPSConnection"):  # a Python without ssl has none
        _patch_connect(client.HTTPSConnection, routes, patches)
    _patch_putrequest(client.HTTPConnection, routes, patches)
    _patch_exchange(client.HTTPConnection, routes, silence, patches)


def _patch_connect(connection: Any, routes: Routes, patches: Patches) -> None:
    real = connection.connect

    def connect(self: Any) -> None:
        target = _target(routes, self, "")
        if target is None:
            real(self)
        else:
            _lead(self, target)

    patches.attribute(connection, "connect", connect)


def _patch_putrequest(connection: Any, routes: Routes, patches: Patches) -> None:
    real = connection.putrequest

    def putrequest(
        self: Any, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False
    ) -> None:
        target = _target(routes, self, url)
        if target is None:
            real(self, method, url, skip_host, skip_accept_encoding)
            return
        _lead(self, target)
        real(self, method, target.prefix + _path(url), True, skip_accept_encoding)
        if not skip_host:
            self.putheader("Host", target.netloc)

    patches.attribute(connection, "putrequest", putrequest)


def _patch_exchange(connection: Any, routes: Routes, silence: SilencePasser, patches: Patches) -> None:
    request, getresponse = connection.request, connection.getresponse

    def ask(self: Any, method: str, url: str, body: Any = None, headers: Any = None, **named: Any) -> None:
        target, sent = _target(routes, self, url), headers or {}
        if target is not None:
            sent = {name: value for name, value in dict(sent).items() if name.lower() != "host"}
        pause = _pause(silence, self, method, url, target) if _is_plain(self) else NO_PAUSE
        is_late = silence.ends_in_timeout(pause)
        setattr(self, _PAUSE, (pause, is_late))
        if not is_late:
            request(self, method, url, body, sent, **named)

    def answer(self: Any) -> Any:
        if not _is_plain(self):
            return getresponse(self)
        pause, is_late = getattr(self, _PAUSE, (NO_PAUSE, False))
        setattr(self, _PAUSE, (NO_PAUSE, False))
        if is_late:  # raised here, as urllib makes a URLError of what is raised while sending
            raise TimeoutError("timed out")
        with silence.call():
            response = getresponse(self)
        if silence.ends_in_timeout(pause, done=True):
            response.close()
            raise TimeoutError("timed out")
        return response

    patches.attribute(connection, "request", ask)
    patches.attribute(connection, "getresponse", answer)


def _target(routes: Routes, connection: Any, url: str) -> RouteTarget | None:
    """The sandbox that a request belongs to. Raises ConnectionRefusedError for a host that nobody allowed."""
    if not _is_plain(connection):
        return None
    host = urlsplit(url).hostname if url.startswith("http") else None  # a whole URL is meant for a proxy
    try:
        return routes.find(host or getattr(connection, "_tunnel_host", None) or connection.host)
    except HostRefused as refused:
        raise ConnectionRefusedError(str(refused)) from None


def _lead(connection: Any, target: RouteTarget) -> None:
    """Give a connection a socket to the sandbox, unless it has that one."""
    if connection.sock is not None and getattr(connection, _LED, None) == (connection.sock, target):
        return
    if connection.sock is not None:
        connection.sock.close()
    connection.sock = socket.create_connection((target.host, target.port), connection.timeout)
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    setattr(connection, _LED, (connection.sock, target))


def _path(url: str) -> str:
    if not url.startswith("http"):
        return url or "/"
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _is_plain(connection: Any) -> bool:
    """Whether nobody else looks after it; our own calls are no client's, and must not hold the clock they move."""
    return _OTHERS.isdisjoint({each.__module__.partition(".")[0] for each in type(connection).__mro__})


def _pause(silence: SilencePasser, connection: Any, method: str, url: str, target: RouteTarget | None) -> Pause:
    if target is not None:
        asked = f"{target.origin}{target.prefix}{_path(url)}"
    elif is_local(connection.host):
        host = f"[{connection.host}]" if ":" in connection.host else connection.host
        asked = f"http://{host}:{connection.port}{url}"
    else:
        return NO_PAUSE
    return silence.foretell("http.client", method, asked, _patience(connection))


def _patience(connection: Any) -> float | None:
    timeout = connection.timeout
    return timeout if timeout is None or isinstance(timeout, int | float) else socket.getdefaulttimeout()
