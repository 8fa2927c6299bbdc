"""The process that owns a sandbox delivers its webhooks: what others ask for as values is done with its outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

from mockserver.clock import Clock, ClockReading
from mockserver.errors import Closed
from mockserver.held_requests import Moments
from mockserver.observer import Keeper, Observer
from mockserver.outbox import Outbox
from mockserver.posting import Origin, Posting
from mockserver.posting_values import owed_of, posting, posting_of, webhook_fault
from mockserver.redaction import Redaction
from mockserver.state.configuration import Configuration
from mockserver.state.held_port import HeldRequests
from mockserver.state.noted_changes import Noted
from mockserver.state.port import Moved, Post
from mockserver.state.webhook_records import OwedWebhook, WebhookPage
from mockserver.store import Attachment


class DelivererSandbox(Protocol):
    """What it needs of its sandbox; a reset puts another outbox in the place of the one that is there."""

    clock: Clock
    outbox: Outbox
    moments: Moments
    keeper: Keeper | None
    redaction: Redaction
    observer: Observer | None

    @property
    def configuration(self) -> Configuration: ...
    def anew_outbox(self) -> None: ...
    @property
    def apis(self) -> Mapping[str, Origin]: ...
    def see(self, configuration: Configuration) -> None: ...
    async def refresh(self) -> None: ...
    def end(self) -> None: ...


class SandboxDeliverer:
    """See `Deliverer`."""

    def __init__(self, sandbox: DelivererSandbox) -> None:
        self._sandbox = sandbox

    def deliver(self, api: str, caused: Post | Moved) -> None:
        sandbox = self._sandbox
        if isinstance(caused, Post):
            sandbox.outbox.post(posting(sandbox.apis[api], caused))
        else:
            sandbox.outbox.moved(sandbox.apis[api].planned(caused.job))
            sandbox.moments.changed(caused.job.id)

    def see(self, configuration: Configuration) -> None:
        self._sandbox.see(configuration)

    def end(self) -> None:
        self._sandbox.end()

    def wake(self) -> None:
        self._sandbox.outbox.wake()

    def held(self) -> HeldRequests:
        moments = self._sandbox.moments
        return HeldRequests(moments.held, moments.next_due(), moments.is_looking)

    async def let_go_on(self, reading: ClockReading) -> None:
        self._sandbox.clock.see(reading)
        await self._sandbox.moments.come(reading.now)

    def observed(self, noted: Noted, is_watched: bool) -> None:
        if is_watched:
            noted.here, self._sandbox.observer = self._sandbox.observer, noted
        else:
            self._sandbox.observer = noted.here

    def owed(self, postings: Sequence[Any]) -> Sequence[OwedWebhook]:
        return [*map(owed_of, postings)]

    def webhooks(self, after: int, most: int) -> WebhookPage:
        outbox = self._sandbox.outbox
        first = max(0, after - outbox.dropped)
        listed = islice(outbox.postings, first, first + most)
        webhooks_owed = [owed_of(item)._replace(n=n) for n, item in enumerate(listed, outbox.dropped + first + 1)]
        return WebhookPage(webhooks_owed, outbox.dropped)

    def waiting_webhooks(self) -> Sequence[OwedWebhook]:
        return [owed_of(item)._replace(next_at=due) for due, item in self._sandbox.outbox.waiting()]

    def next_webhook(self) -> float | None:
        return self._sandbox.outbox.next_due()

    def owe(self, owed: OwedWebhook) -> None:
        assert owed.next_at is not None, "it waits"
        self._sandbox.outbox.go_on(posting_of(self._sandbox.apis[owed.api], owed), owed.next_at)

    @property
    def known(self) -> Configuration:
        """What control switched, as far as this process knows."""
        return self._sandbox.configuration

    @property
    def issues(self) -> bool:
        """Whether resources have secrets."""
        return any(api.endpoints.issues for api in self._sandbox.apis.values())

    def hide(self, secret: str, api: str, issued: Sequence[tuple[str, str]]) -> None:
        """Keep the secrets of resources out of the journal that were issued elsewhere: ids, each with its resource.

        They follow from the `secret` of the sandbox.
        """
        self._sandbox.apis[api].endpoints.hide_issued(secret.encode(), issued)

    def without_issued(self, text: str) -> str:
        """Text that was looked through before, without the secrets that were issued since."""
        return self._sandbox.redaction.without_issued(text)

    def keep(self, keeper: Keeper) -> None:
        """Tell somebody what becomes of webhooks from now on."""
        self._sandbox.keeper = keeper

    def when_held(self, told: Callable[[], None]) -> None:
        """Tell somebody each time that what requests are held here until the clock is moved has changed."""
        self._sandbox.moments.told = told

    async def refresh(self) -> None:
        """See what was switched elsewhere. Where the sandbox was reset or closed, what is under way here ends."""
        try:
            await self._sandbox.refresh()
        except Closed:
            self._sandbox.end()

    def see_clock(self, reading: ClockReading) -> None:
        """The clock says so, wherever it was moved."""
        self._sandbox.clock.see(reading)
        self._sandbox.outbox.wake()

    @property
    def now(self) -> float:
        """What the clock says, as far as this process knows."""
        return self._sandbox.clock.now()

    def standing(self, posting: Posting) -> OwedWebhook | None:
        """A posting as it stands, and when it is to be tried (never: it waits for a move; None: no more).

        None for one that is of no use any more: it is not listed, waits for nothing, and tells nobody what follows.
        """
        due = self._sandbox.outbox.due_of(posting)
        return owed_of(posting)._replace(next_at=due) if self._sandbox.outbox.is_kept(posting) else None

    @property
    def dropped(self) -> int:
        """How many made room for newer ones."""
        return self._sandbox.outbox.dropped

    def next_due(self) -> float | None:
        """When the next one is tried; None where none is by itself."""
        return self._sandbox.outbox.next_due()

    def leave(self) -> None:
        """Another process delivers from now on: nothing is under way here."""
        self._sandbox.anew_outbox()

    def begin_again(self, dropped: int) -> None:
        """What another process has left is gone on with; so many made room for newer ones."""
        self.leave()
        self._sandbox.outbox.dropped = dropped

    def made(self, owed: OwedWebhook) -> Posting:
        """One of those that were left."""
        return posting_of(self._sandbox.apis[owed.api], owed)

    def go_on(self, posting: Posting, due: float | None) -> None:
        """Take it up as it waited there; None: it waits no more."""
        self._sandbox.outbox.go_on(posting, due)

    async def walk(self, seconds: float, quietly: bool, walk: str = "") -> None:
        await self._sandbox.outbox.advance(seconds, quietly=quietly, walk=walk)

    async def settle_webhooks(self) -> None:
        await self._sandbox.outbox.settle()

    async def send_early(self, post: Post, api: str, fault: Attachment) -> None:
        await self._sandbox.outbox.early(posting(self._sandbox.apis[api], post), webhook_fault(fault))

    async def send_once(self, owed: OwedWebhook) -> OwedWebhook:
        delivery = posting_of(self._sandbox.apis[owed.api], owed)
        await self._sandbox.outbox.send_now(delivery)
        return owed_of(delivery)

    async def resend(self, identity: str) -> Sequence[OwedWebhook] | None:
        outbox, now = self._sandbox.outbox, self._sandbox.clock.now()
        deliveries = [delivery for delivery in outbox.postings if delivery.id == identity]
        if not all(delivery.settle(delivery.moment(now)) for delivery in deliveries):
            return None
        for delivery in deliveries:
            await outbox.send_now(delivery)
        return [*map(owed_of, deliveries)]
