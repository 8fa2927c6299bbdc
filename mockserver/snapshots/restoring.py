"""A new sandbox is filled with what a snapshot holds. Everything was judged before; what is left is to put it there."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.api_state import SandboxApi
from mockserver.clock import monotonic
from mockserver.faults import Armed
from mockserver.posting import Posting
from mockserver.sandbox import Sandbox
from mockserver.snapshots.armed import ArmedRecord
from mockserver.snapshots.reading import Side, Snapshot
from mockserver.store import Job


async def restore(sandbox: Sandbox, snapshot: Snapshot) -> None:
    """Fill a sandbox that was just made with the snapshot's settings. Raises FullError where there is no room."""
    sandbox.draws.go_on(snapshot.draws)
    for name, side in snapshot.sides.items():
        await _fill(sandbox.apis[name], side)
    sandbox.outbox.wake()


async def _fill(api: SandboxApi, side: Side) -> None:
    api.adopt(side.accounts)
    for quirk, on in side.quirks.items():
        api.quirk(quirk, on)
    api.play(side.scenario)
    api.faults.go_on(map(_armed, side.faults))
    for order in side.orders:
        api.plan(order.wishes, resource=order.resource, count=order.count)
    api.limiter.go_on(side.windows)
    await _keep(api, side.jobs.values())
    for each in side.waiting:
        posting = Posting(api, each.webhook, each.job, each.account, each.url, 0, tries=each.tries)
        posting.fault, posting.is_met, posting.is_repeated = each.fault, each.is_met, each.is_repeated
        posting.state, posting.due = each.state, each.entered
        api.sandbox.outbox.go_on(posting, each.due)


async def _keep(api: SandboxApi, jobs: Iterable[Job]) -> None:
    for job in jobs:
        is_exclusive = api.contract.resources[job.resource].exclusive is not None
        active = await api.store.active((job.account, job.resource)) if is_exclusive else None
        await api.store.create(job, is_exclusive, active)
        for upload in (job.uploads or {}).values():
            if not upload.gone:
                api.keep(upload)
        if job.fault is not None:
            api.faults.hold()


def _armed(record: ArmedRecord) -> Armed:
    ttl = record.selector.ttl
    until = None if ttl is None else monotonic() + ttl
    made = Armed(record.id, record.fault, record.selector, record.since, until, record.left, record.scenario)
    made.seen, made.applied, made.drawn = record.seen, record.applied, dict(record.drawn)
    return made
