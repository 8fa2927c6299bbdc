"""Faults that end or silence the connection: by RST, by FIN, or by nothing at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, final

from mockserver.faults.base import Delivering, FaultConnection, Receiving, SendReply, Silencing, WireFault
from mockserver.faults.pace import CLOSE, linger
from mockserver.faults.parameters import Between, Share
from mockserver.faults.reply import Reply
from mockserver.faults.streaming import pour


@final
@dataclass(frozen=True, slots=True)
class ResetBeforeHeaders(WireFault, Silencing):
    """Resets the connection (RST) instead of doing anything."""

    name: ClassVar[str] = "reset_before_headers"

    async def silence(self, connection: FaultConnection) -> None:
        connection.reset()


@final
@dataclass(frozen=True, slots=True)
class CloseBeforeHeaders(WireFault, Silencing):
    """Closes the connection (FIN) instead of doing anything."""

    name: ClassVar[str] = "close_before_headers"

    async def silence(self, connection: FaultConnection) -> None:
        connection.close()


@final
@dataclass(frozen=True, slots=True)
class CloseKeepAlive(WireFault, Silencing):
    """Closes a kept-alive connection as its nth request arrives (counted from when faults were armed)."""

    name: ClassVar[str] = "close_keep_alive"
    loses_answer: ClassVar[bool] = False
    hides_headers: ClassVar[bool] = False
    request: Annotated[int, Between(2, 1_000_000)] = 2

    def meets(self, n: int) -> bool:
        return n == self.request

    async def silence(self, connection: FaultConnection) -> None:
        connection.close()


@final
@dataclass(frozen=True, slots=True)
class HalfOpen(WireFault, Silencing):
    """Leaves the connection as a dead peer does: nothing is read, nothing said; reset after `seconds`."""

    name: ClassVar[str] = "half_open"
    in_schedules: ClassVar[bool] = False
    seconds: Annotated[float, Between(0.001, 3600)] = 30.0

    async def silence(self, connection: FaultConnection) -> None:
        connection.take()
        connection.pause()
        await linger(connection, self.seconds)
        connection.reset()


@final
@dataclass(frozen=True, slots=True)
class UploadCut(WireFault, Receiving):
    """Takes a share of the bytes of an upload, then ends the connection; an upload in pieces goes on behind them."""

    name: ClassVar[str] = "upload_cut"
    at: Share = 0.5
    how: Literal["reset", "close"] = "reset"

    def end(self, connection: FaultConnection) -> None:
        if self.how == "reset":
            connection.reset()
        else:
            connection.close()


@final
@dataclass(frozen=True, slots=True)
class ResetMidBody(WireFault, Delivering):
    """Announces the whole body, sends a share of it, then resets the connection (RST)."""

    name: ClassVar[str] = "reset_mid_body"
    loses_answer: ClassVar[bool] = True
    hides_headers: ClassVar[bool] = True
    cuts_body: ClassVar[bool] = True
    at: Share = 0.5

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.take()
        connection.write(reply.head())
        await _part(connection, reply, self.at)
        await connection.settle()
        connection.reset()


@final
@dataclass(frozen=True, slots=True)
class CloseMidBody(WireFault, Delivering):
    """Sends a share of the body, then closes (FIN); the body's end was told by length, by chunks or by the close."""

    name: ClassVar[str] = "close_mid_body"
    loses_answer: ClassVar[bool] = True
    cuts_body: ClassVar[bool] = True
    variants: ClassVar[Sequence[Mapping[str, Any]]] = ({}, {"framing": "chunked"}, {"framing": "close"})
    at: Share = 0.5
    framing: Literal["length", "chunked", "close"] = "length"

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.take()
        bare = reply.without(b"content-length")
        if self.framing == "chunked":
            size = _less(reply.length, self.at)
            connection.write(bare.head(b"transfer-encoding: chunked") + (b"%x\r\n" % size if size else b""))
            await _part(connection, reply, self.at)
            connection.write(b"\r\n" if size else b"")
        else:
            connection.write(reply.head() if self.framing == "length" else bare.head(CLOSE))
            await _part(connection, reply, self.at)
        connection.close()


def _less(length: int, share: float) -> int:
    return min(int(length * share), length - 1)


async def _part(connection: FaultConnection, reply: Reply, share: float) -> None:
    await pour(connection, reply.chunks(0, _less(reply.length, share)))


@final
@dataclass(frozen=True, slots=True)
class CloseMidHeaders(WireFault, Delivering):
    """Closes the connection (FIN) inside the headers."""

    name: ClassVar[str] = "close_mid_headers"
    loses_answer: ClassVar[bool] = True
    hides_headers: ClassVar[bool] = True
    at: Share = 0.2

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.take()
        head = reply.head()
        connection.write(head[: min(int(len(head) * self.at), len(head) - 3)])
        connection.close()
