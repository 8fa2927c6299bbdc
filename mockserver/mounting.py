"""Where the application stands: below which path it is mounted, and by which URL a request reached it.

Reads ASGI scopes. Knows no routes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import quote

WIRE = "mockserver.wire"
"""Where the connection stands in a scope's state, among what others have put there."""
RECORD, CORS = "mockserver.record", "mockserver.cors"
"""Where, in a scope itself, what is written down of the request, and the header lines for pages of other origins."""
AT_ONCE = "mockserver.at_once"
"""Where, in a scope itself, it is said that nobody waits: no answer is late by real seconds."""
PORTS = {"http": 80, "https": 443}
_base: ContextVar[str] = ContextVar("base", default="")
_HOST = re.compile(r"[\w.:\[\]-]+", re.ASCII)


def wire_of(scope: Any) -> Any:
    """The connection of a request; None under an HTTP server that gives none."""
    state = scope.get("state")
    return state.get(WIRE) if state else None


def base_of_request() -> str:
    """What absolute URLs in the answer to the request under way begin with; empty where the server alone decides."""
    return _base.get()


@contextmanager
def answering_at(base: str) -> Iterator[None]:
    """Within it, absolute URLs begin so: whoever is answered elsewhere meanwhile is told another base."""
    token = _base.set(base)
    try:
        yield
    finally:
        _base.reset(token)


def base_of_vendor(scope: Any, hosts: Container[bytes]) -> str:
    """What absolute URLs begin with for a client that takes this server for one of these hosts, as it asked for it;
    empty for all others.
    """
    wire = wire_of(scope)
    if wire is None or not wire.is_adopted:
        return ""
    host = _host(scope)
    name = host.partition(":")[0].lower().removesuffix(".").encode()
    return f"{scope['scheme']}://{host}" if name in hosts else ""


def root_of(scope: Any) -> str:
    """The path at which the application is mounted; empty where it is not."""
    root: str = scope.get("root_path") or ""
    return root.rstrip("/")


def path_below(scope: Any) -> str:
    """The decoded path of a request without the one at which this application is mounted."""
    path: str = scope["path"]
    root = root_of(scope)
    return path[len(root) :] if root and f"{path}/".startswith(f"{root}/") else path


def scope_below(scope: Any) -> Any:
    """The same request as if this application was not mounted; to be called where `root_path` is not empty."""
    path, raw, steps = path_below(scope), scope.get("raw_path") or b"", root_of(scope).count("/")
    if len(path) < len(scope["path"]) and raw:
        # It may be percent-encoded in its own way, but its slashes are the same.
        _, *parts = raw.split(b"/", steps + 1)
        raw = b"/" + parts[steps] if len(parts) > steps else b""
    return {**scope, "path": path, "raw_path": raw, "root_path": ""}


def is_on_socket(scope: Any) -> bool:
    """Whether an HTTP server took the request from a socket. Test clients name no version of the ASGI specification."""
    return "spec_version" in (scope.get("asgi") or ())


def url_by(scope: Any, knows: Callable[[str, str], bool]) -> str | None:
    """The URL at which a request found this application; None where nothing tells it.

    The host is the one that the client named, if the server `knows` it for its own; else the server's address.
    """
    scheme, host = scope.get("scheme", "http"), _host(scope)
    if scheme not in PORTS:
        return None
    server, port = scope.get("server") or ("", None)
    if not host or not knows(host, server):
        if not server or server.startswith("/"):  # the path of a socket
            return None
        host = f"[{server}]" if ":" in server else server
        host += f":{port}" if port and port != PORTS[scheme] else ""
    return f"{scheme}://{host}{quote(root_of(scope))}"


def _host(scope: Any) -> str:
    hosts = [value.decode("latin-1").strip() for name, value in scope["headers"] if name.lower() == b"host"]
    return hosts[0] if len(hosts) == 1 and _HOST.fullmatch(hosts[0]) else ""
