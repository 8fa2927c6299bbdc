"""What the home in this process does for webhooks; see `webhook_port`. Delivers nothing itself, and keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from mockserver.clock import Clock, ClockReading
from mockserver.errors import Overtaken
from mockserver.state.configuration import Configuration
from mockserver.state.held_port import HeldRequests
from mockserver.state.records import Moved, Post
from mockserver.state.webhook_records import OwedWebhook, WebhookPage
from mockserver.store import Attachment


class Deliverer(Protocol):
    """Who delivers the webhooks of a sandbox: the process that owns it. See `WebhookState` for what is named alike."""

    def deliver(self, api: str, caused: Post | Moved) -> None:
        """What caused it was answered: a webhook may go out, or sooner than it would have."""

    def see(self, configuration: Configuration) -> None:
        """Control has switched something, or reset the sandbox."""

    def end(self) -> None:
        """The sandbox was closed."""

    def wake(self) -> None:
        """The clock goes otherwise: look again at what is due."""

    def held(self) -> HeldRequests:
        """The requests that this process holds until the clock is moved."""

    async def let_go_on(self, reading: ClockReading) -> None:
        """The clock says so: those that are held here until then go on, until each of them is held again, or over."""

    def observed(self, noted: Any, is_watched: bool) -> None:
        """What happens is to be told to this one (see `Noted`), or no more, and then to whom it tells all: `here`."""

    def owed(self, postings: Sequence[Any]) -> Sequence[OwedWebhook]:
        """What an observer was told of, as values."""

    def webhooks(self, after: int, most: int) -> WebhookPage: ...
    def waiting_webhooks(self) -> Sequence[OwedWebhook]: ...
    def next_webhook(self) -> float | None: ...
    def owe(self, owed: OwedWebhook) -> None: ...
    async def walk(self, seconds: float, quietly: bool, walk: str = "") -> None: ...
    async def settle_webhooks(self) -> None: ...
    async def send_early(self, post: Post, api: str, fault: Attachment) -> None: ...
    async def send_once(self, owed: OwedWebhook) -> OwedWebhook: ...
    async def resend(self, identity: str) -> Sequence[OwedWebhook] | None: ...


class OwedWebhooks:
    """A part of `Memory`."""

    clock: Clock
    configured: Configuration
    deliverer: Deliverer
    _why: str

    def _sending(self, generation: int) -> Deliverer:
        if generation != self.configured.generation:
            raise Overtaken(self._why)
        return self.deliverer

    async def webhooks(self, after: int, most: int) -> WebhookPage:
        return self.deliverer.webhooks(after, most)

    async def waiting_webhooks(self) -> Sequence[OwedWebhook]:
        return self.deliverer.waiting_webhooks()

    async def next_webhook(self) -> float | None:
        return self.deliverer.next_webhook()

    async def owe(self, owed: OwedWebhook) -> None:
        self.deliverer.owe(owed)

    async def walk(self, generation: int, seconds: float, quietly: bool) -> None:
        await self._sending(generation).walk(seconds, quietly)

    async def walk_end(self, generation: int, walk: str, seconds: float) -> float:
        self._sending(generation)
        return self.clock.moment_after(seconds)

    async def settle_webhooks(self, generation: int) -> None:
        await self._sending(generation).settle_webhooks()

    async def send_early(self, generation: int, post: Post, api: str, fault: Attachment) -> None:
        await self._sending(generation).send_early(post, api, fault)

    async def send_once(self, generation: int, owed: OwedWebhook) -> OwedWebhook:
        return await self._sending(generation).send_once(owed)

    async def resend(self, generation: int, identity: str) -> Sequence[OwedWebhook] | None:
        return await self._sending(generation).resend(identity)
