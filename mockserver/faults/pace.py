"""Faults of pace, in real seconds: late answers, none at all, and answers that trickle. Knows no sockets."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, final

from mockserver.draws import Draw
from mockserver.faults.base import Delivering, FaultConnection, PaceFault, Pausing, SendReply, Silencing
from mockserver.faults.parameters import Between, Count, Seconds, Share
from mockserver.faults.reply import Reply
from mockserver.faults.streaming import ByteStream, each_of, pour

CLOSE = b"connection: close"
TICK = 0.05  # seconds between two portions of a capped answer


async def linger(connection: FaultConnection, seconds: float) -> None:
    """Wait until the connection is gone or the seconds are over; 0 waits for as long as the client does."""
    try:
        async with asyncio.timeout(seconds or None):
            await connection.gone()
            connection.close()  # it may only have said that it sends no more
    except TimeoutError:
        pass


@final
@dataclass(frozen=True, slots=True)
class Latency(PaceFault, Pausing):
    """Answers later: `fixed`, `uniform` (seconds to most), `lognormal` (median, sigma) or a `ramp` over n answers."""

    name: ClassVar[str] = "latency"
    variants: ClassVar[Sequence[Mapping[str, Any]]] = ({"seconds": 5.0}, {"seconds": 45.0})
    how: Literal["fixed", "uniform", "lognormal", "ramp"] = "fixed"
    seconds: Seconds = 1.0
    most: Seconds = 5.0
    sigma: Annotated[float, Between(0, 10)] = 0.5
    over: Count = 20

    @property
    def silence_seconds(self) -> float | None:
        return self.seconds if self.how == "fixed" else None

    def pause(self, draw: Draw, n: int) -> float:
        match self.how:
            case "fixed":
                return self.seconds
            case "uniform":
                return draw.uniform(self.seconds, max(self.seconds, self.most))
            case "lognormal":
                return min(draw.lognormal(self.seconds, self.sigma), max(self.seconds, self.most))
            case "ramp":
                return self.seconds + (self.most - self.seconds) * min(1.0, n / self.over)


@final
@dataclass(frozen=True, slots=True)
class Hang(PaceFault, Silencing):
    """Takes the request and never answers; after `seconds` (0: never) it closes."""

    name: ClassVar[str] = "hang"
    seconds: Seconds = 0.0

    @property
    def silence_seconds(self) -> float | None:
        return self.seconds or math.inf

    async def silence(self, connection: FaultConnection) -> None:
        connection.take()
        await linger(connection, self.seconds)
        connection.close()


@final
@dataclass(frozen=True, slots=True)
class Stall(PaceFault, Delivering):
    """Sends the headers and a share of the body, then nothing more; after `seconds` (0: never) it closes."""

    name: ClassVar[str] = "stall"
    loses_answer: ClassVar[bool] = True
    at: Share = 0.5
    seconds: Seconds = 0.0

    @property
    def silence_seconds(self) -> float | None:
        return self.seconds or math.inf

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.take()
        connection.write(reply.head())
        await pour(connection, reply.chunks(0, int(reply.length * self.at)))
        await linger(connection, self.seconds)
        connection.close()


@final
@dataclass(frozen=True, slots=True)
class DribbledHeaders(PaceFault, Delivering):
    """Sends the headers one byte at a time."""

    name: ClassVar[str] = "dribbled_headers"
    in_schedules: ClassVar[bool] = False
    interval: Seconds = 0.01

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.take()
        await pour(connection, _single_bytes([reply.head(CLOSE)]), self.interval)
        await pour(connection, reply.chunks(0, reply.length))
        connection.close()


@final
@dataclass(frozen=True, slots=True)
class DribbledBody(PaceFault, Delivering):
    """Sends the headers at once and the body one byte at a time."""

    name: ClassVar[str] = "dribbled_body"
    in_schedules: ClassVar[bool] = False
    interval: Seconds = 0.01

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.take()
        connection.write(reply.head(CLOSE))
        await pour(connection, _single_bytes(reply.chunks(0, reply.length)), self.interval)
        connection.close()


async def _single_bytes(chunks: ByteStream) -> AsyncIterator[bytes]:
    async for chunk in each_of(chunks):
        for at in range(len(chunk)):
            yield chunk[at : at + 1]


@final
@dataclass(frozen=True, slots=True)
class Bandwidth(PaceFault, Delivering):
    """Sends the body no faster than so many bytes a second."""

    name: ClassVar[str] = "bandwidth"
    in_schedules: ClassVar[bool] = False
    bytes_per_second: Annotated[int, Between(20, 1_000_000_000)] = 1024

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.take()
        connection.write(reply.head(CLOSE))
        portion = int(self.bytes_per_second * TICK)
        for start in range(0, reply.length, portion):
            await asyncio.sleep(TICK)
            if connection.is_gone:
                return
            await pour(connection, reply.chunks(start, min(start + portion, reply.length)))
        connection.close()


@final
@dataclass(frozen=True, slots=True)
class SlowClose(PaceFault, Delivering):
    """Sends everything without a length, and closes only `seconds` later: the end of the body is the close."""

    name: ClassVar[str] = "slow_close"
    in_schedules: ClassVar[bool] = False
    seconds: Annotated[float, Between(0.001, 86_400)] = 1.0

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.take()
        connection.write(reply.without(b"content-length").head(CLOSE))
        await pour(connection, reply.chunks(0, reply.length))
        await linger(connection, self.seconds)
        connection.close()
