"""Faults of jobs. One that took hold of a job stays with it; the job is then a function of plan, moves, fault and now.

Each answers what it changes; `Plain` says what a job is without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from mockserver.contract import Resource
from mockserver.faults.kinds import Category
from mockserver.faults.parameters import Between, Seconds
from mockserver.store import Job
from mockserver.timeline import Plan, Status, status

Percent = Annotated[int, Between(0, 100)]


class Plain:
    """What a fault of a job leaves as it is. `since` is when it took hold of the job."""

    __slots__ = ()
    name: ClassVar[str] = ""
    category: ClassVar[Category] = "job"
    times: ClassVar[int | None] = None

    def bends(self, job: Job, resource: Resource, now: float) -> bool:
        """Whether it can take hold of this job now: unless it says otherwise, of any that time moves."""
        return bool(job.plan.steps)

    def plan(self, plan: Plan, resource: Resource) -> Plan:
        """The plan of the job from now on."""
        return plan

    def status(self, job: Job, found: Status, since: float, now: float) -> Status:
        """How the job stands."""
        return found

    def hides(self, job: Job, since: float, now: float) -> bool:
        """Whether the job cannot be found."""
        return False

    def locks(self, job: Job, now: float) -> bool:
        """Whether the job still counts as its account's active one."""
        return False

    @property
    def url(self) -> bool:
        """Whether results have URLs."""
        return True

    @property
    def refusal(self) -> tuple[int, str] | None:
        """The status and the sentence that results are refused with."""
        return None

    @property
    def cut(self) -> float | None:
        """The share of a result's bytes after which they break off."""
        return None

    @property
    def corrupts(self) -> bool:
        """Whether the bytes of results are damaged."""
        return False


@dataclass(frozen=True, slots=True)
class Attached:
    """A fault that took hold of a job: what the store, the links and the media ask of it."""

    fault: Plain
    name: str
    since: float

    def status(self, job: Job, found: Status, now: float) -> Status:
        return self.fault.status(job, found, self.since, now)

    def hides(self, job: Job, now: float) -> bool:
        return self.fault.hides(job, self.since, now)

    def locks(self, job: Job, now: float) -> bool:
        return self.fault.locks(job, now)

    @property
    def url(self) -> bool:
        return self.fault.url

    @property
    def refusal(self) -> tuple[int, str] | None:
        return self.fault.refusal

    @property
    def cut(self) -> float | None:
        return self.fault.cut

    @property
    def corrupts(self) -> bool:
        return self.fault.corrupts


@dataclass(frozen=True, slots=True)
class NotFoundAfterCreate(Plain):
    """The job cannot be found until so many seconds after it was created."""

    name: ClassVar[str] = "not_found_after_create"
    seconds: Seconds = 2.0

    def bends(self, job: Job, resource: Resource, now: float) -> bool:
        return now < job.created + self.seconds

    def hides(self, job: Job, since: float, now: float) -> bool:
        return now < job.created + self.seconds


@dataclass(frozen=True, slots=True)
class Lost(Plain):
    """The job cannot be found any more from so many seconds after the fault took hold of it."""

    name: ClassVar[str] = "lost"
    seconds: Seconds = 0.0

    def hides(self, job: Job, since: float, now: float) -> bool:
        return now >= since + self.seconds


@dataclass(frozen=True, slots=True)
class StatusBack(Plain):
    """A job past its first state shows the one before it once more, for so many seconds."""

    name: ClassVar[str] = "status_back"
    seconds: Seconds = 1.0

    def bends(self, job: Job, resource: Resource, now: float) -> bool:
        return len(job.plan.steps) > 1 and not job.moves and now >= job.created + job.plan.steps[0].until

    def status(self, job: Job, found: Status, since: float, now: float) -> Status:
        if job.moves or not since <= now < since + self.seconds:
            return found
        names = [step.state for step in job.plan.steps]
        before = names[names.index(found.state) - 1] if found.state in names[1:] else names[-1]
        return Status(before, 0 if before == names[0] else found.progress, found.updated, None)


@dataclass(frozen=True, slots=True)
class ProgressBack(Plain):
    """The progress of a running job falls by so many percent once, for so many seconds."""

    name: ClassVar[str] = "progress_back"
    percent: Percent = 20
    seconds: Seconds = 1.0

    def bends(self, job: Job, resource: Resource, now: float) -> bool:
        return job.status(now).progress > 0

    def status(self, job: Job, found: Status, since: float, now: float) -> Status:
        if job.moves or not since <= now < since + self.seconds:
            return found
        return found._replace(progress=max(0, found.progress - self.percent))


@dataclass(frozen=True, slots=True)
class Stuck(Plain):
    """The job never leaves a state (the last timed one, unless named) and stops at a progress."""

    name: ClassVar[str] = "stuck"
    state: str = ""
    progress: Percent = 99

    def bends(self, job: Job, resource: Resource, now: float) -> bool:
        return any(step.state == self.state or not self.state for step in job.plan.steps)

    def status(self, job: Job, found: Status, since: float, now: float) -> Status:
        start = 0.0
        for step in job.plan.steps:
            last = step is job.plan.steps[-1]
            if step.state == self.state or (last and not self.state):
                break
            start = step.until
        if job.moves or now < job.created + start:
            return found
        most = self.progress if step.phase == "running" else 0
        progress = min(found.progress, most) if found.state == step.state else most
        return Status(step.state, progress, job.created + start, None)


@dataclass(frozen=True, slots=True)
class Failed(Plain):
    """The job fails at its end, with a message (else one of the contract's)."""

    name: ClassVar[str] = "failed"
    message: str = ""

    def bends(self, job: Job, resource: Resource, now: float) -> bool:
        return bool(job.plan.steps) and _failure(resource) is not None

    def plan(self, plan: Plan, resource: Resource) -> Plan:
        state = _failure(resource) or plan.outcome
        messages = resource.run.errors.get(state) if resource.run else None
        message = self.message or plan.error or (messages[0] if messages else None)
        return plan._replace(outcome=state, end="failure", error=message)


def _failure(resource: Resource) -> str | None:
    return next((state.name for state in resource.states.values() if state.end == "failure"), None)


@dataclass(frozen=True, slots=True)
class CancelCompletes(Plain):
    """Cancelling is answered as done, and the job goes on to its end."""

    name: ClassVar[str] = "cancel_completes"

    def bends(self, job: Job, resource: Resource, now: float) -> bool:
        return bool(job.plan.steps) and any(state.end == "cancelled" for state in resource.states.values())

    def status(self, job: Job, found: Status, since: float, now: float) -> Status:
        return status(job.plan, job.created, (), now)


@dataclass(frozen=True, slots=True)
class LockHeld(Plain):
    """The account's one-active-job lock is held so many seconds beyond the job's end."""

    name: ClassVar[str] = "lock_held"
    seconds: Seconds = 30.0

    def bends(self, job: Job, resource: Resource, now: float) -> bool:
        return resource.exclusive is not None

    def locks(self, job: Job, now: float) -> bool:
        ended = job.status(now).ended
        return ended is not None and now < ended + self.seconds
