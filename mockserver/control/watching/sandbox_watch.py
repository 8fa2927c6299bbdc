"""One sandbox that is watched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mockserver.clock import monotonic
from mockserver.control.serialize import show_brief, show_clock, show_posting, show_whole_job
from mockserver.control.watching.seen import ComparedState
from mockserver.control.watching.watch import StateWatch
from mockserver.errors import Closed, Overtaken
from mockserver.posting import Posting
from mockserver.posting_values import owed_of
from mockserver.sandbox import Sandbox
from mockserver.state.index_port import Index
from mockserver.state.noted_changes import Gathered
from mockserver.time_slices import paced

EVENTS = {"jobs": "jobs", "webhooks": "webhooks", "entries": "journal"}
"""The names of events by what they tell of."""


class SandboxWatch(StateWatch):
    """An observer of a sandbox, and the source of its stream."""

    def __init__(self, sandbox: Sandbox, index: Index) -> None:
        super().__init__(sandbox.state)
        self._sandbox, self._index = sandbox, index
        self._is_asked = False
        self._seen = ComparedState(sandbox)
        self._begin()
        sandbox.observe(self)

    def _begin(self) -> None:
        self._entries, self._jobs, self._postings = Gathered(), Gathered(), Gathered()

    async def start(self) -> dict[str, Any]:
        sandbox = self._sandbox
        if not sandbox.is_alone and not self._is_asked:
            self._is_asked = True
            await sandbox.state.changes(self.log.name)  # from now on
        newest = (await sandbox.state.activity()).newest
        return {"sandbox": sandbox.name, "journal": newest, "clock": show_clock(await sandbox.read_clock())}

    def is_used(self) -> None:
        """A sandbox that somebody looks at is not idle."""
        self._sandbox.used = monotonic()

    # --- what it is told

    def entry_added(self, entry: tuple[Any, ...]) -> None:
        """An entry is in the journal."""
        if self._sandbox.is_alone:
            self._entries.add(entry[0], entry)
        self.touched()

    def jobs_changed(self, api: str, ids: Sequence[str]) -> None:
        """Jobs were made or changed."""
        for identity in ids if self._sandbox.is_alone else ():
            self._jobs.add((api, identity), (api, identity))
        self.touched()

    def webhook_changed(self, posting: Posting) -> None:
        """Something became of a webhook."""
        if self._sandbox.is_alone:
            self._postings.add(posting, posting)
        self.touched()

    def was_reset(self) -> None:
        """Nothing of what was is there any more."""
        self._begin()
        self._seen = ComparedState(self._sandbox)
        self.log.add("reset", {})

    def was_closed(self) -> None:
        """The sandbox is there no more."""
        self.last = "closed"
        self.log.add(self.last, {})
        self.end()

    def end(self) -> None:
        """Tell no more."""
        if self._sandbox.watch is self:
            self._sandbox.observe(None)
            self._sandbox.state.watched(self.log.name)
        super().end()

    async def tell(self) -> None:
        """What has changed, and what was gathered; what comes meanwhile is told the next time."""
        try:
            await self._tell()
        except Closed:  # by another process
            self._sandbox.end()
        except Overtaken:
            self.touched()  # in the midst of it: look again

    async def _tell(self) -> None:
        await self._look()
        for event, data in self._seen.changes(await self._sandbox.state.activity()):
            self.log.add(event, data)
        generation = self._sandbox.generation
        gathered = (("jobs", self._jobs), ("webhooks", self._postings), ("entries", self._entries))
        self._begin()
        for name, pending in gathered:
            if pending:
                documents = [item async for item in paced(await self._shown(name, pending))]
                if generation.is_over:  # the sandbox was reset meanwhile
                    return
                self.log.add(EVENTS[name], {name: documents, "left_out": pending.left_out})

    async def _look(self) -> None:
        """See what was switched elsewhere, and which faults have lasted long enough."""
        await self._sandbox.refresh()
        await self._sandbox.read_clock()
        for api in [*self._sandbox.apis.values()]:
            await api.faults.heal()
        if not self._sandbox.is_alone:
            await self._hear()
        await self._seen.look()

    async def _hear(self) -> None:
        """What happened where the state is kept; it is not idle as long as somebody reads."""
        if self.readers:
            await self._index.find(self._sandbox.name, True)
        changes = await self._sandbox.state.changes(self.log.name)
        for entry in changes.entries:
            self._entries.add(entry.n, entry)
        for job in changes.jobs:
            self._jobs.add(job, job)
        for webhook in changes.webhooks:
            self._postings.add((webhook.id, webhook.endpoint, webhook.target), webhook)
        for gathered, left_out in zip((self._entries, self._jobs, self._postings), changes.left_out, strict=True):
            gathered.left_out += left_out

    async def _shown(self, name: str, gathered: Gathered) -> Iterator[dict[str, Any]]:
        """What was gathered, each made into JSON when it is asked for."""
        if name == "jobs":
            return await self._shown_jobs(gathered)
        if name == "entries":
            return map(show_brief, gathered)
        webhooks = (owed_of(webhook) if isinstance(webhook, Posting) else webhook for webhook in gathered)
        return (show_posting(webhook, self._sandbox.redaction) for webhook in webhooks)

    async def _shown_jobs(self, names: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
        """Those that are there still, and have begun."""
        jobs, now = [], (await self._sandbox.read_clock()).now
        for name, identity in names:
            api = self._sandbox.apis[name]
            job = (await api.state.look_up(name, (identity,)))[identity].job
            if job is not None and job.created <= now:
                jobs.append((api, job))
        return (show_whole_job(api, job, now) for api, job in jobs)
