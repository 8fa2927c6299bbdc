"""The home of a sandbox's state in this process. Its methods are `async` by the port's word, and never suspend."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import inf
from threading import Lock
from typing import Any

from mockserver.clock import Clock, ClockReading, monotonic
from mockserver.draws import Draws
from mockserver.errors import Closed, Overtaken
from mockserver.journal import EntryFields, Journal
from mockserver.observer import Observer
from mockserver.ratelimit import Limiter
from mockserver.records import maker
from mockserver.state.configuration import Configuration
from mockserver.state.counted_faults import CountedFaults
from mockserver.state.fault_counts import FaultCounts
from mockserver.state.kept_requests import KeptRequests
from mockserver.state.kept_uploads import KeptUploads
from mockserver.state.noted_changes import NotedChanges
from mockserver.state.owed_webhooks import Deliverer, OwedWebhooks
from mockserver.state.part import ApiPart
from mockserver.state.passed_on import PassedOn
from mockserver.state.placed_orders import PlacedOrders
from mockserver.state.port import (
    Begin,
    Begun,
    Charge,
    Drop,
    Effect,
    Forget,
    KeepUpload,
    KeyName,
    KeyUse,
    Lookup,
    Moved,
    Occupy,
    Post,
    Prolong,
    PutJob,
    Refund,
    SaveAnswer,
    UseOrder,
    WantedRecords,
)
from mockserver.state.read_jobs import ReadJobs
from mockserver.state.read_journal import ReadJournal
from mockserver.time_slices import emptied
from mockserver.upload_store import Shelf

NOTHING: tuple[Any, ...] = ()
_begun = maker(Begun)


class Memory(
    CountedFaults, KeptRequests, KeptUploads, NotedChanges, OwedWebhooks, PassedOn, PlacedOrders, ReadJobs, ReadJournal
):
    """A sandbox's state in this process; what is to be delivered, its deliverer is told."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        draws: Draws,
        journal: Journal,
        shelf: Shelf,
        deliverer: Deliverer,
        configured: Configuration,
    ) -> None:
        self.name, self.clock, self.draws, self.journal, self.shelf = name, clock, draws, journal, shelf
        self.deliverer = deliverer
        self.observer: Observer | None = None
        self.parts: dict[str, ApiPart] = {}
        self.in_flight: set[int] = set()
        self.used = monotonic()
        self._posts: dict[int, list[tuple[str, Post | Moved]]] = {}
        self._claims: dict[int, tuple[str, KeyName]] = {}
        self._since = 0  # the number of the last request that began before a reset
        self._is_closed = False
        self._leaving: list[Any] = []
        self._forgetting: list[Iterator[None]] = []
        self._putting = Lock()
        self._why = f"the sandbox {name!r} was reset while this was under way"
        self.configured, self._rev = configured._replace(rev=0), 0
        self._put(configured._replace(rev=1))

    def part(self, api: str) -> ApiPart:
        """What is kept of an API."""
        return self.parts.setdefault(api, ApiPart())

    def renew(self, configuration: Configuration) -> bool:
        """Begin the next generation; what was kept is out of sight at once, and let go step by step by `leave`.

        Accounts stay: those that are opened from now on are none of them.
        """
        if not self._put(configuration):
            return False
        self._since = self.journal.newest
        self.in_flight, self._posts, self._claims = set(), {}, {}
        opened = {purpose: n for purpose, n in self.draws.counts().items() if purpose.startswith("account.")}
        self.draws = Draws(self.draws.seed)
        self.draws.go_on(opened)
        for name, settings in configuration.apis.items():
            part = self.part(name)
            part.limiter, part.orders, part.faults = Limiter(), deque(), FaultCounts()
            part.faults.have(settings.faults)
            part.credits.update({a.id: a.opening for a in settings.accounts if a.credits is None})
        self._leaving += self._let_go()
        self._forgetting.append(self.shelf.forget_all(self.name))
        self.deliverer.see(configuration)
        return True

    def _let_go(self) -> list[Any]:
        requests = self.request_log.clear() if self.request_log is not None else []
        return [self.journal.clear(), requests, *(part.leave() for part in self.parts.values())]

    def leave(self) -> Iterator[None]:
        """Let go of what earlier generations have left, step by step."""
        leaving, self._leaving = self._leaving, []
        forgetting, self._forgetting = self._forgetting, []
        return chain(emptied(*leaving), *forgetting)

    def close(self) -> None:
        """Nothing is kept any more; see `leave`. No request begins; what those do that have begun changes nothing."""
        if self._is_closed:
            return
        self._is_closed, self._since, self._rev = True, sys.maxsize, -1
        self._why = f"the sandbox {self.name!r} was closed while this was under way"
        if self.request_log is not None:
            self._leaving.append(self.request_log.leave())
            self.request_log = None
        self._leaving += self._let_go()
        self._forgetting.append(self.shelf.forget_all(self.name))
        self.deliverer.end()

    def _check(self, n: int) -> None:
        """Raises Overtaken for a request that began before a reset, or before the end."""
        if self._is_closed or 0 < n <= self._since:
            raise Overtaken(self._why)

    def put(self, configuration: Configuration) -> bool:
        """Keep the next revision of what control switched; False for any other one."""
        is_next = self._put(configuration)
        if is_next:
            self.deliverer.see(configuration)
        return is_next

    def _put(self, configuration: Configuration) -> bool:
        with self._putting:  # a test's thread may do so as well
            if configuration.rev != self._rev + 1:
                return False
            self.configured, self._rev = configuration, configuration.rev
        for name, settings in configuration.apis.items():
            credits = self.part(name).credits
            credits.update({a.id: a.opening for a in settings.accounts if a.id not in credits})
            self.part(name).faults.have(settings.faults)
        return True

    async def configuration(self) -> Configuration:
        if self._is_closed:
            raise Closed(f"the sandbox {self.name!r} was closed")
        return self.configured

    async def configure(self, configuration: Configuration) -> bool:
        return self.put(configuration)

    async def reset(self, configuration: Configuration) -> bool:
        return self.renew(configuration)

    async def read_clock(self, tick: bool = False) -> ClockReading:
        if tick:
            self.clock.tick()
        return self.clock.reading()

    async def switch_clock(self, reading: ClockReading) -> ClockReading | None:
        if reading.rev != self.clock.rev + 1:
            return None
        self.clock.set(reading.mode, rate=reading.rate, step=reading.step)
        self.deliverer.wake()
        return self.clock.reading()

    async def move_clock(self, generation: int, to: float, by: float = 0.0) -> ClockReading:
        if generation != self.configured.generation:
            raise Overtaken(self._why)
        self.clock.move_to(to)
        if by:
            self.clock.jump(by)
        return self.clock.reading()

    async def next_held(self, after: float = 0.0) -> float | None:
        await self.deliverer.let_go_on(self.clock.reading())
        due = self.deliverer.held().due
        return due if due is not None and due > after else None

    async def stop_at(self, generation: int, moment: float) -> ClockReading:
        reading = await self.move_clock(generation, moment)
        await self.deliverer.let_go_on(reading)
        return reading

    async def begin(self, begin: Begin, job: str, valid_until: float, n: int) -> Begun | None:
        api, wanted, purposes, by_address, by_account, rev = begin
        clock = self.clock
        if not n:
            if rev != self._rev:
                return None
            self.used = monotonic()
            if clock.mode == "step":
                clock.tick()
            n = self.journal.next()
            self.in_flight.add(n)
        elif n <= self._since:
            self._check(n)
        part, now, counts, numbers = self.parts[api], clock.now(), NOTHING, NOTHING
        if by_address or by_account:
            counts = part.limiter.counts(by_address, by_account if now < valid_until else (), now)
        if purposes:
            numbers = self.draws.numbers(purposes)
        if wanted is None:
            return _begun((n, now, counts, numbers, part.store.get(job), -inf, None, None))
        return _begun((n, now, counts, numbers, *part.see(job, wanted, now)))

    async def look(self, api: str, job: str, wanted: WantedRecords | None) -> Lookup:
        return Lookup(*self.parts[api].see(job, wanted, self.clock.now()))

    async def commit(self, api: str, n: int, effects: Sequence[Effect]) -> bool:
        if n <= self._since:
            self._check(n)
        part = self.parts[api]
        for effect in effects:
            if type(effect) is PutJob:
                job, expected = effect
                before = part.store.get(job.id)
                if (0 if before is None else before.rev) != expected:
                    return False
            elif not part.holds(effect):
                return False
        for effect in effects:
            if type(effect) is PutJob:
                part.store.put(effect[0])
            else:
                self._do(api, part, n, effect)
        if self.observer is not None:
            self.observer.jobs_changed(api, [effect[0].id for effect in effects if type(effect) is PutJob])
        return True

    def _do(self, api: str, part: ApiPart, n: int, effect: Any) -> None:
        match effect:
            case Occupy() | Prolong():
                part.occupy(effect)
            case Charge():
                part.charge(effect)
            case Drop():
                part.store.drop(effect.jobs)
            case Refund():
                part.refunds.expect(effect, part.store)
            case UseOrder():
                part.use(effect)
            case KeepUpload():
                self._keep(api, effect)
            case Forget():
                self.shelf.forget(effect.handle)
            case SaveAnswer():
                part.keys.save(effect.key, effect.answer)
            case Post() | Moved():
                self._posts.setdefault(n, []).append((api, effect))

    def _keep(self, api: str, effect: KeepUpload) -> None:
        """Keep bytes within the server's bounds; what had to make room is noted in the journal."""
        for why in self.shelf.keep(effect.handle.id, self.name):
            self.journal.note(self.clock.now(), "dropped", api, why)

    async def claim_key(self, api: str, key: KeyName, use: KeyUse, ttl: float) -> KeyUse | None:
        self._check(use.n)
        earlier = self.parts[api].keys.claim(key, use, ttl)
        if earlier is None:
            self._claims[use.n] = (api, key)
        return earlier

    def enter(self, entry: EntryFields, weight: int) -> None:
        if entry[0] > self._since:
            self.journal.add(entry, weight)
        elif not entry[0] and not self._is_closed:
            self.journal.add((self.journal.next(), *entry[1:]), weight)

    def see(self, n: int, api: str, operation: str, counts: Mapping[str, int]) -> None:
        if not n or n > self._since:
            self.journal.see(api, operation, counts)

    def finish(self, n: int) -> None:
        self.in_flight.discard(n)
        if self._claims and n in self._claims:
            name, key = self._claims.pop(n)
            self.parts[name].keys.give_up(key, n)
        for api, post in self._posts.pop(n, ()):
            self.deliverer.deliver(api, post)
