"""Faults of how an answer is framed: bytes that no HTTP parser, or not every one, can read as they were meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from mockserver.faults.kinds import Category, Grip, Send
from mockserver.faults.pace import CLOSE, pour
from mockserver.faults.parameters import Between
from mockserver.faults.reply import Reply


@dataclass(frozen=True, slots=True)
class Garbage:
    """Sends bytes that are no HTTP in the answer's place."""

    name: ClassVar[str] = "garbage"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None

    def fits(self, reply: Reply) -> bool:
        return True

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        grip.take()
        grip.write(b"\x00\xff\x16\x03 not HTTP at all\r\n\r\n")
        grip.close()


@dataclass(frozen=True, slots=True)
class BadChunk:
    """Sends the body chunked, with a chunk size that is no number."""

    name: ClassVar[str] = "bad_chunk"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None

    def fits(self, reply: Reply) -> bool:
        return True

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        grip.take()
        head = reply.without(b"content-length").head(b"transfer-encoding: chunked")
        grip.write(head + b"zz\r\n")
        await pour(grip, reply.chunks(0, reply.length))
        grip.write(b"\r\n0\r\n\r\n")
        grip.close()


@dataclass(frozen=True, slots=True)
class WrongLength:
    """Announces so many bytes more than are sent (fewer, when negative), then closes."""

    name: ClassVar[str] = "wrong_length"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None
    by: Annotated[int, Between(-1_000_000, 1_000_000)] = 10

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0 and self.by != 0

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        length = b"%d" % max(0, reply.length + self.by)
        await _send_under(grip, reply.with_headers((b"content-length", length)).head(), reply)


@dataclass(frozen=True, slots=True)
class DoubledLength:
    """Sends two different Content-Lengths."""

    name: ClassVar[str] = "doubled_length"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None

    def fits(self, reply: Reply) -> bool:
        return True

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        await _send_under(grip, reply.head(b"content-length: %d" % (reply.length + 7)), reply)


@dataclass(frozen=True, slots=True)
class Http10:
    """Answers in HTTP/1.0 and closes."""

    name: ClassVar[str] = "http_1_0"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None

    def fits(self, reply: Reply) -> bool:
        return True

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        await _send_under(grip, reply.head(CLOSE, version=b"1.0"), reply)


@dataclass(frozen=True, slots=True)
class EarlyHints:
    """Sends 103 Early Hints before the answer."""

    name: ClassVar[str] = "early_hints"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None

    def fits(self, reply: Reply) -> bool:
        return True

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        grip.write(b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload; as=style\r\n\r\n")
        await send(reply)


@dataclass(frozen=True, slots=True)
class UnsolicitedAnswer:
    """Sends a second answer nobody asked for; a client that keeps the connection takes it for its next one."""

    name: ClassVar[str] = "unsolicited_answer"
    category: ClassVar[Category] = "wire"
    times: ClassVar[int | None] = None
    status: Annotated[int, Between(200, 599)] = 500

    def fits(self, reply: Reply) -> bool:
        return True

    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None:
        await send(reply)
        second = Reply.of(self.status, b"application/json", b'{"error":"this answer belongs to nobody"}')
        grip.write(second.head() + second.body)


async def _send_under(grip: Grip, head: bytes, reply: Reply) -> None:
    """The whole body under a head of one's own; then close."""
    grip.take()
    grip.write(head)
    await pour(grip, reply.chunks(0, reply.length))
    grip.close()
