"""What a home on an engine does for webhooks; see `webhook_port`. It is done here, or asked of who delivers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from mockserver.clock import check_leap
from mockserver.errors import Overtaken, StateError
from mockserver.signing import new_name
from mockserver.state.records import Post
from mockserver.state.webhook_records import OwedWebhook, WebhookPage
from mockserver.store import Attachment
from mockserver.stores.redis.asking import ANYTIME, plain, words_of
from mockserver.stores.redis.ends import AGAIN
from mockserver.stores.redis.role import PAUSE, RoleLost, SharedDeliverer, WebhookRole
from mockserver.stores.redis.secrets import IssuedSecrets
from mockserver.stores.redis.values import reading_of

TRIES = 200
"""So often who delivers is looked for; between two of them is a twentieth of a second or more."""


class WebhookCalls(IssuedSecrets):
    """A part of `RedisState`."""

    deliverer: SharedDeliverer
    role: WebhookRole

    def _finished(self, answer: Any) -> None:
        """A request of this worker is over: what it caused is delivered here, or whoever delivers was told."""
        if answer != 0 and answer in (b"", self.worker.name.encode()):
            self.wake()

    def wake(self) -> None:
        """There is something to deliver, or the clock was moved."""
        self.worker.spawn(self._catch_up)

    async def _catch_up(self) -> None:
        """Deliver what is to be delivered, where nobody else does; again and again, where the engine takes no more."""
        while True:
            try:
                if not await self.role.take():
                    await self.role.catch_up()
                return
            except RoleLost:  # by another one, or it is to be taken anew
                await asyncio.sleep(PAUSE)
            except Overtaken:  # by its end
                self.deliverer.end()
                return
            except StateError:
                if not self._is_made:  # the engine has lost the sandbox: who asks for it next is told
                    return
                await asyncio.sleep(AGAIN)

    async def take_over(self) -> None:
        """Deliver, where nobody does who is there."""
        holder = await self.role.take()
        if holder and await self.worker.is_gone(holder):
            await self.role.take(holder)
        if self.role.is_mine:
            self.wake()

    def tell_again(self) -> None:
        super().tell_again()
        self.role.told.tell_again()

    def come_back(self) -> None:
        """There was no connection for a while: see what was done meanwhile."""
        self.miss_issued()
        self.worker.spawn(self._come_back)

    async def _come_back(self) -> None:
        if self._unsaid:
            await self._hear_missed()
        answer = await self.worker.pipe.ask(*self._names["again"], self.worker.name)
        if answer == b"GONE":  # who asks for it next is told
            return
        if answer == b"CLOSED":
            await self.deliverer.refresh()
            return
        rev, holder, events, clock, under_way = answer
        self.end_others(under_way)
        if rev != self.deliverer.known.rev:
            await self.deliverer.refresh()
        self.deliverer.see_clock(reading_of(clock))
        if self.role.is_mine or holder == self.worker.name.encode() or (events and not holder):
            await self._catch_up()

    async def _asked(self, call: str, generation: int, *words: Any) -> Any:
        """Have the worker do it that delivers; where it is gone, another one does."""
        for _ in range(TRIES):
            holder = await self.role.take()
            if holder:
                is_done, answer = await self.worker.request(holder, self.base, call, generation, words)
                if is_done:
                    return answer
                await self._without(holder)
                continue
            with suppress(RoleLost):
                return await self.perform(call, generation, words)
        raise StateError(f"nobody delivers the webhooks of the sandbox {self.name!r} for now")

    async def _without(self, worker_name: str) -> None:
        """Who delivered is gone, or has not answered."""
        if await self.worker.is_gone(worker_name):
            await self.role.take(worker_name)
        else:
            await asyncio.sleep(0.05)

    async def perform(self, call: str, generation: int, words: Sequence[Any]) -> Any:
        """Do it here. Raises RoleLost where another worker has to."""
        await self.role.catch_up()
        if generation != ANYTIME and generation != self.deliverer.known.generation:
            raise Overtaken(self._why)
        epoch = self.role.told.epoch
        try:
            answer = getattr(self.deliverer, call)(*words)
            if asyncio.iscoroutine(answer):
                answer = await answer
        except Overtaken:
            if self.role.is_mine and self.role.told.epoch == epoch:
                raise
            raise RoleLost from None  # it stood still, or was away: another one goes on with it
        self.role.flush()
        return answer

    async def perform_for(self, call: str, generation: int, data: Sequence[Any]) -> str:
        """The same for another worker, by what it has written. Raises RoleLost."""
        if await self.role.take():
            raise RoleLost
        return plain(await self.perform(call, generation, words_of(call, data)))

    async def webhooks(self, after: int, most: int) -> WebhookPage:
        page: WebhookPage = await self._asked("webhooks", ANYTIME, after, most)
        return page

    async def waiting_webhooks(self) -> Sequence[OwedWebhook]:
        webhooks: Sequence[OwedWebhook] = await self._asked("waiting_webhooks", ANYTIME)
        return webhooks

    async def next_webhook(self) -> float | None:
        due: float | None = await self._asked("next_webhook", ANYTIME)
        return due

    async def owe(self, owed: OwedWebhook) -> None:
        await self._asked("owe", ANYTIME, owed)

    async def walk(self, generation: int, seconds: float, quietly: bool) -> None:
        walk = new_name()
        try:
            await self._asked("walk", generation, seconds, quietly, walk)
        finally:
            self.worker.pipe.tell("HDEL", f"{self.base}:walks", walk)

    async def walk_end(self, generation: int, walk: str, seconds: float) -> float:
        check_leap(seconds)
        reading, end, is_new = await self.ask("clock", "walk", generation, repr(seconds), walk)
        if is_new:
            reading_of(reading).moment_after(seconds)  # there may be no date left for it
        return float(end)

    async def settle_webhooks(self, generation: int) -> None:
        await self._asked("settle_webhooks", generation)

    async def send_early(self, generation: int, post: Post, api: str, fault: Attachment) -> None:
        await self._asked("send_early", generation, post, api, fault)

    async def send_once(self, generation: int, owed: OwedWebhook) -> OwedWebhook:
        delivered: OwedWebhook = await self._asked("send_once", generation, owed)
        return delivered

    async def resend(self, generation: int, identity: str) -> Sequence[OwedWebhook] | None:
        delivered: Sequence[OwedWebhook] | None = await self._asked("resend", generation, identity)
        return delivered
