"""Long lists of the state, read page by page. Knows no home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from mockserver.journal import JournalEntry
from mockserver.request_log import KeptRequest
from mockserver.state.index_port import Index, ListedSandbox
from mockserver.state.journal_port import JournalState
from mockserver.state.request_port import RequestPage, RequestState
from mockserver.state.webhook_port import WebhookState
from mockserver.state.webhook_records import OwedWebhook
from mockserver.time_slices import paced

PAGE = 200
REQUEST_PAGE = 1 << 20


async def all_entries(state: JournalState, after: int = 0, kinds: Sequence[str] = ()) -> AsyncIterator[JournalEntry]:
    """Those of the journal past a number, of these kinds (none: of all), in the order in which they came in."""
    place: int | None = 0
    while place is not None:
        entries, place = await state.entries(place, PAGE, after, kinds)
        async for entry in paced(entries):
            yield entry


async def all_webhooks(state: WebhookState) -> AsyncIterator[OwedWebhook]:
    """Those that are listed, in the order in which they came to be owed."""
    after: int | None = 0
    while after is not None:
        page = (await state.webhooks(after, PAGE)).owed
        async for webhook in paced(page):
            yield webhook
        after = page[-1].n if page else None


async def all_requests(state: RequestState, page: RequestPage, api: str = "") -> AsyncIterator[KeptRequest]:
    """Whole requests: those of a first page, and those behind them that had begun by then."""
    newest = page.newest
    while page.requests:
        for request in page.requests:
            if request.n <= newest:
                yield request
                await asyncio.sleep(0)  # they may be long
        page = await state.requests(page.requests[-1].n, REQUEST_PAGE, api)


async def all_sandboxes(index: Index) -> AsyncIterator[ListedSandbox]:
    """Those that are open, oldest first."""
    page = await index.page(0, PAGE)
    while page:
        async for sandbox in paced(page):
            yield sandbox
        page = await index.page(page[-1].n, PAGE)
