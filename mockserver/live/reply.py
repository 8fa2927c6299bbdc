"""What a server elsewhere answers. It may never end, be slow without end, or nest without end."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver import pointers
from mockserver.clock import monotonic
from mockserver.errors import RequestError
from mockserver.validation import parse_json

MOST = 256 << 20
"""Bytes of a body."""
SECONDS = 120.0
"""How long a body may take to arrive."""
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class LiveReply:
    """An answer; `headers` have lower-case names, of repeated ones the values are joined by commas."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """Without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def json(self) -> Any:
        """The body as JSON; MISSING when it is none."""
        try:
            return parse_json(self.body)
        except RequestError:
            return pointers.MISSING


def read_reply(response: http.client.HTTPResponse, most: int = MOST, seconds: float = SECONDS) -> LiveReply:
    """The whole answer. Raises HTTPException when its body is too long, or takes too long."""
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return LiveReply(response.status, headers, _body(response, most, monotonic() + seconds))


def _body(response: http.client.HTTPResponse, most: int, until: float) -> bytes:
    parts, size = [], 0
    while piece := response.read1(PIECE):
        parts.append(piece)
        size += len(piece)
        if size > most:
            raise http.client.HTTPException(f"the answer goes on after {most} bytes")
        if monotonic() > until:
            raise http.client.HTTPException(f"the answer takes too long: {size} bytes of it arrived in time")
    missing = response.length
    response.close()  # the connection is free for another request
    if missing:  # `read1` does not tell that a body broke off
        raise http.client.IncompleteRead(b"".join(parts), missing)
    return b"".join(parts)
