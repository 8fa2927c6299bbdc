"""One request of HTTP/1.1 to an upstream, and its answer while it arrives. Bounded: a head, interim answers, silences.

Knows bytes and h11; keeps nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import h11

from mockserver.bounds import RECORDED_HEAD
from mockserver.header_types import HeaderList
from mockserver.recorder.channel import Channel
from mockserver.validation.codings import UNDERSTOOD

AsgiReceive = Callable[[], Awaitable[dict[str, Any]]]
SILENCE_SECONDS = 600.0
INTERIM = 20
"""So many interim answers (1xx) may go before the answer."""
HOPS = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"te", b"trailer", b"upgrade",
     b"expect", b"transfer-encoding")
)  # fmt: skip
CODINGS = frozenset((*UNDERSTOOD.encode().split(b", "), b"identity"))


class UpstreamFailed(Exception):
    """The upstream did not answer, or not to the end; the text says why."""


class ClientGone(Exception):
    """The client left."""


class UpstreamExchange:
    """A request on a connection of its own; `headers` are those of the client, or come as the answer does.

    `is_end_known` tells of the answer, once it ended, whether that was all: not where it ends with the connection, and
    TLS ended without saying so.
    """

    def __init__(self, channel: Channel, method: bytes, target: bytes, headers: HeaderList) -> None:
        self._channel = channel
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=RECORDED_HEAD)
        self._head = method, target, forwarded(headers)

    async def send(self, receive: AsgiReceive, on_body: Callable[[bytes], None]) -> None:
        """Send the request while it arrives from the client. Raises ClientGone once that has left; ends no sooner."""
        try:
            await self._write(self._request())
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                body: bytes = message.get("body", b"")
                on_body(body)
                await self._write(self._http.send(h11.Data(body)) if body else b"")
                if not message.get("more_body", False):
                    break
            await self._write(self._http.send(h11.EndOfMessage()))
        except OSError:  # an upstream may answer before it has read all: what it answered tells more
            pass
        except h11.LocalProtocolError as error:
            raise UpstreamFailed(f"the request cannot be sent on: {error}") from None
        while (await receive())["type"] != "http.disconnect":
            pass
        raise ClientGone

    def _request(self) -> bytes | None:
        method, target, headers = self._head
        return self._http.send(h11.Request(method=method, target=target, headers=headers))

    async def _write(self, data: bytes | None) -> None:
        if data:
            await self._channel.write(data)

    async def answer(self) -> AsyncIterator[h11.Response | h11.Data]:
        """The head, then the body in pieces. Raises UpstreamFailed."""
        interim = 0
        while True:
            event = await self._next()
            if isinstance(event, h11.Response | h11.Data):
                yield event
            elif isinstance(event, h11.InformationalResponse) and interim < INTERIM:
                interim += 1
            elif isinstance(event, h11.EndOfMessage):
                return
            else:
                raise UpstreamFailed("it answered with something else than one answer of HTTP/1.1")

    async def _next(self) -> Any:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                async with asyncio.timeout(SILENCE_SECONDS):
                    self._http.receive_data(await self._channel.read())
        except h11.RemoteProtocolError as error:
            raise UpstreamFailed(f"its answer is no whole answer of HTTP/1.1: {error}") from None
        except TimeoutError:
            raise UpstreamFailed(f"it was silent for {SILENCE_SECONDS:g} seconds") from None
        except OSError as error:
            raise UpstreamFailed(f"the connection broke: {error.strerror or error}") from None
        return event

    @property
    def is_end_known(self) -> bool:
        return not self._channel.is_cut

    def close(self) -> None:
        """Be done with it, at once."""
        self._channel.close()


def forwarded(headers: HeaderList) -> HeaderList:
    """A request's headers as they go to the upstream: without those of the connection, and without codings of bodies
    that cannot be read here."""
    is_chunked = any(name == b"transfer-encoding" for name, _ in headers)
    kept = [(name, _readable(value) if name == b"accept-encoding" else value) for name, value in end_to_end(headers)]
    return [*kept, *([(b"transfer-encoding", b"chunked")] if is_chunked else []), (b"connection", b"close")]


def end_to_end(headers: HeaderList) -> HeaderList:
    """Headers without those that are of one connection alone."""
    named = {part.strip().lower() for name, value in headers if name == b"connection" for part in value.split(b",")}
    return [(name, value) for name, value in headers if name not in HOPS and name not in named]


def _readable(accepted: bytes) -> bytes:
    words = [word.strip() for word in accepted.split(b",")]
    return b", ".join(word for word in words if word.partition(b";")[0].strip().lower() in CODINGS) or b"identity"
