"""Faults that end or silence the connection: by RST, by FIN, or by nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from mockserver.faults.kinds import Category, Grip, Send
from mockserver.faults.pace import CLOSE, linger, pour
from mockserver.faults.parameters import Between, Share
from mockserver.faults.reply import Reply


@dataclass(frozen=True, slots=True)
class ResetBeforeHeaders:
    """Resets the connection (RST) instead of doing anything."""

    name: ClassVar[str] = "reset_before_headers"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None

    def asks(self, n: int) -> bool:
        return True

    async def silence(self, grip: Grip) -> None:
        grip.reset()


@dataclass(frozen=True, slots=True)
class CloseBeforeHeaders:
    """Closes the connection (FIN) instead of doing anything."""

    name: ClassVar[str] = "close_before_headers"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None

    def asks(self, n: int) -> bool:
        return True

    async def silence(self, grip: Grip) -> None:
        grip.close()


@dataclass(frozen=True, slots=True)
class CloseKeepAlive:
    """Closes a kept-alive connection as its nth request arrives (counted from when faults were armed)."""

    name: ClassVar[str] = "close_keep_alive"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None
    request: Annotated[int, Between(2, 1_000_000)] = 2

    def asks(self, n: int) -> bool:
        return n == self.request

    async def silence(self, grip: Grip) -> None:
        grip.close()


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """Leaves the connection as a dead peer does: nothing is read, nothing said; reset after `seconds`."""

    name: ClassVar[str] = "half_open"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None
    seconds: Annotated[float, Between(0.001, 3600)] = 30.0

    def asks(self, n: int) -> bool:
        return True

    async def silence(self, grip: Grip) -> None:
        grip.take()
        grip.pause()
        await linger(grip, self.seconds)
        grip.reset()


@dataclass(frozen=True, slots=True)
class ResetMidBody:
    """Announces the whole body, sends a share of it, then resets the connection (RST)."""

    name: ClassVar[str] = "reset_mid_body"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None
    at: Share = 0.5

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        grip.take()
        grip.write(reply.head())
        await _part(grip, reply, self.at)
        await grip.settle()
        grip.reset()


@dataclass(frozen=True, slots=True)
class CloseMidBody:
    """Sends a share of the body, then closes (FIN); the body's end was told by length, by chunks or by the close."""

    name: ClassVar[str] = "close_mid_body"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None
    at: Share = 0.5
    framing: Literal["length", "chunked", "close"] = "length"

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        grip.take()
        bare = reply.without(b"content-length")
        if self.framing == "chunked":
            size = _less(reply.length, self.at)
            grip.write(bare.head(b"transfer-encoding: chunked") + (b"%x\r\n" % size if size else b""))
            await _part(grip, reply, self.at)
            grip.write(b"\r\n" if size else b"")
        else:
            grip.write(reply.head() if self.framing == "length" else bare.head(CLOSE))
            await _part(grip, reply, self.at)
        grip.close()


def _less(length: int, share: float) -> int:
    return min(int(length * share), length - 1)


async def _part(grip: Grip, reply: Reply, share: float) -> None:
    await pour(grip, reply.chunks(0, _less(reply.length, share)))


@dataclass(frozen=True, slots=True)
class CloseMidHeaders:
    """Closes the connection (FIN) inside the headers."""

    name: ClassVar[str] = "close_mid_headers"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None
    at: Share = 0.2

    def fits(self, reply: Reply) -> bool:
        return True

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        grip.take()
        head = reply.head()
        grip.write(head[: min(int(len(head) * self.at), len(head) - 3)])
        grip.close()
