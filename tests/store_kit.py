"""Servers of this process whose state is on an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mockserver.clock import ClockReading
from mockserver.state.configuration import Configuration
from mockserver.state.held_port import HeldRequests
from mockserver.state.index_port import Index
from mockserver.state.memory import Memory
from mockserver.state.memory_index import MemoryIndex
from mockserver.state.port import Post, State
from mockserver.state.webhook_records import OwedWebhook, WebhookPage
from mockserver.store import Attachment
from mockserver.stores.redis import RedisStore

Ports = tuple[Callable[[Memory], State], Callable[[MemoryIndex], Index]]


def ports_of(store: RedisStore) -> Ports:
    """What a server sees of its sandboxes' state, and of their index."""
    return store.state, store.index


class Idle:
    """Nobody delivers."""

    known = Configuration()
    dropped = 0
    now = 0.0
    issues = False

    def without_issued(self, text: str) -> str:
        return text

    def hide(self, secret: str, api: str, issued: Sequence[tuple[str, str]]) -> None:
        """It keeps no journal."""

    def keep(self, keeper: Any) -> None:
        """It has nothing to tell."""

    def when_held(self, told: Callable[[], None]) -> None:
        """Nothing is held."""

    def held(self) -> HeldRequests:
        return HeldRequests()

    async def let_go_on(self, reading: ClockReading) -> None:
        """Nothing is held."""

    async def refresh(self) -> None:
        """Nothing is under way."""

    def see_clock(self, reading: ClockReading) -> None:
        """It has no clock."""

    def next_due(self) -> None:
        return None

    def leave(self) -> None:
        """Nothing is under way."""

    def begin_again(self, dropped: int) -> None:
        """Nothing was left."""

    def made(self, owed: OwedWebhook) -> OwedWebhook:
        return owed

    def go_on(self, posting: Any, due: float | None) -> None:
        """It does not."""

    def deliver(self, api: str, caused: Any) -> None:
        """Not here."""

    def see(self, configuration: Configuration) -> None:
        """Nobody to tell."""

    def wake(self) -> None:
        """Nobody sleeps."""

    def webhooks(self, after: int, most: int) -> WebhookPage:
        return WebhookPage((), 0)

    def waiting_webhooks(self) -> Sequence[OwedWebhook]:
        return ()

    def next_webhook(self) -> float | None:
        return None

    def owe(self, owed: OwedWebhook) -> None:
        """Not to anybody."""

    async def walk(self, seconds: float, quietly: bool, walk: str = "") -> None:
        """Nowhere."""

    async def settle_webhooks(self) -> None:
        """Nothing is under way."""

    async def send_early(self, post: Post, api: str, fault: Attachment) -> None:
        """To nobody."""

    async def send_once(self, owed: OwedWebhook) -> OwedWebhook:
        return owed

    async def resend(self, identity: str) -> Sequence[OwedWebhook] | None:
        return ()
