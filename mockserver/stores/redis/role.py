"""Who delivers the webhooks of a sandbox: one worker at a time, which keeps what becomes of them in the engine.

Each time that another one takes the role a number grows; who has an older one keeps nothing any more.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from mockserver.clock import ClockReading
from mockserver.state.configuration import Configuration
from mockserver.state.owed_webhooks import Deliverer
from mockserver.state.records import Moved, Post
from mockserver.state.webhook_records import OwedWebhook
from mockserver.stores.redis.calls import Calls
from mockserver.stores.redis.codec import read, reader, written
from mockserver.stores.redis.values import reading_of

EFFECTS: dict[str, Any] = {"Post": Post, "Moved": Moved}
PAUSE, PAUSES = 0.005, 40


class SharedDeliverer(Deliverer, Protocol):
    """A deliverer that lets others go on where it has ended."""

    @property
    def known(self) -> Configuration: ...
    @property
    def dropped(self) -> int: ...
    def keep(self, keeper: Any) -> None: ...
    async def refresh(self) -> None: ...
    def see_clock(self, reading: ClockReading) -> None: ...
    def when_held(self, told: Callable[[], None]) -> None: ...
    def standing(self, posting: Any) -> OwedWebhook: ...
    def next_due(self) -> float | None: ...
    def leave(self) -> None: ...
    def restore(self, owed: Sequence[OwedWebhook], dropped: int) -> Iterator[Any]: ...


class RoleLost(Exception):
    """Another worker has the role."""


class WebhookRole:
    """The role in one sandbox, as one worker has it or not; `holder` is who had it when this one asked."""

    def __init__(self, calls: Calls, deliverer: SharedDeliverer) -> None:
        self._calls, self._deliverer = calls, deliverer
        self.is_mine, self._epoch = False, 0
        self._places: dict[int, tuple[int, Any]] = {}  # by posting, which lives as long as it is here
        self._changed: dict[int, None] = {}
        self._left: list[int] = []
        self._last = self._done = self._generation = 0
        self._is_due = False
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
        deliverer.keep(self)

    @property
    def _turn(self) -> asyncio.Lock:
        """One at a time takes the role or catches up."""
        return self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())

    def changed(self, posting: Any) -> None:
        """Something became of a posting."""
        if not self.is_mine:
            return
        self._begin_anew()
        if id(posting) not in self._places:
            self._last += 1
            self._places[id(posting)] = (self._last, posting)
        self._changed[id(posting)] = None
        self._flush_soon()

    def left(self, posting: Any) -> None:
        """A posting made room for newer ones; it may wait all the same."""
        self.changed(posting)

    def _begin_anew(self) -> None:
        """After a reset, what was kept is gone already."""
        generation = self._deliverer.known.generation
        if generation != self._generation:
            self._generation = generation
            self._forget()

    def _forget(self) -> None:
        self._places, self._changed, self._last, self._done = {}, {}, 0, 0

    def _flush_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Have what has changed kept in the engine."""
        self._is_due = False
        if not self.is_mine or not (self._changed or self._done):
            return
        changed, self._changed, done, self._done = self._changed, {}, self._done, 0
        due = self._deliverer.next_due()
        words: list[Any] = [self._deliverer.dropped, "" if due is None else repr(due)]
        for each in changed:
            place, posting = self._places[each]
            owed = self._deliverer.standing(posting)
            words += [place, written(owed)]
        about = (self._calls.worker.name, self._epoch, self._generation, done)
        self._calls.tell("owed", *about, *words, heard=self._kept)

    def _kept(self, answer: Any) -> None:
        if answer == b"LOST":
            self.lose()

    def lose(self) -> None:
        """Another worker has the role: nothing is under way here."""
        if self.is_mine:
            self.is_mine = False
            self._forget()
            self._deliverer.leave()

    async def take(self, gone: str = "") -> str:
        """Take the role, where nobody has it or who has is gone. Gives who has it; "" for this worker."""
        async with self._turn:
            if self.is_mine:
                return ""
            answer = await self._calls.ask("role", self._calls.worker.name, gone)
            if isinstance(answer, bytes):
                return answer.decode()
            epoch, owed, dropped = answer
            self._deliverer.see(await self._calls.configuration())
            self._begin_anew()
            self._forget()
            self._epoch = epoch
            self._restore(owed, dropped)
            return ""

    def _restore(self, owed: Sequence[bytes], dropped: int) -> None:
        known = sorted(zip(map(int, owed[::2]), owed[1::2], strict=True))
        postings = self._deliverer.restore([read(OwedWebhook, record) for _, record in known], dropped)
        for (place, _), posting in zip(known, postings, strict=False):
            self._places[id(posting)], self._last = (place, posting), place
        self.is_mine = True
        next(postings, None)

    async def catch_up(self) -> None:
        """See what was switched, what time it is, and what requests have caused. Raises Lost."""
        async with self._turn:
            for _ in range(PAUSES):
                if not self.is_mine:
                    raise RoleLost
                answer = await self._calls.ask("events", self._calls.worker.name, self._epoch)
                if answer == b"LOST":
                    self.lose()
                    raise RoleLost
                events, is_soon, rev, clock = answer
                if rev != self._deliverer.known.rev:
                    self._deliverer.see(await self._calls.configuration())
                self._begin_anew()
                self._deliverer.see_clock(reading_of(clock))
                self._cause(events)
                if not events and not is_soon:
                    return
                if not events:
                    await asyncio.sleep(PAUSE)

    def _cause(self, events: Sequence[bytes]) -> None:
        for each in events:
            name, api, effect = json.loads(each)
            self._deliverer.deliver(api, reader(EFFECTS[name])(effect))
            self._done += 1
            if name == "Moved":
                self._calls.tell("moved", self._calls.worker.name)  # its job is waited for, perhaps elsewhere
        if events:
            self.flush()
