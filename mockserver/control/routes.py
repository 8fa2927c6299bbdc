"""The control API as Starlette's routes, one for each path of its document.

Refusals in this order: method 405, Host and token 403 and 401, origin 403, media type 415, size 413, parameters and
body 400; what the path names is looked up afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.control.guard import Guard
from mockserver.control.operations import BODY_BYTES, Operations, largest, perform, too_large
from mockserver.control.problems import telling_what_is_away
from mockserver.control.request import ControlRequest
from mockserver.control.responses import response_to
from mockserver.mounting import root_of

DRAIN_BYTES = 128 << 20


def control_routes(operations: Operations, guard: Guard) -> list[Route]:
    """A route for each path, with all its methods: a refused method is told of all of them."""
    return [
        Route(path, _endpoint(operations, guard, {m: name for m, (name, _) in methods.items()}), methods=[*methods])
        for path, methods in operations.paths()
    ]


def _endpoint(operations: Operations, guard: Guard, names: Mapping[str, str]) -> Callable[[Request], Any]:
    """Answers for one path; `names` are its operations by method."""

    async def answer(request: Request) -> Response:
        name = names["GET" if request.method == "HEAD" else request.method]
        most = largest(name)
        body, fits = await read_body(request, most)
        operation = operations[name]
        if operation.guarded:
            guard.check(request.scope)
        if not fits:
            raise too_large(most)

        def validated() -> ControlRequest:
            query = operation.query(request.scope["query_string"])
            accept, root = ",".join(request.headers.getlist("accept")), root_of(request.scope)
            return ControlRequest(
                operations.sandboxes,
                request.path_params,
                query,
                operation.read(body),
                accept,
                root,
                operations.has_wire,
                request.headers.get("last-event-id"),
            )

        result = await perform(operation, validated)
        with telling_what_is_away():
            return await response_to(request.method, operation.status, result)

    return answer


async def read_body(request: Request, most: int = BODY_BYTES) -> tuple[bytes, bool]:
    """The whole body, or what fits of it and False: the rest is thrown away, or the client loses its answer.

    Raises ClientDisconnect, and RuntimeError for a body that was read already.
    """
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= most:
            parts.append(chunk)
        if size > DRAIN_BYTES:
            break
    return b"".join(parts), size <= most
