"""One connection to an engine, through which all calls of one turn of the loop go as one piece. Knows no call.

No call is ever cancelled once it was sent: who waits for it no longer lets its answer pass. Nothing is sent twice but
what the engine has refused to know. An engine that is away, or silent for `LIMIT` seconds, is told as a StateError.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import hiredis

from mockserver.errors import StateError
from mockserver.stores.redis.address import Address
from mockserver.stores.redis.scripts import scripts

LIMIT = 1.0
Word = str | bytes | int | float
Heard = Callable[[Any], None]


class Asked(NamedTuple):
    """What was asked, who hears the answer (nobody, or a future), and when it was sent."""

    words: tuple[Word, ...]
    heard: asyncio.Future[Any] | Heard | None
    since: float = 0.0


class Pipe(asyncio.Protocol):
    """A connection that is opened when it is needed, and again where it was lost."""

    def __init__(self, address: Address, unfit: Callable[[Any], str], channel: str) -> None:
        """`unfit` says of what the engine tells of itself why it is not fit; `channel` is what is listened to."""
        self._address, self._unfit, self._channel = address, unfit, channel
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._queue: list[Asked] = []
        self._asked: deque[Asked] = deque()
        self._opening: asyncio.Task[None] | None = None
        self._reader = hiredis.Reader()
        self._is_due = False
        self._watch: asyncio.TimerHandle | None = None
        self.pushed: Callable[[Any], None] | None = None
        """Who hears what the engine says unasked."""

    def ask(self, *words: Word) -> asyncio.Future[Any]:
        """The answer; raises StateError."""
        answer = self._loop.create_future()
        self._put(Asked(words, answer))
        return answer

    def tell(self, *words: Word, heard: Heard | None = None) -> None:
        """The same for those who do not wait for it; an answer that does not come is not heard."""
        self._put(Asked(words, heard))

    def _put(self, asked: Asked) -> None:
        self._queue.append(asked)
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Send what waits."""
        self._is_due = False
        if not self._queue:
            return
        if self._transport is None:
            if self._opening is None:
                self._opening = self._loop.create_task(self._open())
            return
        queue, self._queue = self._queue, []
        self._send(self._transport, queue)

    def _send(self, transport: asyncio.Transport, queue: list[Asked]) -> None:
        now = self._loop.time()
        transport.write(b"".join([hiredis.pack_command(each.words) for each in queue]))  # type: ignore[arg-type]
        self._asked.extend([Asked(words, heard, now) for words, heard, _ in queue])
        if self._watch is None:
            self._watch = self._loop.call_later(LIMIT, self._look)

    def _look(self) -> None:
        """Whether the engine has been silent for too long."""
        self._watch = None
        if not self._asked:
            return
        left = self._asked[0].since + LIMIT - self._loop.time()
        if left > 0.001:
            self._watch = self._loop.call_later(left, self._look)
        else:
            self._close(f"did not answer within {LIMIT:g} s")

    async def _open(self) -> None:
        why = "is not there"
        try:
            async with asyncio.timeout(LIMIT):
                transport = await self._connected()
                why = "is there, but does not answer"
                await self._greet(transport)
            self._transport, self._opening = transport, None
            transport.write(hiredis.pack_command(("SUBSCRIBE", self._channel)))  # type: ignore[arg-type]
            self.flush()
        except asyncio.CancelledError:
            self._opening = None
            self._close("was left")
            raise
        except (OSError, TimeoutError, StateError) as error:
            self._opening = None
            self._close(str(error) if isinstance(error, StateError) else why)

    async def _connected(self) -> asyncio.Transport:
        address = self._address
        if address.path:
            transport, _ = await self._loop.create_unix_connection(lambda: self, address.path)
        else:
            secure = ssl.create_default_context() if address.secure else None
            transport, _ = await self._loop.create_connection(lambda: self, address.host, address.port, ssl=secure)
        return transport

    async def _greet(self, transport: asyncio.Transport) -> None:
        """Say who comes, choose the database, and have the scripts known."""
        address = self._address
        secret = ("AUTH", address.user or "default", address.password) if address.password else ()
        queue: list[tuple[str, ...]] = [("HELLO", "3", *secret)]
        if address.database:
            queue.append(("SELECT", str(address.database)))
        queue += [("SCRIPT", "LOAD", each.text) for each in scripts().values()]
        queue.append(("INFO", "memory"))
        heard = [self._loop.create_future() for _ in queue]
        self._reader = hiredis.Reader()
        self._send(transport, [Asked(words, future) for words, future in zip(queue, heard, strict=True)])
        try:
            *_, told = await asyncio.gather(*heard)
        except StateError:
            transport.abort()
            raise
        if why := self._unfit(told):
            transport.abort()
            raise StateError(f"the store at {self._address.shown} {why}")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._opening is None:
            self._close("was lost", is_gone=True)
        else:
            self._fail("was lost", self._asked)

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while True:
            answer = self._reader.gets()
            if answer is False:
                return
            if isinstance(answer, hiredis.PushNotification):
                if self.pushed is not None:
                    self.pushed(answer)
            else:
                self._answered(answer)

    def _answered(self, answer: Any) -> None:
        words, heard, _ = self._asked.popleft()
        if isinstance(answer, hiredis.ReplyError):
            if str(answer).startswith("NOSCRIPT"):
                self._repeat(words, heard)
                return
            answer = StateError(_said(str(answer)))
        if heard is None:
            return
        if not isinstance(heard, asyncio.Future):
            if not isinstance(answer, StateError):
                heard(answer)
        elif not heard.done():
            if isinstance(answer, StateError):
                heard.set_exception(answer)
            else:
                heard.set_result(answer)

    def _repeat(self, words: tuple[Word, ...], heard: Any) -> None:
        """The engine has forgotten its scripts: it did nothing, and knows them now."""
        text = next(each.text for each in scripts().values() if each.name == words[1])
        if self._transport is not None:
            self._send(self._transport, [Asked(("SCRIPT", "LOAD", text), None), Asked(words, heard)])

    def _fail(self, why: str, *many: Any) -> None:
        for queue in many:
            waiting = [*queue]
            queue.clear()
            for each in waiting:
                if isinstance(each.heard, asyncio.Future) and not each.heard.done():
                    each.heard.set_exception(StateError(f"the store at {self._address.shown} {why}"))

    def _close(self, why: str, is_gone: bool = False) -> None:
        transport, self._transport = self._transport, None
        if transport is not None and not is_gone:
            transport.abort()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._fail(why, self._asked, self._queue)

    def close(self) -> None:
        """Let the connection go; what was sent is not answered any more."""
        if self._opening is not None:
            self._opening.cancel()
        self._close("was left")


def _said(error: str) -> str:
    """The engine's own words, for whoever reads the answer."""
    if error.startswith(("OOM", "MISCONF")):
        return f"the store takes no more: {error}"
    return f"the store refuses: {error}"
