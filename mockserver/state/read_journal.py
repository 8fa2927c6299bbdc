"""How the journal of the home in this process is read; see `journal_port`."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.journal import Journal, JournalEntry
from mockserver.request_log import RequestLog
from mockserver.state.journal_port import Activity, EntryPage, ExampleCounts
from mockserver.state.owed_webhooks import Deliverer
from mockserver.state.part import ApiPart


class ReadJournal:
    """A part of `Memory`."""

    journal: Journal
    deliverer: Deliverer
    parts: dict[str, ApiPart]
    in_flight: set[int]
    request_log: RequestLog | None

    async def entries(self, place: int, most: int, after: int, kinds: Sequence[str]) -> EntryPage:
        return EntryPage(*self.journal.page(place, most, after, kinds))

    async def entry(self, n: int) -> JournalEntry | None:
        return self.journal.find(n)

    async def examples(self) -> ExampleCounts:
        return ExampleCounts(dict(self.journal.seen), dict(self.journal.earlier))

    async def activity(self) -> Activity:
        jobs = sum([part.store.dropped for part in self.parts.values()])
        webhooks = self.deliverer.webhooks(0, 0).dropped
        requests = 0 if self.request_log is None else self.request_log.dropped
        under_way, held = len(self.in_flight), self.deliverer.held()
        return Activity(self.journal.newest, under_way, self.journal.dropped, jobs, webhooks, requests, *held[:2])
