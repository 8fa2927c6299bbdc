"""The way to an engine, by which all calls of one turn of the loop go as one piece. Knows no call.

No call is ever cancelled once it was sent: who waits for it no longer lets its answer pass. Nothing is sent twice but
what the engine has refused to know. An engine that is away or silent is told as a StateError, and looked for again by
the next call.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from math import inf
from typing import Any, cast

from mockserver.errors import StateError
from mockserver.stores.redis.address import Address
from mockserver.stores.redis.greeting import greet
from mockserver.stores.redis.line import LIMIT, EngineLine, Heard, PendingCall, Together, ToldCalls, Word, fail
from mockserver.stores.redis.secured import UNTRUSTED, context_of, remedy

MANY = 64
"""So many of one turn are asked together at most."""


class Group:
    """What is asked together, as long as it was not sent: its words, for how many, and who waits."""

    __slots__ = ("alike", "heard", "many", "words")

    def __init__(self, start: Sequence[Word], heard: Together | ToldCalls) -> None:
        self.words, self.many, self.heard = [*start], 0, heard
        self.alike: Word | None = None


class Pipe:
    """A connection that is opened when it is needed, and again where it was lost."""

    def __init__(
        self, address: Address, unfit: Callable[[Any, Any], str], channel: str, pushed: Callable[[Sequence[Any]], None],
        opened: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """`unfit` says of how an engine greets, and of its memory, why it is not fit. `pushed` hears `channel`; where
        that is empty, nothing is demanded of the engine.

        `opened` hears of each connection; what it asks goes before all that waits for it. Raises UsageError where the
        address is encrypted by files that cannot be used.
        """
        self._secure = context_of(address)
        self._address, self._unfit, self._channel, self._pushed = address, unfit, channel, pushed
        self._opened = opened
        self.loop = asyncio.get_running_loop()
        self._line: EngineLine | None = None
        self._since = inf
        self._queue: list[PendingCall] = []
        self._opening: asyncio.Task[None] | None = None
        self._is_due = False
        self._groups: dict[tuple[Word, ...], Group] = {}

    @property
    def shown(self) -> str:
        """Where it leads, without what is secret."""
        return self._address.shown

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._line is not None

    @property
    def age(self) -> float:
        """For how many seconds it is open; below 0 where it is not."""
        return self.loop.time() - self._since

    def ask(self, *words: Word) -> asyncio.Future[Any]:
        """The answer; raises StateError."""
        answer = self.loop.create_future()
        self._put(PendingCall(words, answer))
        return answer

    def tell(self, *words: Word, heard: Heard | None = None) -> None:
        """The same for those who do not wait for it; an answer that does not come is not heard."""
        self._put(PendingCall(words, heard))

    def ask_together(
        self, start: tuple[Word, ...], words: Sequence[Word], size: int = 1, alike: Word | None = None
    ) -> asyncio.Future[Any]:
        """The same of a script that takes the words of many, one after another, behind those that it starts with.

        It gives `size` answers to each. A word that many have `alike` goes before the others of each, as nothing where
        it is that of the one before.
        """
        group = self._groups.get(start)
        if group is None or group.many == MANY:
            group = self._group(start, Together(size))
        group.many += 1
        if alike is not None:
            group.words.append("" if alike == group.alike else alike)
            group.alike = alike
        group.words += words
        answer = self.loop.create_future()
        group.heard.waiting.append(answer)  # type: ignore[union-attr]  # it is asked or told, never both
        return answer

    def tell_together(
        self, start: tuple[Word, ...], words: Sequence[Word], heard: Callable[[Any, list[Sequence[Word]]], None],
        refused: Callable[[], None],
    ) -> ToldCalls:  # fmt: skip
        """The same for those who do not wait for it: what all are told is one word. Gives what becomes of it."""
        group = self._groups.get(start)
        if group is None or group.many == MANY:
            group = self._group(start, ToldCalls(heard, refused))
        group.many += 1
        group.words += words
        calls = cast(ToldCalls, group.heard)  # it is asked or told, never both
        calls.words.append(words)
        return calls

    def _group(self, start: tuple[Word, ...], heard: Together | ToldCalls) -> Group:
        group = self._groups[start] = Group(start, heard)
        self._put(PendingCall(group.words, heard))
        return group

    def _put(self, call: PendingCall) -> None:
        self._queue.append(call)
        if not self._is_due:
            self._is_due = True
            self.loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Send what waits."""
        self._is_due = False
        if not self._queue:
            return
        if self._line is not None:
            self._line.send(self._taken())
        elif self._opening is None:
            self._opening = self.loop.create_task(self._open())

    async def _open(self) -> None:
        line = EngineLine(self._address.shown, self._pushed, self._lost, self._address.user or "default")
        why = "is not there, or encrypts nothing" if self._secure else "is not there"
        try:
            async with asyncio.timeout(LIMIT):
                await self._connect(line)
                why = "is there, but does not answer"
                await greet(line, self._address, self._unfit, self._channel)
            self._line, self._since = line, self.loop.time()
            waiting = self._taken()
            self._opened()
            self._queue += waiting
        except StateError as error:
            line.end(why)
            self._fail(f"{error}{remedy(self._address, error)}")
        except Exception as error:  # whatever it is: others wait for an answer
            why = UNTRUSTED if isinstance(error, ssl.SSLCertVerificationError) else why
            line.end(why)
            self._fail(
                f"the store at {self._address.shown} {why}: {error}".removesuffix(": ") + remedy(self._address, error)
            )
        except asyncio.CancelledError:
            line.end("was left")
            raise
        finally:
            self._opening = None
        self._flush()

    async def _connect(self, line: EngineLine) -> None:
        address = self._address
        if address.path:
            await self.loop.create_unix_connection(lambda: line, address.path)
        else:
            await self.loop.create_connection(lambda: line, address.host, address.port, ssl=self._secure)

    def _lost(self, why: str) -> None:
        self._line, self._since = None, inf

    def _fail(self, why: str) -> None:
        fail(self._taken(), why)

    def _taken(self) -> list[PendingCall]:
        """What waits, to which nothing is added any more."""
        queue, self._queue, self._groups = self._queue, [], {}
        return queue

    def close(self) -> None:
        """Let the connection go; what was sent is not answered any more."""
        if self._opening is not None:
            self._opening.cancel()
        if self._line is not None:
            self._line.end("was left")
        self._fail(f"the store at {self._address.shown} was left")
