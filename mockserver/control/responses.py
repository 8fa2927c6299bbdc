"""The control API's answers as Starlette's responses: JSON, long lists in pieces, and problem documents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from mockserver.control.problems import MEDIA_TYPE, Problem
from mockserver.control.request import JsonList, TextBody
from mockserver.control.watching import EventStream
from mockserver.errors import Overtaken, StateError
from mockserver.mounting import wire_of
from mockserver.printable import printable_json

JSON = "application/json"
FIXED = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


async def response_to(method: str, status: int, value: Any) -> Response:
    """What a handler gave, as a response; see `Handler`."""
    if isinstance(value, EventStream):
        return _event_response(method, status, value)
    if value is None:
        return Response(None, status, FIXED)
    if isinstance(value, JsonList):
        return await _list_response(method, status, value)
    if isinstance(value, TextBody):
        return Response(value.data, status, {**FIXED, "content-type": value.media_type})
    return Response(value if isinstance(value, bytes) else printable_json(value), status, FIXED, JSON)


async def _list_response(method: str, status: int, value: JsonList) -> Response:
    """Whole and with its length where it is short; else in pieces, as long as there is somebody to read them."""
    headers = {**FIXED, "vary": "accept"} if value.varies else FIXED
    pieces = value.pieces()
    first, second = await anext(pieces), await anext(pieces, None)
    if second is not None and method != "HEAD":
        return ListResponse(_joined(first, second, pieces), status, headers, value.media_type)
    response = Response(first, status, headers, value.media_type)
    if second is not None:
        del response.headers["content-length"]  # how long it would be is known when all of it was made
    return response


def _event_response(method: str, status: int, stream: EventStream) -> Response:
    headers = {**FIXED, "x-accel-buffering": "no"}  # for proxies that would hold events back
    if method != "HEAD":
        return EventResponse(stream, status, headers)
    stream.close()
    response = Response(None, status, headers, stream.media_type)
    del response.headers["content-length"]
    return response


class ListResponse(StreamingResponse):
    """A long list, piece by piece. Where what it is read from is away before its end, its connection ends with it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except (Overtaken, StateError):
            if (wire := wire_of(scope)) is None:
                raise
            wire.cut()


class EventResponse(StreamingResponse):
    """A stream of events, until it ends or its client leaves."""

    def __init__(self, stream: EventStream, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(stream.pieces(), status, headers, stream.media_type)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self.stream_response(send))
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            self._stream.close()
            sending.cancel()
            leaving.cancel()


async def _joined(first: bytes, second: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    yield second
    async for piece in pieces:
        yield piece


def problem_response(problem: Problem) -> Response:
    """A refusal as a problem document."""
    headers = {**FIXED, **{name.decode(): value.decode() for name, value in problem.headers}}
    return Response(printable_json(problem.document()), problem.status, headers, MEDIA_TYPE)
