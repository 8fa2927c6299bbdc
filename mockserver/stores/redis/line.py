"""One connection to an engine from its opening to its end: what was asked on it is answered in that order, or never.

An engine that is silent for `LIMIT` seconds has lost its connection. Knows no call, and opens none again.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import hiredis

from mockserver.errors import StateError
from mockserver.stores.redis import rights
from mockserver.stores.redis.address import CODES
from mockserver.stores.redis.fitness import NO_ENGINE
from mockserver.stores.redis.scripts import scripts
from mockserver.stores.redis.secured import LOST

LIMIT = 1.0
ALERT = b"\x15\x03"
"""What an encrypted port says to who does not encrypt."""
ENDS = {
    "READONLY": "is a replica by now, which takes nothing",
    "MASTERDOWN": "is a replica by now, which has lost its primary",
    "LOADING": "reads what it is to hold, and answers when it has",
}
"""Answers of one that is no store any more: another one may be where it was, so one has to connect anew."""
AS_A_URL = (
    f"write redis://:PASSWORD@HOST or redis://USER:PASSWORD@HOST (of a socket unix://:PASSWORD@/PATH), where {CODES}"
)
FULL = {
    "OOM": "close or reset sandboxes, or raise its setting `maxmemory`",
    "MISCONF": "look into its log, and whether its disk is full",
}
"""What is to be done where an engine takes no more, by the first word of its answer."""
UNKNOWN = re.compile(r"ERR unknown command ['`](\w+)['`]")
Word = str | bytes | int | float
Heard = Callable[[Any], None]
_packed: Callable[[tuple[Word, ...]], bytes] = hiredis.pack_command  # type: ignore[assignment]  # it says "of one word"


class Together:
    """Those who asked one script together: its answer is a list, or a word for them all.

    Each has one of the list, or a list of `size`: a flat one costs an engine less than lists in a list.
    """

    __slots__ = ("size", "waiting")

    def __init__(self, size: int) -> None:
        self.size, self.waiting = size, list[asyncio.Future[Any]]()

    def done(self) -> bool:
        """Never before the answer: one of several may have gone, others wait."""
        return False

    def set_result(self, answer: Any) -> None:
        """As a future's."""
        if type(answer) is bytes:
            answers = [answer] * len(self.waiting)
        elif self.size == 1:
            answers = answer
        else:
            answers = [answer[at : at + self.size] for at in range(0, len(answer), self.size)]
        for future, its in zip(self.waiting, answers, strict=True):
            if not future.done():
                future.set_result(its)

    def set_exception(self, error: StateError) -> None:
        """As a future's; each has one of its own."""
        for future in self.waiting:
            if not future.done():
                future.set_exception(StateError(*error.args))


class ToldCalls:
    """Those who told one script together: one hears its answer with what each of them told, or that it was refused.

    `has_failed` says that no answer comes any more: it was refused, or its connection was lost.
    """

    __slots__ = ("_heard", "_refused", "has_failed", "words")

    def __init__(self, heard: Callable[[Any, list[Sequence[Word]]], None], refused: Callable[[], None]) -> None:
        self._heard, self._refused, self.has_failed = heard, refused, False
        self.words: list[Sequence[Word]] = []

    def refuse(self) -> None:
        """The engine did nothing of it."""
        self.has_failed = True
        self._refused()

    def __call__(self, answer: Any) -> None:
        self._heard(answer, self.words)


class PendingCall(NamedTuple):
    """What was asked, who hears the answer (nobody, a future, or several), and when it was sent."""

    words: Sequence[Word]
    heard: asyncio.Future[Any] | Together | Heard | None
    since: float = 0.0


WAITS = (asyncio.Future, Together)


def fail(queue: Sequence[PendingCall], why: str) -> None:
    """Those who wait for these answers will not have them."""
    for call in queue:
        if isinstance(call.heard, ToldCalls):
            call.heard.has_failed = True
        elif isinstance(call.heard, WAITS) and not call.heard.done():
            call.heard.set_exception(StateError(why))


class EngineLine(asyncio.Protocol):
    """`pushed` hears what the engine says unasked, `lost` why the connection has ended; `user` is who comes."""

    def __init__(
        self, shown: str, pushed: Callable[[Sequence[Any]], None], lost: Callable[[str], None], user: str = "default"
    ) -> None:
        self._shown, self._pushed, self._lost, self._user = shown, pushed, lost, user
        self._loop = asyncio.get_running_loop()
        self._asked: deque[PendingCall] = deque()
        self._reader = hiredis.Reader()
        self._came = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class

    def send(self, queue: Sequence[PendingCall]) -> None:
        """Send all of it as one piece."""
        now = self._loop.time()
        self._asked.extend([PendingCall(words, heard, now) for words, heard, _ in queue])
        assert self._transport is not None, "it was opened"
        self._transport.write(b"".join([_packed(tuple(call.words)) for call in queue]))
        if self._watch is None:
            self._watch = self._loop.call_later(LIMIT, self._look)

    def _look(self) -> None:
        """Whether the engine has been silent for too long."""
        self._watch = None
        if not self._asked:
            return
        remaining = max(self._asked[0].since, self._came) + LIMIT - self._loop.time()
        if remaining > 0.001:
            self._watch = self._loop.call_later(remaining, self._look)
        else:
            self.end(f"did not answer within {LIMIT:g} s")

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(LOST)

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        self._came = self._loop.time()  # who sends a long answer is there
        self._reader.feed(data)
        try:
            while self._transport is not None and (answer := self._reader.gets()) is not False:
                self._came_to(answer)
        except hiredis.ProtocolError:
            self.end(LOST if data.startswith(ALERT) else NO_ENGINE)

    def _came_to(self, answer: Any) -> None:
        if isinstance(answer, hiredis.PushNotification) and answer[0] != b"subscribe":
            self._pushed(answer)
        elif self._asked:
            self._answered(answer)
        elif isinstance(answer, hiredis.ReplyError):  # it lets nobody in
            self.end(f"refuses: {answer}")
        else:
            self.end(NO_ENGINE)

    def _answered(self, answer: Any) -> None:
        words, heard, _ = self._asked.popleft()
        ends = ""
        if isinstance(answer, hiredis.ReplyError):
            if str(answer).startswith("NOSCRIPT"):
                self._repeat(words, heard)
                return
            ends = next((why for word, why in ENDS.items() if str(answer).startswith(word)), "")
            answer = StateError(f"the store at {self._shown} {ends}" if ends else _said(str(answer), self._user))
        if not isinstance(heard, WAITS):
            if isinstance(answer, StateError):
                if isinstance(heard, ToldCalls):
                    heard.refuse()
            elif heard is not None:
                heard(answer)
        elif not heard.done():
            if isinstance(answer, StateError):
                heard.set_exception(answer)
            else:
                heard.set_result(answer)
        if ends:
            self.end(ends)

    def _repeat(self, words: Sequence[Word], heard: Any) -> None:
        """The engine has forgotten its scripts: it did nothing, and knows them now."""
        text = next(script.text for script in scripts().values() if script.name == words[1])
        self.send([PendingCall(("SCRIPT", "LOAD", text), None), PendingCall(words, heard)])

    def end(self, why: str) -> None:
        """Let the connection go; what was sent is not answered any more."""
        transport, self._transport = self._transport, None
        if transport is None:
            return
        transport.abort()
        if self._watch is not None:
            self._watch.cancel()
        unanswered, self._asked = self._asked, deque()
        fail([*unanswered], f"the store at {self._shown} {why}")
        self._lost(why)


def _said(error: str, user: str) -> str:
    """The engine's own words, for whoever reads the answer."""
    if error.startswith(rights.REFUSED):
        return f"the store lets its user do too little ({error}); {rights.remedy(user)}"
    if error.startswith("NOAUTH"):
        return f"the store wants a password: {AS_A_URL}"
    if error.startswith("WRONGPASS"):
        return f"the store does not take this user and password: {AS_A_URL}"
    if unknown := UNKNOWN.match(error):
        return f"the store does not know {unknown[1]}: {rights.RENAMED}"
    if (remedy := FULL.get(error.partition(" ")[0])) is not None:
        told = error.partition(" script: ")[0].rstrip(".")
        return f"the store takes no more: {told}: {remedy}"
    return f"the store refuses: {error}"
