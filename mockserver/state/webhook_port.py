"""The part of the state's port that webhooks go through. The process that owns a sandbox delivers, whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mockserver.state.records import Post
from mockserver.state.webhook_records import OwedWebhook, WebhookPage
from mockserver.store import Attachment


class WebhookState(Protocol):
    """What is owed, as values, and what there is to be done with it.

    What waits for deliveries raises Overtaken for a generation that is over, or ends meanwhile.
    """

    async def webhooks(self, after: int, most: int) -> WebhookPage:
        """So many of those that are listed, behind a number, in the order in which they came to be owed."""

    async def waiting_webhooks(self) -> Sequence[OwedWebhook]:
        """Those that wait for their time, listed or not."""

    async def next_webhook(self) -> float | None:
        """When the next one is tried; None where none is by itself."""

    async def owe(self, owed: OwedWebhook) -> None:
        """Let one wait that waited elsewhere."""

    async def walk(self, generation: int, seconds: float, quietly: bool) -> None:
        """Move the clock forward from due time to due time, and deliver there what is due.

        Raises ClockError. `quietly` makes no delivery: DeliveryDue, and the clock stays, where there is one to make.
        """

    async def walk_end(self, generation: int, walk: str, seconds: float) -> float:
        """The moment at which a walk ends that begins now; where another process has begun it, what that was told.

        Raises ClockError, and Overtaken.
        """

    async def settle_webhooks(self, generation: int) -> None:
        """Wait for the deliveries under way."""

    async def send_early(self, generation: int, post: Post, api: str, fault: Attachment) -> None:
        """Deliver what tells of a job's end before its request is answered, as a fault wants it."""

    async def send_once(self, generation: int, owed: OwedWebhook) -> OwedWebhook:
        """Deliver one now that no job owes; gives what became of it."""

    async def resend(self, generation: int, identity: str) -> Sequence[OwedWebhook] | None:
        """Deliver those of an id once more, to each receiver; None where the job of one is not as it tells."""
