"""What is neither vendors' traffic nor the control API: documents, pages, refusals, in one Starlette application."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from mockserver.app.controlled import dated, guard_of
from mockserver.control import MEDIA_TYPE, Problem
from mockserver.control.endpoint import ClientLeft, read_body
from mockserver.pages import page_routes
from mockserver.printable import printable_json

if TYPE_CHECKING:
    from mockserver.app.application import Mockserver


def rest(server: Mockserver) -> Any:
    """The ASGI application behind all others."""
    routes = page_routes(server.sandboxes, guard_of(server))
    application = Starlette(routes=routes, exception_handlers={HTTPException: _refuse, Problem: _refuse})
    application.router.redirect_slashes = False
    known = ", ".join([*(f"/{name}" for name in server.apis), "/@SANDBOX", "/_mock", "/_media"])
    application.state.known = known
    return dated(application, server.sandboxes)


async def _refuse(request: Request, error: Exception) -> Response:
    """A refusal as a problem document, once the body was read: the client loses the answer otherwise."""
    with suppress(ClientLeft):
        await read_body(request.receive)
    problem = error if isinstance(error, Problem) else _problem(request, error)
    headers = {name.decode(): value.decode() for name, value in problem.headers}
    return Response(printable_json(problem.document()), problem.status, headers, MEDIA_TYPE)


def _problem(request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException), "handlers are entered for these two"
    path = request.url.path[:200]
    if error.status_code == 405:
        return Problem(405, f"{path} can be read only", headers=((b"allow", b"GET, HEAD"),))
    if path.startswith("/_mock"):
        return Problem(404, f"there is no {path}; /_mock/openapi.json lists what the control API has")
    return Problem(404, f"there is no {path}; known: /, {request.app.state.known}")
