"""The home of a sandbox's state in this process. Its methods are `async` by the port's word, and never suspend."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any, Protocol

from mockserver.clock import Clock, monotonic
from mockserver.draws import Draws
from mockserver.journal import EntryFields, Journal
from mockserver.observer import Observer
from mockserver.ratelimit import Limiter
from mockserver.records import maker
from mockserver.shelf import Shelf
from mockserver.state.keys import Keys
from mockserver.state.port import (
    Begin,
    Begun,
    Charge,
    Effect,
    Forget,
    Keep,
    Key,
    KeyUse,
    Lookup,
    Moved,
    Named,
    Occupy,
    PageOf,
    PlanOrder,
    Post,
    Prolong,
    PutJob,
    Reckon,
    SaveAnswer,
    UseOrder,
    Wanted,
)
from mockserver.store import Job, MemoryStore, Owner

NOTHING: tuple[Any, ...] = ()
_begun = maker(Begun)


class Refunds(Protocol):
    """Who gives credits back when that is due."""

    def settle(self) -> None: ...
    def expect(self, job: str) -> None: ...


class Part:
    """What is kept of one API; `credits` by account, `orders` oldest first."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.limiter = Limiter()
        self.orders: deque[PlanOrder] = deque()
        self.credits: dict[str, float | None] = {}
        self.keys = Keys()
        self.refunds: Refunds | None = None

    def see(self, job: str, wanted: Wanted | None) -> tuple[Job | None, float, float | None, PlanOrder | None]:
        """The job that is named, and what is wanted, as they stand."""
        found = self.store.get(job) if job else None
        if wanted is None:
            return found, -inf, None, None
        owner, account, resource, most = wanted
        if self.refunds is not None:
            self.refunds.settle()
        order = next((each for each in self.orders if each.fits_to(resource)), None) if self.orders else None
        busy = self.store.busy_until(owner, most) if owner is not None else -inf
        return found, busy, self.credits.get(account), order

    def holds(self, effect: Effect) -> bool:
        """Whether things are as an effect expects them."""
        if isinstance(effect, Occupy):
            return self.store.busy_until(effect.owner, effect.most) <= effect.now
        if isinstance(effect, Charge):
            return self.credits.get(effect.account) == effect.expected
        return not isinstance(effect, UseOrder) or any(order.id == effect.order for order in self.orders)

    def occupy(self, effect: Occupy | Prolong) -> None:
        """An owner has a job that counts as active until a time."""
        busy = self.store.busy.get(effect.owner, {})
        if isinstance(effect, Occupy):
            busy = {job: until for job, until in busy.items() if until > effect.now}
        if isinstance(effect, Occupy) or effect.job in busy:
            self.store.busy[effect.owner] = {**busy, effect.job: effect.until}

    def use(self, effect: UseOrder) -> None:
        """An order was used once."""
        (at,) = (at for at, order in enumerate(self.orders) if order.id == effect.order)
        order = self.orders[at]
        if order.left == 1:
            del self.orders[at]
        else:
            self.orders[at] = order._replace(left=order.left - 1, used=order.used + 1)

    def charge(self, effect: Charge) -> None:
        """An account has other credits."""
        self.credits[effect.account] = effect.left
        self.reckon(effect.job)

    def reckon(self, job: str) -> None:
        """The price of a job may be given back."""
        if self.refunds is not None:
            self.refunds.expect(job)


class Memory:
    """A sandbox's state in this process; `deliver` is told of webhooks that may go out and of moved jobs."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        draws: Draws,
        journal: Journal,
        shelf: Shelf,
        deliver: Callable[[str, Post | Moved], None],
    ) -> None:
        self.name, self.clock, self.draws, self.journal, self.shelf = name, clock, draws, journal, shelf
        self._deliver = deliver
        self.observer: Observer | None = None
        self.parts: dict[str, Part] = {}
        self.in_flight: set[int] = set()
        self.used = monotonic()
        self._posts: dict[int, list[tuple[str, Post | Moved]]] = {}
        self._claims: dict[int, tuple[str, Key]] = {}

    def part(self, api: str) -> Part:
        """What is kept of an API."""
        return self.parts.setdefault(api, Part())

    def reset(self, draws: Draws) -> None:
        """Nothing is under way any more, and chance begins anew. What is kept of an API its own side lets go."""
        self.draws, self.in_flight, self._posts, self._claims = draws, set(), {}, {}

    async def begin(self, begin: Begin, job: str, valid_until: float, n: int) -> Begun:
        api, wanted, purposes, by_address, by_account = begin
        clock = self.clock
        if not n:
            self.used = monotonic()
            if clock.mode == "step":
                clock.tick()
            n = self.journal.next()
            self.in_flight.add(n)
        part, now, counts, numbers = self.parts[api], clock.now(), NOTHING, NOTHING
        if by_address or by_account:
            counts = part.limiter.counts(by_address, by_account if now < valid_until else (), now)
        if purposes:
            numbers = self.draws.numbers(purposes)
        if wanted is None:
            return _begun((n, now, counts, numbers, part.store.get(job), -inf, None, None))
        return _begun((n, now, counts, numbers, *part.see(job, wanted)))

    async def look(self, api: str, job: str, wanted: Wanted | None) -> Lookup:
        return Lookup(*self.parts[api].see(job, wanted))

    async def look_up(self, api: str, ids: Sequence[str]) -> Mapping[str, Named]:
        store = self.parts[api].store
        return {each: Named(store.get(each), store.produced(each)) for each in ids}

    async def page(self, api: str, page: PageOf) -> tuple[Sequence[Job], Job | None]:
        return self.parts[api].store.page(*page)

    async def count(self, api: str, owner: Owner) -> int:
        return self.parts[api].store.count(owner)

    async def newest(self, api: str, limit: int) -> Sequence[Job]:
        return self.parts[api].store.newest(limit)

    async def commit(self, api: str, n: int, effects: Sequence[Effect]) -> bool:
        part = self.parts[api]
        for effect in effects:
            if type(effect) is PutJob:
                job, expected = effect
                known = part.store.get(job.id)
                if (0 if known is None else known.rev) != expected:
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

    def _do(self, api: str, part: Part, n: int, effect: Any) -> None:
        match effect:
            case Occupy() | Prolong():
                part.occupy(effect)
            case Charge():
                part.charge(effect)
            case Reckon():
                part.reckon(effect.job)
            case UseOrder():
                part.use(effect)
            case Keep():
                self._keep(api, effect)
            case Forget():
                self.shelf.forget(effect.handle)
            case SaveAnswer():
                part.keys.save(effect.key, effect.answer)
            case Post() | Moved():
                self._posts.setdefault(n, []).append((api, effect))

    def _keep(self, api: str, effect: Keep) -> None:
        """Keep bytes within the server's bounds; what had to make room is noted in the journal."""
        for why in self.shelf.keep(effect.handle.id, self.name):
            self.journal.note(self.clock.now(), "dropped", api, why)

    async def claim_key(self, api: str, key: Key, use: KeyUse, ttl: float) -> KeyUse | None:
        known = self.parts[api].keys.claim(key, use, ttl)
        if known is None:
            self._claims[use.n] = (api, key)
        return known

    def enter(self, entry: EntryFields, weight: int) -> None:
        self.journal.add(entry, weight)

    def see(self, api: str, operation: str, counts: Mapping[str, int]) -> None:
        self.journal.see(api, operation, counts)

    def finish(self, n: int) -> None:
        self.in_flight.discard(n)
        if self._claims and n in self._claims:
            name, key = self._claims.pop(n)
            self.parts[name].keys.give_up(key, n)
        for api, post in self._posts.pop(n, ()):
            self._deliver(api, post)
