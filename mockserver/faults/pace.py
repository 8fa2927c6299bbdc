"""Faults of pace, in real seconds: late answers, none at all, and answers that trickle. Knows no sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from mockserver.draws import Draw
from mockserver.faults.kinds import Category, Grip, Send
from mockserver.faults.parameters import Between, Count, Seconds, Share
from mockserver.faults.reply import Reply

CLOSE = b"connection: close"
TICK = 0.05  # seconds between two portions of a capped answer


async def linger(grip: Grip, seconds: float) -> None:
    """Wait until the connection is gone or the seconds are over; 0 waits for as long as the client does."""
    try:
        async with asyncio.timeout(seconds or None):
            await grip.gone()
    except TimeoutError:
        pass


async def pour(grip: Grip, chunks: Iterable[bytes]) -> None:
    """Write chunks as fast as the client takes them, so that a result of any size is never held."""
    for chunk in chunks:
        if grip.is_gone:
            return
        grip.write(chunk)
        await grip.room()


@dataclass(frozen=True, slots=True)
class Latency:
    """Answers later: `fixed`, `uniform` (seconds to most), `lognormal` (median, sigma) or a `ramp` over n answers."""

    name: ClassVar[str] = "latency"
    category: ClassVar[Category] = "pace"
    times: ClassVar[int | None] = None
    how: Literal["fixed", "uniform", "lognormal", "ramp"] = "fixed"
    seconds: Seconds = 1.0
    most: Seconds = 5.0
    sigma: Annotated[float, Between(0, 10)] = 0.5
    over: Count = 20

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


@dataclass(frozen=True, slots=True)
class Hang:
    """Takes the request and never answers; after `seconds` (0: never) it closes."""

    name: ClassVar[str] = "hang"
    category: ClassVar[Category] = "pace"
    times: ClassVar[int | None] = None
    seconds: Seconds = 0.0

    def asks(self, n: int) -> bool:
        return True

    async def silence(self, grip: Grip) -> None:
        grip.take()
        await linger(grip, self.seconds)
        grip.close()


@dataclass(frozen=True, slots=True)
class Stall:
    """Sends the headers and a share of the body, then nothing more; after `seconds` (0: never) it closes."""

    name: ClassVar[str] = "stall"
    category: ClassVar[Category] = "pace"
    times: ClassVar[int | None] = None
    at: Share = 0.5
    seconds: Seconds = 0.0

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        grip.take()
        grip.write(reply.head())
        await pour(grip, reply.chunks(0, int(reply.length * self.at)))
        await linger(grip, self.seconds)
        grip.close()


@dataclass(frozen=True, slots=True)
class DribbledHeaders:
    """Sends the headers one byte at a time."""

    name: ClassVar[str] = "dribbled_headers"
    category: ClassVar[Category] = "pace"
    times: ClassVar[int | None] = None
    interval: Seconds = 0.01

    def fits(self, reply: Reply) -> bool:
        return True

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        grip.take()
        await _dribble(grip, reply.head(CLOSE), self.interval)
        await pour(grip, reply.chunks(0, reply.length))
        grip.close()


@dataclass(frozen=True, slots=True)
class DribbledBody:
    """Sends the headers at once and the body one byte at a time."""

    name: ClassVar[str] = "dribbled_body"
    category: ClassVar[Category] = "pace"
    times: ClassVar[int | None] = None
    interval: Seconds = 0.01

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        grip.take()
        grip.write(reply.head(CLOSE))
        for chunk in reply.chunks(0, reply.length):
            await _dribble(grip, chunk, self.interval)
        grip.close()


async def _dribble(grip: Grip, data: bytes, interval: float) -> None:
    for at in range(len(data)):
        if grip.is_gone:
            return
        grip.write(data[at : at + 1])
        await asyncio.sleep(interval)


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Sends the body no faster than so many bytes a second."""

    name: ClassVar[str] = "bandwidth"
    category: ClassVar[Category] = "pace"
    times: ClassVar[int | None] = None
    bytes_per_second: Annotated[int, Between(20, 1_000_000_000)] = 1024

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        grip.take()
        grip.write(reply.head(CLOSE))
        portion = int(self.bytes_per_second * TICK)
        for start in range(0, reply.length, portion):
            await asyncio.sleep(TICK)
            if grip.is_gone:
                return
            await pour(grip, reply.chunks(start, min(start + portion, reply.length)))
        grip.close()


@dataclass(frozen=True, slots=True)
class SlowClose:
    """Sends everything without a length, and closes only `seconds` later: the end of the body is the close."""

    name: ClassVar[str] = "slow_close"
    category: ClassVar[Category] = "pace"
    times: ClassVar[int | None] = None
    seconds: Annotated[float, Between(0.001, 86_400)] = 1.0

    def fits(self, reply: Reply) -> bool:
        return True

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        grip.take()
        grip.write(reply.without(b"content-length").head(CLOSE))
        await pour(grip, reply.chunks(0, reply.length))
        await linger(grip, self.seconds)
        grip.close()
