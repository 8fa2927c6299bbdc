"""What becomes of the faults that one request meets: which take effect, what they do to its connection, what is told.

Knows neither operations nor media: an exchange and a download both have one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from mockserver.app.cors import with_lines
from mockserver.app.incoming import Incoming
from mockserver.app.presence import while_connected
from mockserver.app.sending import SendMessage, send_reply
from mockserver.bounds import RESPONSE_BODY
from mockserver.clock import date_header
from mockserver.faults import (
    ActiveFault,
    Category,
    Changing,
    Delivering,
    FaultBook,
    FaultConnection,
    Pausing,
    Receiving,
    Replacing,
    Reply,
    RequestFacts,
    Silencing,
)
from mockserver.mounting import AT_ONCE, CORS, RECORD, wire_of
from mockserver.request_log import RecordedRequest
from mockserver.state.records import FaultUses
from mockserver.statuses import BODILESS


class Meeting:
    """`chosen` are the faults that a request meets, `names` those that took effect on it or on its job.

    `is_unheard`: the client loses its patience with a silence that it passes by itself, and hears no answer.
    """

    is_unheard = False
    _cutting: Receiving | None = None

    def __init__(self, book: FaultBook, chosen: dict[Category, ActiveFault], scope: Any) -> None:
        self.book = book
        self.chosen = chosen
        self.names: list[str] = []
        self._scope = scope
        self._taken: list[tuple[ActiveFault, FaultUses]] = []
        self.connection: FaultConnection | None = wire_of(scope)
        self._cors = scope.get(CORS, ())

    def count(self) -> None:
        """One more request on the connection, of those that might have met a fault."""
        if self.connection is not None:
            self.connection.requests += 1

    async def take(self, armed: ActiveFault) -> FaultUses | None:
        """The fault takes effect; None when it is used up."""
        uses = await self.book.take(armed)
        if uses is not None:
            self._taken.append((armed, uses))
            self.say(armed.name)
        return uses

    def say(self, name: str) -> None:
        """A fault shows in this request."""
        if name not in self.names:
            self.names.append(name)

    @property
    def told(self) -> str:
        """The faults that took effect, as the journal and the header have them."""
        return ", ".join(self.names)

    def end(self) -> None:
        """The request is over."""
        if self._cutting is not None and self.connection is not None:
            self._cutting.end(self.connection)
        self._record(None)
        for armed, uses in self._taken:
            self.book.release(armed, uses)

    async def silenced(self, drain: Callable[[], Awaitable[None]]) -> bool:
        """Whether a fault did something to the connection in the answer's stead; the request is read before."""
        for category in ("pace", "wire"):
            armed = self.chosen.get(category)
            if armed is None or self.connection is None or not isinstance(armed.fault, Silencing):
                continue
            if not armed.fault.meets(self.connection.requests):
                continue
            if await self.take(armed):
                await drain()  # closing with unread bytes would turn a FIN into an RST
                await armed.fault.silence(self.connection)
                return True
        return False

    async def cut(self, incoming: Incoming, length: bytes) -> None:
        """Let the body break off where a fault says so; the connection ends with the request."""
        armed = self.chosen.get("wire")
        if armed is None or self.connection is None or not isinstance(armed.fault, Receiving):
            return
        if length.isdigit() and int(length) and await self.take(armed):
            self._cutting = armed.fault
            incoming.break_off(int(int(length) * armed.fault.at))

    async def instead(self, facts: Callable[[], RequestFacts]) -> Reply | None:
        """The answer that a fault gives in the place of the usual one. Raises ClientLeft where that is waited for."""
        armed = self.chosen.get("answer")
        if armed is None or not isinstance(armed.fault, Replacing) or not await self.take(armed):
            return None
        answer = armed.fault.answer(facts())
        return answer if isinstance(answer, Reply) else await while_connected(self.connection, answer)

    async def bent(self, reply: Reply, facts: Callable[[], RequestFacts], now: float) -> Reply:
        """The answer, its bytes and its date changed by the faults that do."""
        armed = self.chosen.get("answer")
        if armed is not None and isinstance(armed.fault, Changing) and _is_changed(reply):
            changed = armed.fault.change(reply, facts())
            reply = reply if changed is None or not await self.take(armed) else changed
        armed = self.chosen.get("clock")
        if armed is None:
            return reply
        from mockserver.faults import SkewedDate

        if isinstance(armed.fault, SkewedDate) and await self.take(armed):
            reply = reply.with_headers(date_header(int(now + armed.fault.seconds)))
        return reply

    async def wait(self, seconds: float = 0.0) -> None:
        """Be as late as the fault of pace says, and so many real seconds besides."""
        armed = self.chosen.get("pace")
        if armed is not None and isinstance(armed.fault, Pausing):
            uses = await self.take(armed)
            if uses is not None and not await self._foreseen(armed):
                seconds += armed.fault.pause(await self.book.draw(armed, ".seconds"), uses.applied - 1)
        if seconds and self.connection is not None:
            from mockserver.faults import linger

            await linger(self.connection, seconds)
        elif seconds and not self._scope.get(AT_ONCE):
            await asyncio.sleep(seconds)

    async def _foreseen(self, armed: ActiveFault) -> bool:
        """Whether the client passes this silence by itself."""
        is_late = await self.book.meet_foreseen(armed)
        self.is_unheard = self.is_unheard if is_late is None else is_late
        return is_late is not None

    async def deliverer(self, reply: Reply) -> Delivering | None:
        """The fault that sends the answer in its own way: one of pace before one of the wire."""
        if self.connection is None:
            return None
        for category in ("pace", "wire"):
            armed = self.chosen.get(category)
            if armed is None or not isinstance(armed.fault, Delivering):
                continue
            if armed.fault.fits(reply) and await self.take(armed):
                return None if await self._foreseen(armed) else armed.fault
        return None

    def stamped(self, reply: Reply) -> Reply:
        """The answer, with a header that names the faults."""
        stamp = ((b"x-mock-fault", self.told.encode()),) if self.names else ()
        reply = reply.with_headers(*stamp) if stamp else reply
        return replace(reply, headers=(*with_lines(reply.headers, self._cors),)) if self._cors else reply

    async def deliver(self, fault: Delivering | None, reply: Reply, incoming: Incoming, send: SendMessage) -> None:
        """Send an answer, in the fault's own way if there is one."""
        self._record(reply if fault is not None else None)
        if fault is None or self.connection is None:
            await send_reply(self._scope, incoming, send, reply)
        else:
            await fault.deliver(self.connection, reply, lambda reply: send_reply(self._scope, incoming, send, reply))

    def _record(self, reply: Reply | None) -> None:
        """Write down, where requests are, which faults showed; and the reply that one sends in its own way."""
        record: RecordedRequest | None = self._scope.get(RECORD)
        if record is None:
            return
        record.fault, record.is_unheard = self.told, self.is_unheard
        if reply is not None:
            record.begin_answer(reply.status, reply.headers)
        if reply is not None and not reply.is_live:
            record.say(b"".join(reply.chunks(0, min(reply.length, RESPONSE_BODY))))
        record.tell()


def target_of(scope: Any) -> bytes:
    """Path and query of a request, as they were sent."""
    query: bytes = scope["query_string"]
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path + (b"?" + query if query else b"")


def _is_changed(reply: Reply) -> bool:
    """Whether an answer has bytes that a fault can change: they are there, and all at once."""
    return reply.status not in BODILESS and not reply.is_live
