"""An ASGI application that passes every request on to a live server: all traffic of a run goes this one way."""

from __future__ import annotations

from http.client import HTTPException
from typing import Any

from mockserver.app.routes import RouteTable
from mockserver.contract import Operation
from mockserver.live import Live, LiveReply, OutOfTime, Spent

WITHHELD = "x-mockserver-withheld"  # a request that was not passed on; no failure of its counts
_HOP = {"content-length", "transfer-encoding", "connection", "keep-alive", "content-encoding"}


class Bridge:
    """Passes requests on; `withheld` counts those it did not, because they would have cost too much."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._routes = RouteTable(live.contract.operations.values())
        self.withheld = 0
        self.is_out_of_time = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        reply = self._passed(scope, await _body(receive))
        headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in reply.headers.items() if n not in _HOP]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    def _passed(self, scope: Any, body: bytes) -> LiveReply:
        raw = scope.get("raw_path") or scope["path"].encode()
        path = raw.partition(b"?")[0].decode("latin-1") + ("?" + scope["query_string"].decode("latin-1")).rstrip("?")
        headers = [
            (name.decode("latin-1"), value.decode("utf-8", "surrogateescape")) for name, value in scope["headers"]
        ]
        try:
            return self._live.ask(self._operation(scope), scope["method"], path, headers, body)
        except Spent as why:
            self.withheld += not isinstance(why, OutOfTime)
            self.is_out_of_time |= isinstance(why, OutOfTime)
            return LiveReply(503, {WITHHELD: "1"}, b"")
        except (HTTPException, OSError, ValueError) as error:
            # A request that no HTTP client can write, or an answer that none can read.
            return LiveReply(502, {"content-type": "text/plain"}, f"{type(error).__name__}: {error}".encode())

    def _operation(self, scope: Any) -> Operation | None:
        match = self._routes.match(scope["path"])
        return None if match is None else match[0].methods.get(scope["method"])


async def _body(receive: Any) -> bytes:
    found = bytearray()
    while True:
        message = await receive()
        found += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(found)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
