"""What a sandbox can tell: jobs, webhooks, journal, conduct, coverage. Reading changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from heapq import merge
from typing import Any

from mockserver.contract import Contract
from mockserver.control.asking import Asked, Told
from mockserver.control.showing import show_attempt, show_entry, show_time
from mockserver.coverage import coverage
from mockserver.journal import Entry, Seen
from mockserver.outbox import Posting
from mockserver.sandbox import SandboxApi
from mockserver.store import Job
from mockserver.timeline import next_change

MOST = 100_000
HAR = "application/har+json"


async def list_jobs(asked: Asked) -> Told:
    """The newest jobs, of all accounts."""
    limit, state = asked.query.get("limit", MOST), asked.query.get("state")
    found = []
    for api in asked.apis():
        now = api.sandbox.clock.now()
        jobs = await api.store.newest(limit if state is None else MOST)
        found.append([(api, job) for job in jobs if state in (None, job.status(now).state)])
    newest = merge(*found, key=lambda pair: pair[1].created, reverse=True)
    return Told([_job(api, job) for (api, job), _ in zip(newest, range(limit), strict=False)])


def _job(api: SandboxApi, job: Job) -> dict[str, Any]:
    now = api.sandbox.clock.now()
    status, change = job.status(now), next_change(job.plan, job.created, job.moves, now)
    return {
        "id": job.id,
        "api": api.contract.name,
        "resource": job.resource,
        "state": status.state,
        "progress": status.progress,
        "created": show_time(job.created),
        "ended": None if status.ended is None else show_time(status.ended),
        "account": job.account,
        "outcome": job.plan.outcome,
        "error": job.plan.error,
        "changes_in": None if change is None else change - now,
    }


async def list_webhooks(asked: Asked) -> Told:
    """Postings with their attempts, in the order in which they came to be owed."""
    apis, job = asked.apis(), asked.query.get("job")
    postings = asked.sandbox().outbox.postings
    return Told([_posting(each) for each in postings if each.api in apis and job in (None, each.job.id)])


def _posting(posting: Posting) -> dict[str, Any]:
    return {
        "id": posting.id,
        "api": posting.api.contract.name,
        "webhook": posting.webhook.name,
        "job": posting.job.id,
        "url": posting.target,
        "outcome": posting.outcome,
        "request": posting.entry,
        "attempts": [show_attempt(attempt) for attempt in posting.attempts],
    }


async def read_journal(asked: Asked) -> Told:
    """Entries, oldest first: with `after` the first ones behind it, without it the last; or all as HAR."""
    wanted, sandbox = dict(asked.query), asked.sandbox()
    after, limit, form = wanted.pop("after", None), wanted.pop("limit", MOST), wanted.pop("format", None)
    found = [entry for entry in sandbox.journal if _fits(entry, wanted) and entry.n > (after or 0)]
    chosen = found[-limit:] if after is None else found[:limit]
    deliveries = sandbox.journal.deliveries()
    negotiated = form is None and asked.accepts(HAR)
    if form == "har" or negotiated:
        from mockserver.har import har

        archive = har(chosen, sandbox.base_url, deliveries)
        return Told(archive, media_type=HAR, varies=True) if negotiated else Told(archive, varies=True)
    return Told([_entry(entry, deliveries) for entry in chosen], varies=True)


def _entry(entry: Entry, deliveries: Mapping[int, Sequence[Entry]]) -> dict[str, Any]:
    """An entry, with the numbers of the deliveries it caused."""
    caused = [each.n for each in deliveries.get(entry.n, ())]
    return {**show_entry(entry), **({"webhooks": caused} if caused else {})}


def _fits(entry: Entry, wanted: dict[str, Any]) -> bool:
    return all(getattr(entry, name) == value for name, value in wanted.items())


async def read_conduct(asked: Asked) -> Told:
    """What the rules of conduct find in the journal."""
    from mockserver.conduct import judge

    found = judge(asked.sandbox().journal, {api.contract.name: api.contract for api in asked.apis()})
    return Told([each.shown() for each in found])


async def read_coverage(asked: Asked) -> Told:
    """Which answers this sandbox gave."""
    return _coverage([api.contract for api in asked.apis()], asked.sandbox().journal.seen)


async def read_all_coverage(asked: Asked) -> Told:
    """Which answers any sandbox gave since the server's start."""
    name = asked.query.get("api")
    chosen = [contract for contract in asked.sandboxes.contracts if name in (None, contract.name)]
    return _coverage(chosen, asked.sandboxes.seen())


def _coverage(contracts: Sequence[Contract], counts: Mapping[Seen, int]) -> Told:
    return Told([asdict(each) for contract in contracts for each in coverage(contract, counts)])
