"""The home of a sandbox's state on an engine that speaks the protocol of Redis: one script for each call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from mockserver.bounds import weigh
from mockserver.clock import ClockReading, clock_settings
from mockserver.errors import Closed, Overtaken
from mockserver.journal import noted
from mockserver.state.configuration import Configuration
from mockserver.state.port import (
    Begin,
    Begun,
    Effect,
    KeyName,
    KeyUse,
    Lookup,
    NamedJobs,
    PageOf,
    WantedRecords,
)
from mockserver.state.records import PlanOrder
from mockserver.store import JobRecord, LockOwner
from mockserver.stores.redis.asking import GO_ON, TOLD, plain
from mockserver.stores.redis.calls import Asker, First
from mockserver.stores.redis.changed import Changed
from mockserver.stores.redis.faults import FaultCalls
from mockserver.stores.redis.holding import Holding
from mockserver.stores.redis.journal import JournalCalls
from mockserver.stores.redis.remainders import Remainders
from mockserver.stores.redis.requests import RequestCalls
from mockserver.stores.redis.role import RoleLost, SharedDeliverer, WebhookRole
from mockserver.stores.redis.uploads import Uploads
from mockserver.stores.redis.using import UsedSandbox
from mockserver.stores.redis.values import (
    begin_word,
    begun_of,
    configuration_of,
    configuration_words,
    credits_of,
    effect_words,
    found_job,
    job_of,
    key_word,
    order_of,
    order_words,
    owner_word,
    reading_of,
    use_of,
    use_start,
    wanted_words,
)
from mockserver.stores.redis.webhooks import WebhookCalls


class RedisState(
    Changed, FaultCalls, Holding, JournalCalls, Remainders, RequestCalls, Uploads, UsedSandbox, WebhookCalls
):
    """See `State`. `observer` is told of what this worker did."""

    def __init__(self, worker: Asker, name: str, first: First, deliverer: SharedDeliverer) -> None:
        super().__init__(worker, name, first)
        self.deliverer, self.role = deliverer, WebhookRole(self, deliverer)
        deliverer.when_held(self.hold)

    async def perform_for(self, call: str, generation: int, data: Sequence[Any]) -> str:
        if call == GO_ON:
            await self.let_go_on_here(*data)
            return plain(None)
        return plain(await self.told_here(*data)) if call == TOLD else await super().perform_for(call, generation, data)

    async def see_caused(self) -> None:
        if self.role.is_mine:
            with suppress(RoleLost):  # the outbox that walks has nothing to deliver any more
                await self.role.catch_up()

    def tell_again(self) -> None:
        super().tell_again()
        self.hold_again()

    async def configuration(self) -> Configuration:
        try:
            configuration = configuration_of(await self.ask("configuration"))
        except Overtaken:
            raise Closed(f"the sandbox {self.name!r} was closed") from None
        self._is_behind = False
        if self._missed:
            await self._hear_issued(configuration.secret)
        return configuration

    async def configure(self, configuration: Configuration) -> bool:
        return bool(await self.ask("configure", configuration.rev, *configuration_words(configuration)))

    async def reset(self, configuration: Configuration) -> bool:
        was_reset = bool(await self.ask("reset", configuration.rev, *configuration_words(configuration)))
        if was_reset:
            self.worker.tell_anew(self.base)
        return was_reset

    async def reserve(self, purposes: Sequence[str]) -> Sequence[int]:
        return tuple(await self.ask("reserve", *purposes))

    async def read_clock(self, tick: bool = False) -> ClockReading:
        return reading_of(await self.ask("clock", "read", int(tick), "", "", self.worker.name))

    async def switch_clock(self, reading: ClockReading) -> ClockReading | None:
        mode, rate, step, _, rev = reading
        clock_settings({"mode": mode, "rate": rate, "step": step})
        answer = await self.ask("clock", "switch", mode, repr(rate), repr(step), rev, self.worker.name)
        return None if answer == 0 else reading_of(answer)

    async def move_clock(self, generation: int, to: float, by: float = 0.0) -> ClockReading:
        return reading_of(await self.ask("clock", "move", generation, repr(to), repr(by), self.worker.name))

    async def begin(self, begin: Begin, job: str, valid_until: float, n: int) -> Begun | None:
        if not self._is_made:
            try:
                await self.make()
            except Closed:  # whoever looks what is there finds out
                return None
        if self._is_behind and not n:
            return None
        start = self._begins
        if n:
            start = (*start[:-1], str(n))
        else:
            self.touch()  # it goes along
        answer = await self.worker.pipe.ask_together(start, (job,), 4, begin_word(begin, valid_until))
        if type(answer) is list and type(answer[0]) is bytes:
            answer = answer[0]
        if type(answer) is bytes:
            if answer == b"STALE" or (not n and answer == b"GONE" and await self.is_closed()):
                return None
            raise await self._refused(answer)
        begun = begun_of(*answer)
        self._under_way.add(begun.n)
        if self._missed:
            await self._hear_issued(self.deliverer.known.secret)
        return begun

    async def look(self, api: str, job: str, wanted: WantedRecords | None) -> Lookup:
        record, busy, credits, order = await self.ask("look", api, job, *wanted_words(wanted))
        order = None if order is None else order_of(order)
        return Lookup(found_job(record), float(busy), credits_of(credits), order)

    async def look_up(self, api: str, ids: Sequence[str]) -> Mapping[str, NamedJobs]:
        answer = await self.ask("named", api, *ids)
        records = [*map(found_job, answer)]
        return {identity: NamedJobs(records[2 * at], records[2 * at + 1]) for at, identity in enumerate(ids)}

    async def page(self, api: str, page: PageOf) -> tuple[Sequence[JobRecord], JobRecord | None]:
        jobs: list[JobRecord] = []
        while True:
            after = "" if page.after is None else f"={page.after}"
            words = (after, page.most, int(page.with_it), int(page.ascending), page.skip)
            following, *records = await self.ask("page", api, owner_word(page.owner), *words)
            jobs += map(job_of, records)
            if following is None or len(records) >= page.most:
                return jobs, found_job(following)
            page = page._replace(after=jobs[-1].id, most=page.most - len(records), with_it=False, skip=0)

    async def count(self, api: str, owner: LockOwner) -> int:
        number: int = await self.ask("count", api, owner_word(owner))
        return number

    async def newest(self, api: str, limit: int) -> Sequence[JobRecord]:
        jobs: list[JobRecord] = []
        place: bytes | None = b""
        while place is not None and len(jobs) < limit:
            place, *records = await self.ask("newest", api, limit - len(jobs), place)
            jobs += map(job_of, records)
        return jobs

    async def commit(self, api: str, n: int, effects: Sequence[Effect]) -> bool:
        words = [word for effect in effects for word in effect_words(effect, api)]
        if not self._is_made:
            await self.make()
        waiting = self.worker.pipe.ask_together(self._names["commit"], (api, n, len(words), *words))
        answer = await self._known(waiting)
        if answer == 0:
            return False
        if answer != 1:
            now, dropped = answer
            for upload in dropped:
                self.enter(*noted(float(now), "dropped", api, self._made_room(upload)))
        if (observer := self.onlooker) is not None:
            observer.touched()
        return True

    async def place(self, api: str, order: PlanOrder) -> PlanOrder | None:
        answer = await self.ask("place", api, *order_words(order))
        return None if answer == 0 else order_of(answer)

    async def orders(self, api: str) -> Sequence[PlanOrder]:
        return tuple([order_of(word) for word in await self.ask("orders", api)])

    async def withdraw(self, api: str, order: str) -> bool:
        return bool(await self.ask("withdraw", api, order))

    async def claim_key(self, api: str, key: KeyName, use: KeyUse, ttl: float) -> KeyUse | None:
        words = (key_word(key), repr(use.at), use.n, repr(ttl), weigh((key, use)), use_start(use))
        answer = await self.ask("claim", api, *words)
        if answer == 1:
            return None
        return use_of(answer)
