"""A job with its plan: what is derived from the record of one revision, and never kept. Knows no store."""

from __future__ import annotations

from collections.abc import Collection
from math import inf
from typing import Protocol

from mockserver.milestones import going, outcome_of
from mockserver.store import JobRecord
from mockserver.timeline import Course, JobStatus, TimelinePlan, entries, status


class FaultEffect(Protocol):
    """What a fault that took hold of a job makes of it; `url` says whether its results have URLs."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> bool: ...
    @property
    def refusal(self) -> str | None: ...
    @property
    def cut(self) -> float | None: ...
    @property
    def corrupts(self) -> bool: ...
    def status(self, job: PlannedJob, standing: JobStatus, now: float) -> JobStatus: ...
    def course(self, job: PlannedJob, now: float) -> Course: ...
    def hides(self, job: PlannedJob, now: float) -> bool: ...
    def locks(self, job: PlannedJob, now: float) -> bool: ...
    def moments(self, job: PlannedJob) -> tuple[float, ...]: ...


class Plans(Protocol):
    """Who draws the plan of a job, and finds the fault that took hold of it."""

    def plan_of(self, job: JobRecord) -> TimelinePlan: ...
    def fault_of(self, job: JobRecord) -> FaultEffect | None: ...


class PlannedJob:
    """A job's record, and what follows from it. Its plan is drawn when somebody looks at it: in a load test, few do."""

    __slots__ = (
        "_plan", "_plans", "account", "created", "credits_before", "fault", "id", "kept", "moves", "operation",
        "record", "resource", "uploads",
    )  # fmt: skip

    def __init__(self, record: JobRecord, plans: Plans | None = None, plan: TimelinePlan | None = None) -> None:
        self.record = record
        (
            self.id, self.resource, self.account, self.created, _, self.operation, _, _,
            self.kept, self.uploads, _, self.credits_before, self.moves, fault, _,
        ) = record  # fmt: skip
        self.fault = None if plans is None or fault is None else plans.fault_of(record)
        self._plans = plans
        self._plan = plan

    @property
    def produced(self) -> str | None:
        """The id of the resource that it produces."""
        return self.record.produced

    @property
    def plan(self) -> TimelinePlan:
        """What will happen to it."""
        if self._plan is None:
            assert self._plans is not None, "one of them was given"
            self._plan = self._plans.plan_of(self.record)
        return self._plan

    @property
    def run(self) -> tuple[TimelinePlan, float]:
        """The run that it is in, or was in last, and what its times are reckoned from."""
        return going(self.plan, self.created, self.moves)

    @property
    def outcome(self) -> str:
        """The state in which its run ends, also one that is still to begin."""
        return outcome_of(self.plan, self.created, self.moves)

    def status(self, now: float) -> JobStatus:
        """How it stands at `now`."""
        planned = status(self.plan, self.created, self.moves, now)
        return planned if self.fault is None else self.fault.status(self, planned, now)

    def course(self, now: float) -> Course:
        """What its times are reckoned from at `now`."""
        return Course(self.plan, self.moves, now) if self.fault is None else self.fault.course(self, now)

    def moments(self, after: float) -> list[float]:
        """When it may come to stand otherwise, after a moment: by time, or because it was moved or met a fault."""
        found = {at for at, _ in entries(self.plan, self.created, self.moves)} | {move.at for move in self.moves}
        if self.fault is not None:
            found.update(self.fault.moments(self))
        return sorted(moment for moment in found if after < moment < inf)

    def busy_until(self, states: Collection[str], now: float) -> float:
        """The moment from which on it no longer counts as its owner's active one, at `now` or later."""
        moments = {at for at, _ in entries(self.plan, self.created, self.moves)}
        if self.fault is not None:
            moments.update(self.fault.moments(self))
        starts = [now, *sorted(moment for moment in moments if now < moment < inf)]
        until = now
        for start, end in zip(starts, [*starts[1:], inf], strict=True):
            if self.status(start).state in states or (self.fault is not None and self.fault.locks(self, start)):
                until = end
        return until
