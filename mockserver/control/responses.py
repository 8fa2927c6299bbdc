"""The control API's answers as Starlette's responses: JSON, long lists in pieces, and problem documents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response, StreamingResponse

from mockserver.control.problems import MEDIA_TYPE, Problem
from mockserver.control.request import JsonList
from mockserver.printable import printable_json

JSON = "application/json"
FIXED = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


async def response_to(method: str, status: int, value: Any) -> Response:
    """What a handler gave, as a response; see `Handler`."""
    if value is None:
        return Response(None, status, FIXED)
    if isinstance(value, JsonList):
        return await _list_response(method, status, value)
    return Response(value if isinstance(value, bytes) else printable_json(value), status, FIXED, JSON)


async def _list_response(method: str, status: int, value: JsonList) -> Response:
    """Whole and with its length where it is short; else in pieces, as long as there is somebody to read them."""
    headers = {**FIXED, "vary": "accept"} if value.varies else FIXED
    pieces = value.pieces()
    first, second = await anext(pieces), await anext(pieces, None)
    if second is not None and method != "HEAD":
        return StreamingResponse(_joined(first, second, pieces), status, headers, value.media_type)
    response = Response(first, status, headers, value.media_type)
    if second is not None:
        del response.headers["content-length"]  # how long it would be is known when all of it was made
    return response


async def _joined(first: bytes, second: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    yield second
    async for piece in rest:
        yield piece


def problem_response(problem: Problem) -> Response:
    """A refusal as a problem document."""
    headers = {**FIXED, **{name.decode(): value.decode() for name, value in problem.headers}}
    return Response(printable_json(problem.document()), problem.status, headers, MEDIA_TYPE)
