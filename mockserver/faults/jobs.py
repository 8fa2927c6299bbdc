"""Faults of jobs. One that took hold of a job stays with it; the job is then a function of plan, moves, fault and now.

Each answers what it changes; `JobFault` says what a job is without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, nextafter
from typing import Annotated, Any, ClassVar, final

from mockserver.faults.base import UNMOVED, JobFault
from mockserver.faults.parameters import Between, Seconds
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Resource
from mockserver.suggestions import hint
from mockserver.timeline import Course, JobStatus, TimelinePlan, TimelineStep, but_told, entered, status

Percent = Annotated[int, Between(0, 100)]


@final
@dataclass(frozen=True, slots=True)
class Attached:
    """A fault that took hold of a job: what the store, the links and the media ask of it."""

    fault: JobFault
    name: str
    since: float

    def status(self, job: PlannedJob, standing: JobStatus, now: float) -> JobStatus:
        return self.fault.status(job, standing, self.since, now)

    def course(self, job: PlannedJob, now: float) -> Course:
        return self.fault.course(job, self.since, now)

    def hides(self, job: PlannedJob, now: float) -> bool:
        return self.fault.hides(job, self.since, now)

    def locks(self, job: PlannedJob, now: float) -> bool:
        return self.fault.locks(job, now)

    def moments(self, job: PlannedJob) -> tuple[float, ...]:
        return self.fault.moments(job, self.since)

    @property
    def url(self) -> bool:
        return self.fault.url

    @property
    def refusal(self) -> str | None:
        return self.fault.refusal

    @property
    def cut(self) -> float | None:
        return self.fault.cut

    @property
    def corrupts(self) -> bool:
        return self.fault.corrupts


@final
@dataclass(frozen=True, slots=True)
class NotFoundAfterCreate(JobFault):
    """The job cannot be found until so many seconds after it was created."""

    name: ClassVar[str] = "not_found_after_create"
    revealing: ClassVar[bool] = True
    variants: ClassVar[Sequence[Mapping[str, Any]]] = ({}, {"seconds": 10.0})
    seconds: Seconds = 2.0

    def can_attach(self, job: PlannedJob, resource: Resource, now: float) -> bool:
        return now < job.created + self.seconds

    def never(self, resource: Resource) -> str | None:
        return None

    def hides(self, job: PlannedJob, since: float, now: float) -> bool:
        return now < job.created + self.seconds


@final
@dataclass(frozen=True, slots=True)
class Lost(JobFault):
    """The job cannot be found any more from so many seconds after the fault took hold of it."""

    name: ClassVar[str] = "lost"
    seconds: Seconds = 0.0

    def hides(self, job: PlannedJob, since: float, now: float) -> bool:
        return now >= since + self.seconds


@final
@dataclass(frozen=True, slots=True)
class StatusBack(JobFault):
    """A job past its first state shows the one before it once more, for so many seconds."""

    name: ClassVar[str] = "status_back"
    on_create: ClassVar[bool] = False
    seconds: Seconds = 1.0

    def can_attach(self, job: PlannedJob, resource: Resource, now: float) -> bool:
        return len(job.plan.steps) > 1 and not job.moves and now >= job.created + job.plan.steps[0].until

    def never(self, resource: Resource) -> str | None:
        return None if len(resource.timed) > 1 else "no state stands before another one"

    def status(self, job: PlannedJob, standing: JobStatus, since: float, now: float) -> JobStatus:
        if job.moves or not since <= now < since + self.seconds:
            return standing
        names = [step.state for step in job.plan.steps]
        before = names[names.index(standing.state) - 1] if standing.state in names[1:] else names[-1]
        return JobStatus(before, 0 if before == names[0] else standing.progress, standing.updated, None)

    def course(self, job: PlannedJob, since: float, now: float) -> Course:
        usual = Course(job.plan, job.moves, now)
        if job.moves or not since <= now < since + self.seconds:
            return usual
        state = status(job.plan, job.created, (), now).state
        entered_at = entered(job.plan, job.created, (), state, now)
        return usual if entered_at is None else usual._replace(now=nextafter(entered_at, 0.0))

    def moments(self, job: PlannedJob, since: float) -> tuple[float, ...]:
        return since, since + self.seconds


@final
@dataclass(frozen=True, slots=True)
class ProgressBack(JobFault):
    """The progress of a running job falls by so many percent once, for so many seconds."""

    name: ClassVar[str] = "progress_back"
    on_create: ClassVar[bool] = False
    percent: Percent = 20
    seconds: Seconds = 1.0

    def can_attach(self, job: PlannedJob, resource: Resource, now: float) -> bool:
        return job.status(now).progress > 0

    def status(self, job: PlannedJob, standing: JobStatus, since: float, now: float) -> JobStatus:
        if job.moves or not since <= now < since + self.seconds:
            return standing
        return standing._replace(progress=max(0, standing.progress - self.percent))


@final
@dataclass(frozen=True, slots=True)
class Stuck(JobFault):
    """The job never leaves a state (the last timed one, unless named) and stops at a progress."""

    name: ClassVar[str] = "stuck"
    revealing: ClassVar[bool] = True
    state: str = ""
    progress: Percent = 99

    def can_attach(self, job: PlannedJob, resource: Resource, now: float) -> bool:
        return any(step.state == self.state or not self.state for step in job.plan.steps)

    def never(self, resource: Resource) -> str | None:
        names = resource.timed
        if not self.state or not names:
            return None if names else UNMOVED
        return None if self.state in names else f"time leads to no state {self.state!r}; {hint(self.state, names)}"

    def status(self, job: PlannedJob, standing: JobStatus, since: float, now: float) -> JobStatus:
        *passed, step = self._steps(job)
        start = passed[-1].until if passed else 0.0
        if job.moves or now < job.created + start:
            return standing
        most = self.progress if step.phase == "running" else 0
        progress = min(standing.progress, most) if standing.state == step.state else most
        return JobStatus(step.state, progress, job.created + start, None)

    def course(self, job: PlannedJob, since: float, now: float) -> Course:
        *passed, step = self._steps(job)
        return Course(job.plan._replace(steps=(*passed, step._replace(until=inf))), job.moves, now)

    def _steps(self, job: PlannedJob) -> Sequence[TimelineStep]:
        """The steps up to the one that does not end."""
        steps = job.plan.steps
        stays = next((n for n, step in enumerate(steps) if step.state == self.state), len(steps) - 1)
        return steps[: stays + 1]


@final
@dataclass(frozen=True, slots=True)
class Failed(JobFault):
    """The job fails at its end, with a message (else one of the contract's)."""

    name: ClassVar[str] = "failed"
    message: str = ""

    def can_attach(self, job: PlannedJob, resource: Resource, now: float) -> bool:
        return bool(job.plan.steps) and _failure(resource) is not None

    def never(self, resource: Resource) -> str | None:
        if resource.timed and _failure(resource) is None:
            return "nothing in it can fail"
        return JobFault.never(self, resource)

    def plan(self, plan: TimelinePlan, resource: Resource) -> TimelinePlan:
        state = _failure(resource) or plan.outcome
        message = but_told(plan.error or resource.error_in(state), self.message or None)
        return plan._replace(outcome=state, end="failure", error=message)


def _failure(resource: Resource) -> str | None:
    return next((state.name for state in resource.states.values() if state.end == "failure"), None)


@final
@dataclass(frozen=True, slots=True)
class CancelCompletes(JobFault):
    """Cancelling is answered as done, and the job goes on to its end."""

    name: ClassVar[str] = "cancel_completes"

    def can_attach(self, job: PlannedJob, resource: Resource, now: float) -> bool:
        return bool(job.plan.steps) and _can_be_cancelled(resource)

    def never(self, resource: Resource) -> str | None:
        return JobFault.never(self, resource) if _can_be_cancelled(resource) else "nothing in it can be cancelled"

    def status(self, job: PlannedJob, standing: JobStatus, since: float, now: float) -> JobStatus:
        return status(job.plan, job.created, (), now)

    def course(self, job: PlannedJob, since: float, now: float) -> Course:
        return Course(job.plan, (), now)


def _can_be_cancelled(resource: Resource) -> bool:
    return any(state.end == "cancelled" for state in resource.states.values())


@final
@dataclass(frozen=True, slots=True)
class LockHeld(JobFault):
    """The account's one-active-job lock is held so many seconds beyond the job's end."""

    name: ClassVar[str] = "lock_held"
    seconds: Seconds = 30.0

    def can_attach(self, job: PlannedJob, resource: Resource, now: float) -> bool:
        return resource.exclusive is not None

    def never(self, resource: Resource) -> str | None:
        return None if resource.exclusive else "an account may have any number of active jobs"

    def locks(self, job: PlannedJob, now: float) -> bool:
        ended = job.status(now).ended
        return ended is not None and now < ended + self.seconds

    def moments(self, job: PlannedJob, since: float) -> tuple[float, ...]:
        ended = job.status(inf).ended
        return () if ended is None else (ended + self.seconds,)
