"""What a home on an engine does for webhooks; see `webhook_port`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.state.owed_webhooks import Deliverer
from mockserver.state.records import Post
from mockserver.state.webhook_records import OwedWebhook, WebhookPage
from mockserver.store import Attachment
from mockserver.stores.redis.calls import Calls


class Webhooks(Calls):
    """A part of `RedisState`."""

    deliverer: Deliverer

    def _finished(self, answer: Any) -> None:
        """A request of this worker is over."""

    async def webhooks(self, after: int, most: int) -> WebhookPage:
        return self.deliverer.webhooks(after, most)

    async def waiting_webhooks(self) -> Sequence[OwedWebhook]:
        return self.deliverer.waiting_webhooks()

    async def next_webhook(self) -> float | None:
        return self.deliverer.next_webhook()

    async def owe(self, owed: OwedWebhook) -> None:
        self.deliverer.owe(owed)

    async def walk(self, generation: int, seconds: float, quietly: bool) -> None:
        await self.deliverer.walk(seconds, quietly)

    async def settle_webhooks(self, generation: int) -> None:
        await self.deliverer.settle_webhooks()

    async def send_early(self, generation: int, post: Post, api: str, fault: Attachment) -> None:
        await self.deliverer.send_early(post, api, fault)

    async def send_once(self, generation: int, owed: OwedWebhook) -> OwedWebhook:
        return await self.deliverer.send_once(owed)

    async def resend(self, generation: int, identity: str) -> Sequence[OwedWebhook] | None:
        return await self.deliverer.resend(identity)
