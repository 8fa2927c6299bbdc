"""What a sandbox can tell: jobs, webhooks, journal, conduct, coverage, what was never used. Reading changes nothing."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from heapq import merge
from itertools import repeat
from operator import attrgetter
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.contract import Contract
from mockserver.control.finding import fitting
from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.serialize import (
    show_attempt,
    show_brief,
    show_entry,
    show_job,
    show_posting,
    show_whole_job,
    show_whole_posting,
)
from mockserver.coverage import coverage
from mockserver.journal import JournalEntry, Seen, deliveries_of
from mockserver.state.pages import all_entries, all_sandboxes, all_webhooks
from mockserver.store import JobRecord
from mockserver.time_slices import paced
from mockserver.unused_setup import seen_of, unused, unused_of
from mockserver.validation import write_json

MOST = 100_000
FEW = 500
"""Of so few entries conduct is judged at once."""
HAR = "application/har+json"
NUMBER = re.compile(r"\d{1,15}", re.ASCII)


async def list_jobs(request: ControlRequest) -> JsonList:
    """The newest jobs, of all accounts."""
    limit, state = request.query.get("limit", MOST), request.query.get("state")
    show = show_whole_job if request.query.get("whole") else show_job
    by_api, now = [], (await request.sandbox().read_clock()).now
    for api in request.apis():
        jobs = await api.state.newest(api.contract.name, limit if state is None else MOST)
        by_api.append(zip(repeat(api), jobs, strict=False))
    return JsonList(_newest(by_api, lambda api, job: show(api, job, now), state, limit, now))


async def _newest(
    by_api: Sequence[Iterable[tuple[SandboxApi, JobRecord]]],
    show: Callable[[SandboxApi, JobRecord], dict[str, Any]],
    state: str | None,
    limit: int,
    now: float,
) -> AsyncIterator[dict[str, Any]]:
    remaining = limit
    async for api, job in paced(merge(*by_api, key=lambda pair: pair[1].created, reverse=True)):
        if not remaining:
            return
        if job.created > now:
            continue  # what another job brings forth later
        document = show(api, job)
        if state in (None, document["state"]):
            remaining -= 1
            yield document


async def list_webhooks(request: ControlRequest) -> JsonList:
    """Postings with their attempts or in short, in the order in which they came to be owed."""
    apis, job = {api.contract.name for api in request.apis()}, request.query.get("job")
    sandbox, show = request.sandbox(), show_whole_posting if request.query.get("whole", True) else show_posting
    return JsonList(
        show(webhook, sandbox.redaction)
        async for webhook in all_webhooks(sandbox.state)
        if webhook.api in apis and job in (None, webhook.job.id)
    )


async def read_journal(request: ControlRequest) -> JsonList:
    """Entries, oldest first: with `after` the first ones behind it, else the last (before one); or all as HAR."""
    query, sandbox = dict(request.query), request.sandbox()
    after, limit, form = query.pop("after", None), query.pop("limit", MOST), query.pop("format", None)
    is_whole = query.pop("whole", True)
    entries = [entry async for entry in all_entries(sandbox.state, after or 0)]
    matching = [entry async for entry in fitting(entries, query)]
    selection = matching[-limit:] if after is None else matching[:limit]
    negotiated = form is None and request.accepts(HAR)
    is_archive = form == "har" or negotiated
    if not is_whole and not is_archive:
        return JsonList((show_brief(entry) async for entry in paced(selection)), varies=True)
    deliveries = deliveries_of(entries)
    if is_archive:
        return _archive(selection, sandbox.base_url, deliveries, HAR if negotiated else "application/json")
    return JsonList((_entry(entry, deliveries) async for entry in paced(selection)), varies=True)


def _archive(
    entries: Sequence[JournalEntry], base_url: str, deliveries: Mapping[int, Sequence[JournalEntry]], media_type: str
) -> JsonList:
    from mockserver.har import KINDS, frame, har_entry

    requests = sorted((entry for entry in entries if entry.kind in KINDS), key=attrgetter("n"))
    before, after = write_json(frame([])).rsplit(b"[]", 1)
    items = (har_entry(entry, base_url, deliveries.get(entry.n, ())) async for entry in paced(requests))
    return JsonList(items, before + b"[", b"]" + after, media_type, varies=True)


def _entry(entry: JournalEntry, deliveries: Mapping[int, Sequence[JournalEntry]]) -> dict[str, Any]:
    """An entry, with the numbers of the deliveries it deliveries."""
    numbers = [delivery.n for delivery in deliveries.get(entry.n, ())]
    return {**show_entry(entry), **({"webhooks": numbers} if numbers else {})}


async def read_entry(request: ControlRequest) -> dict[str, Any]:
    """One entry; of a delivery what was sent, and of a request the deliveries that it deliveries."""
    sandbox, number = request.sandbox(), request.path["n"]
    entry = await sandbox.state.entry(int(number)) if NUMBER.fullmatch(number) else None
    if entry is None:
        raise Problem(404, f"the journal has no entry {number[:40]!r} (any more)")
    deliveries = [delivery async for delivery in all_entries(sandbox.state, entry.n, ("webhook",))]
    document, attempt = _entry(entry, deliveries_of(deliveries)), (entry.extra or {}).get("attempt")
    return document if attempt is None else {**document, "attempt": show_attempt(attempt, sandbox.redaction)}


async def read_conduct(request: ControlRequest) -> JsonList:
    """What the rules of conduct find in the journal."""
    from mockserver.conduct import judge

    entries = [entry async for entry in all_entries(request.sandbox().state)]
    contracts = {api.contract.name: api.contract for api in request.apis()}
    if len(entries) < FEW:
        findings = judge(entries, contracts)
    else:  # rules compare entries with each other, which cannot be cut into slices
        findings = await asyncio.to_thread(lambda: judge(entries, contracts))
    return JsonList(finding.shown() async for finding in paced(findings))


async def read_unused(request: ControlRequest) -> JsonList:
    """What was armed or planned and took no effect."""
    waiting, counts = await unused(request.apis()), await seen_of(request.sandbox())
    return JsonList(asdict(unused_of(*row, counts)) async for row in paced(waiting))


async def read_coverage(request: ControlRequest) -> JsonList:
    """Which answers this sandbox gave."""
    return _coverage([api.contract for api in request.apis()], (await request.sandbox().state.examples()).now)


async def read_all_coverage(request: ControlRequest) -> JsonList:
    """Which answers any sandbox gave since the server's start."""
    name = request.query.get("api")
    contracts = [contract for contract in request.sandboxes.contracts if name in (None, contract.name)]
    index = request.sandboxes.index
    total = Counter(await index.examples(""))
    async for sandbox in all_sandboxes(index):
        total.update(await index.examples(sandbox.name))
    return _coverage(contracts, total)


def _coverage(contracts: Sequence[Contract], counts: Mapping[Seen, int]) -> JsonList:
    rows = (row for contract in contracts for row in coverage(contract, counts))
    return JsonList(asdict(row) async for row in paced(rows))
