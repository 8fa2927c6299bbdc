"""The server as a Starlette application: one route for the APIs and their media, then the control API and the pages.

It stands alone, is mounted into others, and runs under any ASGI server on asyncio. Requests to the APIs go past
Starlette's router, unless the application was given middleware. Slow to import: the pytest plugin starts without it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.datastructures import URLPath
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound

from mockserver.app.settings import Settings
from mockserver.clock import date_header, wall
from mockserver.control import Guard, Operations, Problem
from mockserver.control.responses import problem_response
from mockserver.control.routes import control_routes, read_body
from mockserver.errors import UsageError, let_go
from mockserver.mounting import answering_at, is_on_socket, path_below, url_by
from mockserver.pages import page_routes
from mockserver.sandboxes import Sandboxes

LOGGER = logging.getLogger("mockserver")
NO_WIRE = (
    "mockserver runs behind another HTTP server than its own: faults that break connections cannot be armed, all "
    "others can. For those use `mockserver serve`, `mockserver.start` or the pytest fixtures."
)
NO_ASYNCIO = "mockserver needs the event loop of asyncio; run it with the server's default loop, not with trio"


class SiteServer(Protocol):
    """What stands behind the application: it answers for the APIs, and hands the rest to `Application.rest`."""

    sandboxes: Sandboxes

    @property
    def apis(self) -> Mapping[str, Any]: ...
    @property
    def operations(self) -> Operations: ...
    @property
    def guard(self) -> Guard: ...
    @property
    def settings(self) -> Settings: ...

    def owns(self, scope: Any) -> bool: ...
    def base_for(self, url: str | None) -> str: ...
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class Application(Starlette):
    """What `create` gives."""

    def __init__(self, server: SiteServer) -> None:
        routes = [
            ApiRoute(server),
            *control_routes(server.operations, server.guard),
            *page_routes(server.operations, server.guard, server.settings.page),
        ]
        handlers: Any = {HTTPException: _refuse, Problem: _refuse, ClientDisconnect: _left}
        super().__init__(routes=routes, exception_handlers=handlers, lifespan=_lifespan)
        self.router.redirect_slashes = False
        self.server = server
        self._loop: asyncio.AbstractEventLoop | None = None
        self._was_told = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        self.begin()
        if is_on_socket(scope):
            send = _without_real_dates(send)
        with answering_at(self.server.base_for(url_by(scope, self.server.guard.knows))):
            await (self.rest if self.user_middleware else self.server)(scope, receive, send)

    async def rest(self, scope: Any, receive: Any, send: Any) -> None:
        """Starlette's way: middleware, routes, exception handlers. Answers carry the time of the default clock."""

        async def dated(message: Any) -> None:
            if message["type"] == "http.response.start" and not _is_dated(message["headers"]):
                now = self.server.sandboxes.default.clock.now()
                message = {**message, "headers": [*message["headers"], date_header(int(now))]}
            await send(message)

        await super().__call__(scope, receive, dated)

    def begin(self) -> None:
        """See to it that webhooks go out in the loop that runs: each of TestClient's requests may have its own."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise UsageError(NO_ASYNCIO) from None
        if loop is not self._loop:
            self._loop = loop
            for sandbox in self.server.sandboxes.open():
                sandbox.outbox.adopt()
        if not self._was_told:
            self._was_told = True
            LOGGER.warning(NO_WIRE)


@asynccontextmanager
async def _lifespan(application: Application) -> AsyncIterator[None]:
    """Deliveries end with it, and uploaded files go; a later start goes on with the sandboxes there are."""
    application.begin()
    try:
        yield
    finally:
        application.server.sandboxes.end()
        await application.server.sandboxes.index.leave()


class ApiRoute(BaseRoute):
    """Requests to an API by prefix, by `/@SANDBOX` and prefix or by Host, and those for media, by our own table."""

    def __init__(self, server: SiteServer) -> None:
        self._server = server

    def matches(self, scope: Any) -> tuple[Match, Any]:
        """Whether it answers a request."""
        is_ours = scope["type"] == "http" and self._server.owns(scope)
        return (Match.FULL, {"endpoint": self._server}) if is_ours else (Match.NONE, {})

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer it."""
        await self._server(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path of an API, and below it the vendor's own `path`."""
        if name not in self._server.apis or not path_params.keys() <= {"path"}:
            raise NoMatchFound(name, path_params)
        return URLPath(f"/{name}/{path_params.get('path', '').lstrip('/')}".rstrip("/"), protocol="http")


def _without_real_dates(send: Any) -> Any:
    """Servers on sockets date answers themselves, and most do so beside a Date that is there. Other times are ours."""

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            now = int(wall())
            real = date_header(now), date_header(now - 1)
            message = {**message, "headers": [line for line in message["headers"] if (*line,) not in real]}
        await send(message)

    return sending


def _is_dated(headers: Any) -> bool:
    return any(name.lower() == b"date" for name, _ in headers)


async def _refuse(request: Request, error: Exception) -> Response:
    """A refusal as a problem document, once the body was read: the client loses the answer otherwise."""
    with suppress(ClientDisconnect, RuntimeError):  # RuntimeError: the endpoint has read it
        await read_body(request)
    let_go(error)
    return problem_response(error if isinstance(error, Problem) else _problem(request, error))


async def _left(request: Request, error: Exception) -> None:
    """Nobody is there to be answered."""


def _problem(request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException), "the handler is entered for these two"
    path = path_below(request.scope)[:200]
    if error.status_code == 405:
        method = "GET" if request.method == "HEAD" else request.method  # whose answer must be of one length
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        return Problem(405, f"{method[:20]} is not allowed here", headers=((b"allow", allowed.encode()),))
    if path.startswith("/_mock"):
        return Problem(404, f"there is no {path}; /_mock/openapi.json lists what the control API has")
    places = ", ".join([*(f"/{name}" for name in request.app.server.apis), "/@SANDBOX", "/_mock", "/_media"])
    return Problem(404, f"there is no {path}; known: /, {places}")
