"""A new sandbox is filled with what a snapshot holds. Everything was judged before; what is left is to put it there."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.api_state import SandboxApi
from mockserver.bounds import SNAPSHOT_JOBS
from mockserver.clock import monotonic
from mockserver.draws import IDS
from mockserver.faults import Armed
from mockserver.posting import Posting
from mockserver.sandbox import Sandbox
from mockserver.shelf import Upload
from mockserver.snapshots.armed import ArmedRecord
from mockserver.snapshots.reading import Side, Snapshot
from mockserver.state.port import Effect, Keep, Occupy, PutJob
from mockserver.store import Job


async def restore(sandbox: Sandbox, snapshot: Snapshot) -> None:
    """Fill a sandbox that was just made with the snapshot's settings. Raises FullError where there is no room."""
    sandbox.draws.go_on(snapshot.draws)
    for name, side in snapshot.sides.items():
        _go_past(sandbox.apis[name], side)
        await _fill(sandbox.apis[name], side)
    sandbox.outbox.wake()


def _go_past(api: SandboxApi, side: Side) -> None:
    """Make no id again that a job or an account has, whatever the snapshot says was drawn."""
    draws, contract = api.sandbox.draws, api.contract
    for resource, (for_id, _) in api.purposes.items():
        taken = {job.id for job in side.jobs.values() if job.resource == resource}
        draws.go_past(for_id, IDS[contract.resources[resource].id], taken)
    draws.go_past(f"account.{contract.name}", IDS[contract.account_id], {each.id for each, _ in side.accounts})


async def _fill(api: SandboxApi, side: Side) -> None:
    api.adopt(side.accounts)
    side.endpoints.put(api.endpoints)
    for quirk, on in side.quirks.items():
        api.quirk(quirk, on)
    api.play(side.scenario)
    api.faults.go_on(map(_armed, side.faults))
    for order in side.orders:
        api.plan(order.wishes, resource=order.resource, count=order.count)
    api.limiter.go_on(side.windows)
    api.part.keys.go_on(side.keys)
    api.sandbox.shelf.offer(side.uploads.values())
    for job in side.jobs.values():
        await _keep(api, job, side.uploads)
    for each in side.waiting:
        posting = Posting(api, each.webhook, api.planned(each.job), each.account, each.url, 0, tries=each.tries)
        posting.fault, posting.is_met, posting.is_repeated = each.fault, each.is_met, each.is_repeated
        posting.state, posting.due, posting.is_settled = each.state, each.entered, each.tries > 0
        posting.endpoint, posting.signed_at, posting.update = each.endpoint, each.signed_at, each.update
        api.sandbox.outbox.go_on(posting, each.due)


async def _keep(api: SandboxApi, job: Job, uploads: Mapping[str, Upload]) -> None:
    exclusive = api.contract.resources[job.resource].exclusive
    api.endpoints.secret_of(api.planned(job))  # which hides it: clients know it from before
    effects: list[Effect] = [PutJob(job)]
    effects += [Keep(each) for each in (job.uploads or {}).values() if each.id in uploads]
    if exclusive is not None:
        until = api.planned(job).busy_until(exclusive.states, api.sandbox.clock.now())
        now = api.sandbox.clock.now()
        effects.append(Occupy((job.account, job.resource), job.id, now, until, SNAPSHOT_JOBS))
    await api.state.commit(api.contract.name, 0, effects)
    if job.fault is not None:
        api.faults.hold()
    if api.refunds is not None:
        api.refunds.go_on(api.planned(job))


def _armed(record: ArmedRecord) -> Armed:
    ttl = record.selector.ttl
    until = None if ttl is None else monotonic() + ttl
    made = Armed(record.id, record.fault, record.selector, record.since, until, record.left, record.scenario)
    made.seen, made.applied, made.drawn = record.seen, record.applied, dict(record.drawn)
    return made
