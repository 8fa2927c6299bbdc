"""aiohttp: patched where a request gets its connection, below redirects, cookies and middlewares.

There the request's `url` is where it connects to, and its `original_url` what the client asked for, which is what
responses, cookies and redirects go by.
"""

from __future__ import annotations

import errno
from types import ModuleType
from typing import Any

from mockserver.intercept.routes import HostRefused, Routes, RouteTarget, is_local
from mockserver.intercept.silence import NO_PAUSE, SilencePasser
from mockserver.virtual_time.patches import Patches

__tracebackhide__ = True

_TIMEOUT = "_mockserver_timeout"
_PAUSE = "_mockserver_pause"


def patch(aiohttp: ModuleType, routes: Routes, silence: SilencePasser, patches: Patches) -> None:
    """Replace `connect` of connectors, `send` of requests, `start` and `read` of responses."""
    _patch_connect(aiohttp, routes, silence, patches)
    _patch_send(aiohttp, silence, patches)
    patches.attribute(aiohttp.ClientResponse, "start", _held(aiohttp.ClientResponse.start, silence))
    patches.attribute(aiohttp.ClientResponse, "read", _as_call(aiohttp.ClientResponse.read, silence))


def _patch_connect(aiohttp: Any, routes: Routes, silence: SilencePasser, patches: Patches) -> None:
    real = aiohttp.BaseConnector.connect

    async def connect(self: Any, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109
        if isinstance(self, aiohttp.TCPConnector):
            _rewrite(aiohttp, routes, req)
            # `send`, where the time-out is to be raised, does not know it.
            setattr(req, _TIMEOUT, timeout)
        with silence.call():
            return await real(self, req, traces, timeout)

    patches.attribute(aiohttp.BaseConnector, "connect", connect)


def _rewrite(aiohttp: Any, routes: Routes, req: Any) -> None:
    try:
        target = routes.find(req.url.raw_host or "")
    except HostRefused as refused:
        why = ConnectionRefusedError(errno.ECONNREFUSED, str(refused))
        raise aiohttp.ClientConnectorError(req.connection_key, why) from None
    if target is not None:
        _send_to(req, target)


def _send_to(req: Any, target: RouteTarget) -> None:
    url = type(req.url)
    req.url = url(f"{target.origin}{target.prefix}{req.url.raw_path_qs}", encoded=True)
    req.headers["Host"] = target.netloc
    req.proxy = None
    req.server_hostname = None


def _patch_send(aiohttp: Any, silence: SilencePasser, patches: Patches) -> None:
    real = aiohttp.ClientRequest.send

    async def send(self: Any, conn: Any) -> Any:
        timeout = getattr(self, _TIMEOUT, None)
        if timeout is None or not is_local(self.url.raw_host or ""):
            return await real(self, conn)
        seconds, error = _patience(aiohttp, timeout)
        pause = silence.foretell("aiohttp", self.method, str(self.url), seconds)
        if await silence.aends_in_timeout(pause):
            raise error
        response = await real(self, conn)
        setattr(response, _PAUSE, (pause, error))
        return response

    patches.attribute(aiohttp.ClientRequest, "send", send)


def _patience(aiohttp: Any, timeout: Any) -> tuple[float | None, Exception]:
    """Whichever ends first: waiting for the socket, or the whole request; 0 means none, as in aiohttp."""
    read, total = timeout.sock_read or None, timeout.total or None
    if read is not None and (total is None or read <= total):
        return read, aiohttp.SocketTimeoutError("Timeout on reading data from socket")
    return total, TimeoutError()


def _held(real: Any, silence: SilencePasser) -> Any:
    waits = _as_call(real, silence)

    async def start(self: Any, *args: Any) -> Any:
        started = await waits(self, *args)
        pause, error = getattr(self, _PAUSE, (NO_PAUSE, TimeoutError()))
        if await silence.aends_in_timeout(pause, done=True):
            raise error
        return started

    return start


def _as_call(real: Any, silence: SilencePasser) -> Any:
    async def wait(self: Any, *args: Any) -> Any:
        with silence.call():
            return await real(self, *args)

    return wait
