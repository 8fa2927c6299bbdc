"""urllib3, and requests on top of it: patched at the connection pool, below redirects, cookies and retries.

A pool for a routed host gets a twin: a plain pool to the sandbox with the same time-outs, retries and headers.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any
from urllib.parse import urljoin, urlsplit
from weakref import WeakKeyDictionary

from mockserver.intercept.routes import HostRefused, Routes, RouteTarget, is_local
from mockserver.intercept.silence import NO_PAUSE, SilencePasser
from mockserver.virtual_time.patches import Patches

__tracebackhide__ = True


class Twins:
    """The pools to sandboxes, one for each pool of a client."""

    def __init__(self, urllib3: Any) -> None:
        self._class = _twin_class(urllib3.HTTPConnectionPool, urllib3.HTTPHeaderDict)
        self._twins: WeakKeyDictionary[Any, dict[RouteTarget, Any]] = WeakKeyDictionary()

    def of(self, pool: Any, target: RouteTarget) -> Any:
        """The twin of `pool` at a sandbox."""
        twins = self._twins.setdefault(pool, {})
        if target not in twins:
            twins[target] = self._class(pool, target)
        return twins[target]

    def close(self) -> None:
        """Close all connections to sandboxes."""
        for twins in list(self._twins.values()):
            for twin in twins.values():
                twin.close()


def _twin_class(pool_class: Any, header_class: Any) -> Any:
    class Twin(pool_class):  # type: ignore[misc]
        """A pool to a sandbox that takes the vendor's paths."""

        def __init__(self, pool: Any, target: RouteTarget) -> None:
            super().__init__(
                target.host, target.port, timeout=pool.timeout, retries=pool.retries, headers=pool.headers, maxsize=8
            )
            self._prefix = target.prefix
            self._netloc = target.netloc
            self._is_same_host = pool.is_same_host

        def is_same_host(self, url: str) -> bool:
            return bool(self._is_same_host(url))

        def urlopen(
            self, method: str, url: str, body: Any = None, headers: Any = None, *args: Any, **named: Any
        ) -> Any:
            # Called again with a prefixed path by a retry, with a plain one by a redirect.
            path = _path(url)
            if not path.startswith(self._prefix + "/"):
                path = self._prefix + path
            sent = header_class(headers or self.headers)
            sent.discard("host")
            return super().urlopen(method, path, body, sent, *args, **named)

    return Twin


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def patch(urllib3: ModuleType, routes: Routes, silence: SilencePasser, patches: Patches) -> Twins:
    """Replace `urlopen` and `_make_request` of urllib3's pools; returns the twins, to be closed at the end."""
    pool_class: Any = urllib3.HTTPConnectionPool
    twins = Twins(urllib3)
    _patch_urlopen(urllib3, pool_class, routes, twins, patches)
    _patch_request(urllib3, pool_class, silence, patches)
    return twins


def _patch_urlopen(urllib3: Any, pool_class: Any, routes: Routes, twins: Twins, patches: Patches) -> None:
    real = pool_class.urlopen

    def urlopen(self: Any, method: str, url: str, *args: Any, **named: Any) -> Any:
        asked = urljoin(f"{self.scheme}://{_authority(self)}/", url)
        try:
            target = routes.find(urlsplit(asked).hostname or self.host)
        except HostRefused as refused:
            raise _connect_error(urllib3, self, url, str(refused), named.get("retries")) from None
        if target is None:
            return real(self, method, url, *args, **named)
        response = twins.of(self, target).urlopen(method, url, *args, **named)
        response.url = asked
        return response

    patches.attribute(pool_class, "urlopen", urlopen)


def _authority(pool: Any) -> str:
    host = f"[{pool.host}]" if ":" in pool.host else pool.host
    usual = {"http": 80, "https": 443}.get(pool.scheme)
    return host if pool.port in (None, usual) else f"{host}:{pool.port}"


def _connect_error(urllib3: Any, pool: Any, url: str, why: str, retries: object) -> Exception:
    connection = pool.ConnectionCls(pool.host, pool.port)
    error: Exception = urllib3.exceptions.NewConnectionError(connection, why)
    if retries is False:
        return error
    failure: Exception = urllib3.exceptions.MaxRetryError(pool, url, error)
    return failure


def _patch_request(urllib3: Any, pool_class: Any, silence: SilencePasser, patches: Patches) -> None:
    # Private, but the only place that every attempt goes through with its connection and its time-out at hand, and
    # where the error is met by the client's own retries.
    real = pool_class._make_request

    def _make_request(self: Any, conn: Any, method: str, url: str, *args: Any, **named: Any) -> Any:
        timeout = _read_timeout(urllib3, named["timeout"])
        asked = urljoin(f"{self.scheme}://{_authority(self)}/", url)
        host = urlsplit(asked).hostname or self.host
        late = urllib3.exceptions.ReadTimeoutError(self, url, f"Read timed out. (read timeout={timeout})")
        pause = silence.foretell("urllib3", method, asked, timeout) if is_local(host) else NO_PAUSE
        if silence.ends_in_timeout(pause):
            raise late
        with silence.call():
            response = real(self, conn, method, url, *args, **named)
        if silence.ends_in_timeout(pause, done=True):
            response.close()
            raise late
        return response

    patches.attribute(pool_class, "_make_request", _make_request)


def _read_timeout(urllib3: Any, timeout: Any) -> float | None:
    """The shorter of reading and total, as given: a clone has not begun to run."""
    try:
        read = timeout.clone().read_timeout
    except urllib3.exceptions.TimeoutStateError:  # there is only a total
        read = None
    return min((limit for limit in (read, timeout.total) if isinstance(limit, (int, float))), default=None)
