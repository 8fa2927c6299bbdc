"""httpx and httpx2, sync and async: patched at their default transports, so that a client made before is patched too.

Below the client, so redirects, cookies and `response.url` go by the URL the client asked for. A transport that goes
through a proxy is passed by: what is for this machine never belongs to a proxy.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any

from mockserver.intercept.routes import HostRefused, Routes, is_local
from mockserver.intercept.silence import NO_PAUSE, Pause, SilencePasser
from mockserver.virtual_time.patches import Patches

__tracebackhide__ = True


def patch(httpx: ModuleType, routes: Routes, silence: SilencePasser, patches: Patches) -> None:
    """Replace the two `handle_request` methods of httpx or httpx2."""
    _patch_sync(httpx, routes, silence, patches)
    _patch_async(httpx, routes, silence, patches)


def _patch_sync(httpx: Any, routes: Routes, silence: SilencePasser, patches: Patches) -> None:
    real = httpx.HTTPTransport.handle_request

    def handle_request(self: Any, request: Any) -> Any:
        sent = _rewrite(httpx, routes, request)
        pause = _pause(httpx, silence, sent)
        if silence.ends_in_timeout(pause):
            raise httpx.ReadTimeout("timed out", request=request)
        transport = _direct(httpx, self, httpx.HTTPTransport) if sent is not request else self
        response = real(transport, sent)
        if silence.ends_in_timeout(pause, done=True):
            response.close()
            raise httpx.ReadTimeout("timed out", request=request)
        return response

    patches.attribute(httpx.HTTPTransport, "handle_request", handle_request)


def _patch_async(httpx: Any, routes: Routes, silence: SilencePasser, patches: Patches) -> None:
    real = httpx.AsyncHTTPTransport.handle_async_request
    body = _body_class(httpx, silence)

    async def handle_async_request(self: Any, request: Any) -> Any:
        sent = _rewrite(httpx, routes, request)
        pause = _pause(httpx, silence, sent)
        if await silence.aends_in_timeout(pause):
            raise httpx.ReadTimeout("timed out", request=request)
        transport = _direct(httpx, self, httpx.AsyncHTTPTransport) if sent is not request else self
        with silence.call():
            response = await real(transport, sent)
        if await silence.aends_in_timeout(pause, done=True):
            await response.aclose()
            raise httpx.ReadTimeout("timed out", request=request)
        response.stream = body(response.stream)
        return response

    patches.attribute(httpx.AsyncHTTPTransport, "handle_async_request", handle_async_request)


def _body_class(httpx: Any, silence: SilencePasser) -> Any:
    class Body(httpx.AsyncByteStream):  # type: ignore[misc]
        """An answer's body; to wait for its next bytes is part of the call, to hold it open is not."""

        def __init__(self, stream: Any) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            chunks = aiter(self._stream)
            while True:
                with silence.call():
                    chunk = await anext(chunks, None)
                if chunk is None:
                    return
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    return Body


def _rewrite(httpx: Any, routes: Routes, request: Any) -> Any:
    """The request to send: itself, or a copy for the sandbox that shares its body."""
    try:
        target = routes.find(request.url.host)
    except HostRefused as error:
        raise httpx.ConnectError(str(error), request=request) from None
    if target is None:
        return request
    url = httpx.URL(target.origin).copy_with(raw_path=target.prefix.encode() + request.url.raw_path)
    headers = httpx.Headers(request.headers)
    headers["host"] = target.netloc
    return httpx.Request(
        request.method, url, headers=headers, stream=request.stream, extensions=dict(request.extensions)
    )


def _pause(httpx: Any, silence: SilencePasser, request: Any) -> Pause:
    if not is_local(request.url.host):
        return NO_PAUSE
    timeout = request.extensions.get("timeout", {}).get("read")
    return silence.foretell(httpx.__name__, request.method, str(request.url), timeout)


def _direct(httpx: Any, transport: Any, kind: Any) -> Any:
    if "Proxy" not in type(getattr(transport, "_pool", None)).__name__:
        return transport
    # It keeps no connection alive, so nobody has to close it.
    return kind(verify=False, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
