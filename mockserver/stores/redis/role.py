"""Who delivers the webhooks of a sandbox: one worker at a time, which keeps what becomes of them in the engine.

Each time that another one takes the role a number grows; who has an older one keeps nothing any more.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import Any, Protocol

from mockserver.bounds import cut
from mockserver.clock import ClockReading
from mockserver.event_loops import OneAtATime
from mockserver.journal import noted
from mockserver.state.configuration import Configuration
from mockserver.state.owed_webhooks import Deliverer
from mockserver.state.records import Moved, Post
from mockserver.state.webhook_records import OwedWebhook
from mockserver.stores.redis.codec import read, reader, written
from mockserver.stores.redis.ends import EndCalls
from mockserver.stores.redis.kept_in_order import KeptInOrder
from mockserver.stores.redis.values import reading_of

EFFECTS: dict[str, Any] = {"Post": Post, "Moved": Moved}
PAUSE, PAUSES = 0.005, 40
PAGE, MANY = 100, 200
"""So many webhooks are read, and told of, at once."""


class SharedDeliverer(Deliverer, Protocol):
    """A deliverer that lets others go on where it has ended."""

    @property
    def known(self) -> Configuration: ...
    @property
    def issues(self) -> bool: ...
    def hide(self, secret: str, api: str, issued: Sequence[tuple[str, str]]) -> None: ...
    def without_issued(self, text: str) -> str: ...
    @property
    def dropped(self) -> int: ...
    def keep(self, keeper: Any) -> None: ...
    async def refresh(self) -> None: ...
    def see_clock(self, reading: ClockReading) -> None: ...
    def when_held(self, told: Callable[[], None]) -> None: ...
    @property
    def now(self) -> float: ...
    def standing(self, posting: Any) -> OwedWebhook | None: ...
    def next_due(self) -> float | None: ...
    def leave(self) -> None: ...
    def begin_again(self, dropped: int) -> None: ...
    def made(self, owed: OwedWebhook) -> Any: ...
    def go_on(self, posting: Any, due: float | None) -> None: ...


class RoleLost(Exception):
    """Another worker has the role."""


class WebhookRole:
    """The role in one sandbox, as one worker has it or not; `holder` is who had it when this one asked."""

    def __init__(self, calls: EndCalls, deliverer: SharedDeliverer) -> None:
        self._calls, self._deliverer = calls, deliverer
        self.is_mine, self.told = False, KeptInOrder(calls, self.lose)
        self._places: dict[int, tuple[int, Any]] = {}  # by posting, which lives as long as it is here
        self._changed: dict[int, Any] = {}
        self._taken_up: Any = None
        self._last = self._done = self._generation = 0
        self._is_due = self._has_moved = False
        self._turns = OneAtATime()
        deliverer.keep(self)

    @property
    def _turn(self) -> asyncio.Lock:
        """One at a time takes the role or catches up."""
        return self._turns.lock()

    def changed(self, posting: Any) -> None:
        """Something became of a posting."""
        if not self.is_mine or posting is self._taken_up:
            return
        self._begin_anew()
        self._changed[id(posting)] = posting
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
        self._places, self._changed, self._last, self._done, self._has_moved = {}, {}, 0, 0, False

    def _flush_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Have what has changed kept in the engine."""
        self._is_due = False
        if not self.is_mine or not (self._changed or self._done):
            return
        changed, self._changed, deliveries_done, self._done = [*self._changed.values()], {}, self._done, 0
        self._tell(deliveries_done, changed[:MANY])
        for at in range(MANY, len(changed), MANY):
            self._tell(0, changed[at : at + MANY])

    def _tell(self, deliveries_done: int, changed: Sequence[Any]) -> None:
        due = self._deliverer.next_due()
        words: list[Any] = [
            self._generation,
            deliveries_done,
            int(self._has_moved),
            self._deliverer.dropped,
            "" if due is None else repr(due),
        ]
        self._has_moved = False
        for posting in changed:
            words += self._words(posting)
        self.told.tell(*words)

    def _words(self, posting: Any) -> Sequence[Any]:
        """Of one that is neither listed nor waits, nothing is kept."""
        webhook = self._deliverer.standing(posting)
        place = self._places.get(id(posting))
        if webhook is None:
            self._places.pop(id(posting), None)
            return () if place is None else (place[0], 0, "")
        if place is None:
            self._last += 1
            place = self._places[id(posting)] = (self._last, posting)
        return place[0], int(webhook.next_at is not None and webhook.next_at < inf), written(webhook)

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
            epoch, dropped, places = answer
            self._deliverer.see(await self._calls.configuration())
            self._begin_anew()
            self._forget()
            self.told.begin(epoch)
            self.is_mine = True
            try:
                await self._restore(sorted(map(int, places)), dropped)
            except BaseException:
                self.lose()  # as it is named there, it takes the role anew
                raise
            return ""

    async def _restore(self, places: Sequence[int], dropped: int) -> None:
        """Go on with what another process has left, in its order, page by page."""
        self._deliverer.begin_again(dropped)
        self._last = places[-1] if places else 0
        for at in range(0, len(places), PAGE):
            page = places[at : at + PAGE]
            records = await self._calls.worker.pipe.ask("HMGET", f"{self._calls.base}:owed", *page)
            if not self.is_mine or self._deliverer.known.generation != self._generation:
                return
            for place, record in zip(page, records, strict=True):
                if record is not None:
                    self._take_up(place, record)
        if self.told.last and not self._changed:
            self._tell(0, ())  # when the next one is due is known by now

    def _take_up(self, place: int, record: bytes) -> None:
        with self._readable(record):
            webhook = read(OwedWebhook, record)
            posting = self._deliverer.made(webhook)
            self._places[id(posting)], self._taken_up = (place, posting), posting
            try:
                self._deliverer.go_on(posting, webhook.next_at)
            finally:
                self._taken_up = None

    @contextmanager
    def _readable(self, record: bytes) -> Iterator[None]:
        """What cannot be read is noted, and blocks nothing."""
        try:
            yield
        except Exception as error:
            why = f"A webhook that was kept cannot be read and is not delivered: {type(error).__name__}: {error}"
            self._calls.enter(
                *noted(self._deliverer.now, "dropped", "", why, record=cut(record.decode("utf-8", "replace"), 200))
            )

    async def catch_up(self) -> None:
        """See what was switched, what time it is, and what requests have caused. Raises RoleLost."""
        async with self._turn:
            for _ in range(PAUSES):
                if not self.is_mine:
                    raise RoleLost
                answer = await self._calls.ask("events", self._calls.worker.name, self.told.epoch, self.told.last)
                if answer == b"LOST" or (answer == b"BEHIND" and self.told.is_heard):
                    self.lose()
                    raise RoleLost
                if answer == b"BEHIND":
                    self.told.tell_again()
                elif await self._is_caught_up(*answer):
                    return
                await asyncio.sleep(PAUSE)

    async def _is_caught_up(self, events: Sequence[bytes], is_soon: int, rev: int, clock: Any) -> bool:
        if rev != self._deliverer.known.rev:
            self._deliverer.see(await self._calls.configuration())
        self._begin_anew()
        self._deliverer.see_clock(reading_of(clock))
        self._cause(events)
        return not events and not is_soon

    def _cause(self, events: Sequence[bytes]) -> None:
        for event in events:
            with self._readable(event):
                name, api, effect = json.loads(event)
                self._deliverer.deliver(api, reader(EFFECTS[name])(effect))
                self._has_moved |= name == "Moved"  # its job is waited for, perhaps elsewhere
            self._done += 1
        if events:
            self.flush()
