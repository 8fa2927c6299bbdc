"""Long lists of the state, read page by page. Knows no home."""

from __future__ import annotations

from collections.abc import AsyncIterator

from mockserver.state.webhook_port import WebhookState
from mockserver.state.webhook_records import OwedWebhook
from mockserver.turns import paced

PAGE = 200


async def all_webhooks(state: WebhookState) -> AsyncIterator[OwedWebhook]:
    """Those that are listed, in the order in which they came to be owed."""
    after: int | None = 0
    while after is not None:
        page = (await state.webhooks(after, PAGE)).owed
        async for each in paced(page):
            yield each
        after = page[-1].n if page else None
