"""Faults of how an answer is framed: bytes that no HTTP parser, or not every one, can read as they were meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, final

from mockserver.faults.base import Delivering, FaultConnection, SendReply, WireFault
from mockserver.faults.pace import CLOSE
from mockserver.faults.parameters import Between
from mockserver.faults.reply import Reply
from mockserver.faults.streaming import pour


@final
@dataclass(frozen=True, slots=True)
class Garbage(WireFault, Delivering):
    """Sends bytes that are no HTTP in the answer's place."""

    name: ClassVar[str] = "garbage"
    loses_answer: ClassVar[bool] = True
    hides_headers: ClassVar[bool] = True

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.take()
        connection.write(b"\x00\xff\x16\x03 not HTTP at all\r\n\r\n")
        connection.close()


@final
@dataclass(frozen=True, slots=True)
class BadChunk(WireFault, Delivering):
    """Sends the body chunked, with a chunk size that is no number."""

    name: ClassVar[str] = "bad_chunk"
    loses_answer: ClassVar[bool] = True
    cuts_body: ClassVar[bool] = True

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.take()
        head = reply.without(b"content-length").head(b"transfer-encoding: chunked")
        connection.write(head + b"zz\r\n")
        await pour(connection, reply.chunks(0, reply.length))
        connection.write(b"\r\n0\r\n\r\n")
        connection.close()


@final
@dataclass(frozen=True, slots=True)
class WrongLength(WireFault, Delivering):
    """Announces so many bytes more than are sent (fewer, when negative), then closes."""

    name: ClassVar[str] = "wrong_length"
    loses_answer: ClassVar[bool] = True
    cuts_body: ClassVar[bool] = True
    by: Annotated[int, Between(-1_000_000, 1_000_000)] = 10

    def fits(self, reply: Reply) -> bool:
        return reply.length > 0 and self.by != 0

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        length = b"%d" % max(0, reply.length + self.by)
        await _send_under(connection, reply.with_headers((b"content-length", length)).head(), reply)


@final
@dataclass(frozen=True, slots=True)
class DoubledLength(WireFault, Delivering):
    """Sends two different Content-Lengths."""

    name: ClassVar[str] = "doubled_length"
    loses_answer: ClassVar[bool] = True
    hides_headers: ClassVar[bool] = True

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        await _send_under(connection, reply.head(b"content-length: %d" % (reply.length + 7)), reply)


@final
@dataclass(frozen=True, slots=True)
class Http10(WireFault, Delivering):
    """Answers in HTTP/1.0 and closes."""

    name: ClassVar[str] = "http_1_0"

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        await _send_under(connection, reply.head(CLOSE, version=b"1.0"), reply)


@final
@dataclass(frozen=True, slots=True)
class EarlyHints(WireFault, Delivering):
    """Sends 103 Early Hints before the answer."""

    name: ClassVar[str] = "early_hints"
    hides_headers: ClassVar[bool] = True

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.write(b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload; as=style\r\n\r\n")
        await send(reply)


@final
@dataclass(frozen=True, slots=True)
class UnsolicitedAnswer(WireFault, Delivering):
    """Sends a second answer nobody asked for; a client that keeps the connection takes it for its next one."""

    name: ClassVar[str] = "unsolicited_answer"
    status: Annotated[int, Between(200, 599)] = 500

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        await send(reply)
        second = Reply.of(self.status, b"application/json", b'{"error":"this answer belongs to nobody"}')
        connection.write(second.head() + second.body)


async def _send_under(connection: FaultConnection, head: bytes, reply: Reply) -> None:
    """The whole body under a head of one's own; then close."""
    connection.take()
    connection.write(head)
    await pour(connection, reply.chunks(0, reply.length))
    connection.close()
