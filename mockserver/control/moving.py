"""Control of one job: see it whole, and move it by hand, whatever its plan was."""

from __future__ import annotations

from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest
from mockserver.control.serialize import show_whole_job
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Resource
from mockserver.operations.offspring import ids, put_job, shifted
from mockserver.state.port import Moved
from mockserver.store import Attachment, JobRecord
from mockserver.timeline import ErrorField, Move, TimelinePlan, TimelineStep, but_told, rest, with_move

ROUNDS = 4  # how often a job may be changed by others meanwhile
ENDS = {"finish": "success", "fail": "failure"}


async def show_one(request: ControlRequest) -> dict[str, Any]:
    """One job, with what will become of it."""
    api, record = await found(request)
    return show_whole_job(api, record, (await api.sandbox.read_clock()).now)


async def found(request: ControlRequest) -> tuple[SandboxApi, JobRecord]:
    """The job that the path names, and its API. Raises Problem."""
    identity = request.path["id"]
    for api in request.sandbox().apis.values():
        job = (await api.state.look_up(api.contract.name, (identity,)))[identity].job
        if job is not None:
            return api, job
    raise Problem(404, f"the sandbox has no job {identity[:100]!r}")


async def move_job(request: ControlRequest) -> dict[str, Any]:
    """End it, or let a fault take hold of it, or free it of one; what tells of that is sent."""
    for _ in range(ROUNDS):
        api, record = await found(request)
        job, now = api.planned(record), (await api.sandbox.read_clock()).now
        changed = api.planned(_changed(api, job, request.body, now))
        if await _kept(api, changed, -id(request), now):
            return show_whole_job(api, changed.record, now)
    raise Problem(409, "the job was changed by others all the time; try again")


async def _kept(api: SandboxApi, job: PlannedJob, n: int, now: float) -> bool:
    """Keep a job that was moved, with what it brings forth, and let webhooks tell of it."""
    name = api.contract.name
    records = await api.state.look_up(name, ids(api, job))
    children = [
        *shifted(api, job, {identity: named.job and api.planned(named.job) for identity, named in records.items()})
    ]
    moved = (
        [Moved(identity) for identity in (job.record, *(child.job for child in children))] if api.tells_moves else []
    )
    if not await api.state.commit(name, n, (*put_job(api, job, now), *children, *moved)):
        return False
    if job.record.fault is not None:
        await api.faults.hold()
    api.state.finish(n)
    return True


def _changed(api: SandboxApi, job: PlannedJob, body: Any, now: float) -> JobRecord:
    """The next revision. Raises Problem for what cannot become of this job."""
    to, resource = body["to"], api.contract.resources[job.resource]
    if to == "release":
        if job.fault is None:
            raise Problem(409, "no fault took hold of the job", pointer="/to")
        return job.record.but(fault=None)
    if (status := job.status(now)).ended is not None:
        raise Problem(409, f"the job has ended already: it is {status.state}", pointer="/to")
    if to in ENDS:
        return _ended(job, resource, ENDS[to], now, body.get("error"))
    if job.fault is not None:
        raise Problem(409, f"the fault {job.fault.name} took hold of the job; release it first", pointer="/to")
    return job.record.but(fault=_taken(job, resource, to, now))


def _taken(job: PlannedJob, resource: Resource, to: str, now: float) -> Attachment:
    """The fault by which it sticks where it is, or is lost."""
    from mockserver.faults import JobFault, attachment, fault_of

    status = job.status(now)
    stuck = {"fault": "stuck", "state": status.state, "progress": status.progress}
    fault, _ = fault_of(stuck if to == "stick" else {"fault": "lost"})
    assert isinstance(fault, JobFault), "both are of jobs"
    if job.moves or not fault.can_attach(job, resource, now):
        raise Problem(409, f"time does not move the job from {status.state}: it stays there by itself", pointer="/to")
    return attachment(fault, now)


def _ended(job: PlannedJob, resource: Resource, end: str, now: float, error: Any) -> JobRecord:
    """It comes to an end now, by the state that its plan leads to, else by the first of that kind."""
    names = [state.name for state in resource.states.values() if state.end == end]
    outcome = job.plan.outcome if job.plan.end == end else next(iter(names), None)
    if outcome is None:
        raise Problem(409, f"no {resource.name} ends in {end}", pointer="/to")
    failure = but_told(job.plan.error or resource.error_in(outcome), error) if end == "failure" else None
    plan = _ending(job.plan, outcome, end, failure)
    if job.moves or not job.plan.steps:  # what time would lead to counts no more
        return job.record.but(plan=plan, fault=None, moves=with_move(job.moves, Move(now, outcome)))
    return job.record.but(plan=_shortened(plan, job.created, now), fault=None)


def _ending(plan: TimelinePlan, outcome: str, end: str, error: ErrorField) -> TimelinePlan:
    """The plan with another end; one whose run is still to begin rests where it is."""
    if plan.run is None:
        return plan._replace(outcome=outcome, end=end, error=error)
    return plan._replace(error=error, run=plan.run._replace(outcome=outcome, end=end, error=error))


def _shortened(plan: TimelinePlan, created: float, now: float) -> TimelinePlan:
    """The plan without what would have come after a moment."""
    start, steps = 0.0, list[TimelineStep]()
    for step in plan.steps:
        if created + start < now or not steps:
            steps.append(step)
        start = step.until
    until = rest(now, created)  # rounding must not keep it running
    return plan._replace(steps=(*steps[:-1], steps[-1]._replace(until=until)))
