"""A new sandbox is filled with what a snapshot holds. Everything was judged before; what is left is to put it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockserver.api_state import SandboxApi
from mockserver.bounds import SNAPSHOT_JOBS, weigh
from mockserver.draws import IDS, Draws
from mockserver.faults.armed import record_of
from mockserver.posting import Posting
from mockserver.posting_values import owed_of
from mockserver.refunds import adopted, refund_of
from mockserver.sandbox import Sandbox
from mockserver.snapshots.armed import ArmedRecord
from mockserver.snapshots.reading import Side, Snapshot
from mockserver.state.port import Charge, Effect, KeepUpload, Occupy, PutJob, WantedRecords
from mockserver.state.records import ArmedFault, FaultUses
from mockserver.state.snapshot_port import Remainder
from mockserver.store import AccountRecord, JobRecord
from mockserver.upload_store import Upload


async def restore(sandbox: Sandbox, snapshot: Snapshot) -> None:
    """Fill a sandbox that was just made with the snapshot's settings. Raises FullError where there is no room."""
    draws = Draws(sandbox.seed)
    draws.go_on({**await sandbox.state.drawn(), **snapshot.draws})
    for name, side in snapshot.sides.items():
        _go_past(draws, sandbox.apis[name], side)
    await sandbox.state.draw_on(draws.counts())
    for name, side in snapshot.sides.items():
        await _fill(sandbox.apis[name], side)
    sandbox.outbox.wake()


def _go_past(draws: Draws, api: SandboxApi, side: Side) -> None:
    """Make no id again that a job or an account has, whatever the snapshot says was drawn."""
    contract = api.contract
    for resource, (for_id, _) in api.purposes.items():
        taken = {job.id for job in side.jobs.values() if job.resource == resource}
        draws.go_past(for_id, IDS[contract.resources[resource].id], taken)
    draws.go_past(f"account.{contract.name}", IDS[contract.account_id], {each.id for each, _ in side.accounts})


async def _fill(api: SandboxApi, side: Side) -> None:
    await _adopt(api, side.accounts)
    await api.sandbox.change(side.endpoints.put(api.contract.name))
    for quirk, on in side.quirks.items():
        await api.sandbox.change(api.quirk_switched(quirk, on))
    await api.sandbox.change(api.scenario_switched(side.scenario))
    await api.sandbox.change(api.faults.going_on([*map(_armed, side.faults)]))
    for order in side.orders:
        await api.place(order.wishes, order.resource, order.count)
    await api.state.go_on(api.contract.name, Remainder(side.windows, side.keys))
    for upload in side.uploads.values():
        await api.state.offer(upload.handle, upload.blob)
    for job in side.jobs.values():
        await _keep(api, job, side.uploads)
    api.state.tidy([*side.uploads])
    for each in side.waiting:
        posting = Posting(api, each.webhook, api.planned(each.job), each.account, each.url, 0, tries=each.tries)
        posting.fault, posting.is_met, posting.is_repeated = each.fault, each.is_met, each.is_repeated
        posting.state, posting.due, posting.is_settled = each.state, each.entered, each.tries > 0
        posting.endpoint, posting.signed_at, posting.next_at = each.endpoint, each.signed_at, each.due
        posting.update = each.update
        await api.state.owe(owed_of(posting))


async def _adopt(api: SandboxApi, accounts: Sequence[tuple[AccountRecord, float | None]]) -> None:
    """Have these accounts, with what each shows as its credits, instead of those that are there."""
    await api.sandbox.change(api.accounts_adopted(account for account, _ in accounts))
    for account, credits in accounts:
        shown = await api.state.look(api.contract.name, "", WantedRecords(account=account.id))
        await api.state.commit(api.contract.name, 0, [Charge(account.id, shown.credits, credits)])


async def _keep(api: SandboxApi, job: JobRecord, uploads: Mapping[str, Upload]) -> None:
    resource, now = api.contract.resources[job.resource], (await api.sandbox.read_clock()).now
    exclusive = resource.exclusive
    api.endpoints.secret_of(api.planned(job))  # which hides it: clients know it from before
    effects: list[Effect] = [PutJob(job), *api.endpoints.issuing(job)]
    effects += [KeepUpload(upload) for upload in (job.uploads or {}).values() if upload.id in uploads]
    if exclusive is not None:
        until = api.planned(job).busy_until(exclusive.states, now)
        effects.append(Occupy((job.account, job.resource), job.id, now, until, SNAPSHOT_JOBS))
    if resource.refunds:
        due = refund_of(resource, api.planned(job), api.account_of(job.account), now)
        effects.append(adopted(due, now))
    await api.state.commit(api.contract.name, 0, effects)
    if job.fault is not None:
        await api.faults.hold()


def _armed(record: ArmedRecord) -> ArmedFault:
    most = None if record.left is None else record.applied + record.left
    weight = weigh((record.fault, record.selector))
    made = record_of(record.fault, record.selector, record.since, most=most, scenario=record.scenario, weight=weight)
    return made._replace(id=record.id, before=FaultUses(record.seen, record.applied, drawn=dict(record.drawn)))
