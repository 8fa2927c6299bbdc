"""The application that clients take for the upstream: sends each request on, hands the answer back while it arrives,
and records both. What an upstream does ends its own exchange alone.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import h11

from mockserver.errors import let_go
from mockserver.loopback import plain_host
from mockserver.mounting import wire_of
from mockserver.printable import one_line
from mockserver.recorder.copies import BodyCopy, Room
from mockserver.recorder.exchange import AsgiReceive, ClientGone, UpstreamExchange, UpstreamFailed, end_to_end
from mockserver.recorder.tape import Recorded, Tape
from mockserver.recorder.upstream import Upstream
from mockserver.statuses import LENGTHLESS

AsgiSend = Callable[[dict[str, Any]], Awaitable[None]]
NO_TLS = ("WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")
"""What OpenSSL calls an answer that is no TLS."""
UNFINISHED = "the client left, or the recording ended, before the answer did"


class Forwarder:
    """An application of ASGI; `now` says what time it is."""

    def __init__(
        self, upstreams: Mapping[str, Upstream], trust: ssl.SSLContext, tape: Tape, now: Callable[[], float]
    ) -> None:
        self._upstreams = upstreams
        self._trust = trust
        self._tape = tape
        self._now = now
        self._room = Room()

    async def __call__(self, scope: Any, receive: AsgiReceive, send: AsgiSend) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        headers = scope["headers"]
        upstream = self._upstreams.get(_host_of(headers))
        if upstream is None:
            await _tell(send, 404, "This is the recorder of mockserver, and no host that it records.")
            return
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        recorded = Recorded(
            self._now(), scope["method"], upstream.origin, target, tuple(headers), BodyCopy.of(headers, self._room)
        )
        recorded.number = self._tape.begin(recorded.request_headers, target)
        await self._record(upstream, recorded, (scope, receive, send))

    async def _record(self, upstream: Upstream, recorded: Recorded, client: tuple[Any, AsgiReceive, AsgiSend]) -> None:
        scope, receive, send = client
        recorded.error = UNFINISHED
        try:
            await self._carry(upstream, recorded, receive, send)
            recorded.error = ""
        except ClientGone:
            pass
        except UpstreamFailed as failed:
            recorded.error = f"{upstream.origin}: {one_line(str(failed))[:500]}"
            let_go(failed)
            await self._fail(scope, send, recorded)
        finally:
            recorded.seconds = max(self._now() - recorded.at, 0.0)
            for copy in (recorded.request, recorded.answer):
                copy.close()
            self._tape.add(recorded)

    async def _carry(self, upstream: Upstream, recorded: Recorded, receive: AsgiReceive, send: AsgiSend) -> None:
        """The exchange, for as long as both sides stay. Raises UpstreamFailed and ClientGone."""
        exchange = await self._begun(upstream, recorded)
        sending = asyncio.ensure_future(exchange.send(receive, recorded.request.feed))
        answering = asyncio.ensure_future(self._answer(exchange, recorded, send))
        try:
            await asyncio.wait((sending, answering), return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                sending.result()
            await answering
        finally:
            for task in (sending, answering):
                task.cancel()
            await asyncio.gather(sending, answering, return_exceptions=True)
            exchange.close()

    async def _begun(self, upstream: Upstream, recorded: Recorded) -> UpstreamExchange:
        try:
            channel = await upstream.connect(self._trust)
        except TimeoutError:
            raise UpstreamFailed("it could not be connected with in time") from None
        except (OSError, ValueError) as error:
            raise UpstreamFailed(f"it cannot be connected with: {error}{_remedy(upstream, error)}") from None
        return UpstreamExchange(channel, recorded.method.encode(), recorded.target, [*recorded.request_headers])

    async def _answer(self, exchange: UpstreamExchange, recorded: Recorded, send: AsgiSend) -> None:
        async for event in exchange.answer():
            if isinstance(event, h11.Response):
                if event.status_code > 599:
                    raise UpstreamFailed(f"it answered with the status {event.status_code}")
                recorded.status = event.status_code
                recorded.answer_headers = tuple((bytes(name), bytes(value)) for name, value in event.headers)
                recorded.answer = BodyCopy.of(recorded.answer_headers, self._room)
                await send(_start(recorded))
            else:
                data = bytes(event.data)
                recorded.answer.feed(data)
                await send({"type": "http.response.body", "body": data, "more_body": True})
        recorded.answer.is_end_known = exchange.is_end_known
        await send({"type": "http.response.body"})

    async def _fail(self, scope: Any, send: AsgiSend, recorded: Recorded) -> None:
        """Tell the client, or break its answer off as the upstream did."""
        if not recorded.status:
            await _tell(send, 502, f"mockserver record could not reach the upstream: {recorded.error}")
        elif (wire := wire_of(scope)) is not None:
            await wire.settle()
            wire.cut()


def _remedy(upstream: Upstream, error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "; --upstream-ca FILE names whom to trust besides"
    speaks_otherwise = isinstance(error, ssl.SSLError) and error.reason in NO_TLS
    return f"; if it speaks no TLS there: --upstream http://{upstream.host}" if speaks_otherwise else ""


def _host_of(headers: list[tuple[bytes, bytes]]) -> str:
    named = next((value.decode("latin-1") for name, value in headers if name == b"host"), "")
    host, colon, port = named.rpartition(":")
    return plain_host(host if colon and port.isdigit() else named)


def _start(recorded: Recorded) -> dict[str, Any]:
    headers = end_to_end([*recorded.answer_headers])
    if recorded.status in LENGTHLESS:
        headers = [pair for pair in headers if pair[0] != b"content-length"]
    return {"type": "http.response.start", "status": recorded.status, "headers": headers}


async def _tell(send: AsgiSend, status: int, why: str) -> None:
    body = why.encode() + b"\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
