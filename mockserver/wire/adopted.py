"""Connections that somebody else accepted, in whose clients' eyes this server is another host. Knows no such host.

There a WebSocket is refused in a sentence: a client that asks a vendor for one, and is answered as if it had not, would
look for the mistake elsewhere.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from mockserver.wire.refusal import Refusal

NO_WEBSOCKET = Refusal(
    400, "The request asks for a WebSocket, which is not spoken here: this host is mocked, over HTTP/1.1 alone.", True
)
NO_HTTP_2 = Refusal(
    400, "The client begins HTTP/2 without having asked, which is not spoken here: this host is mocked, over HTTP/1.1 "
    "alone.", True,
)  # fmt: skip
_WEBSOCKET = re.compile(rb"\r\nupgrade:[^\r\n]*\bwebsocket\b", re.IGNORECASE).search
_PREFACE = b"PRI * HTTP/2"


@cache
def adopted_class(base: Callable[..., asyncio.Protocol]) -> Callable[..., asyncio.Protocol]:
    """The class of a server's connections as one for those that were accepted elsewhere."""

    class Adopted(base):  # type: ignore[misc, valid-type]
        """Begins with what was read of the connection already."""

        def __init__(self, first: bytes, **shared: Any) -> None:
            super().__init__(**shared)
            self._first = first

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.wire.is_adopted = True
            self._at_once = None  # what is answered at once knows no connection, and so not where links lead
            first, self._first = self._first, b""
            if first:
                self.data_received(first)

        def _wait_for_head(self, since: int) -> None:
            if self._part.startswith(_PREFACE):
                self.refuse(NO_HTTP_2)
            else:
                super()._wait_for_head(since)

        def _judged(self, head: bytes) -> Any:
            if head.startswith(_PREFACE):
                return NO_HTTP_2
            return NO_WEBSOCKET if _WEBSOCKET(head) else super()._judged(head)

    return Adopted
