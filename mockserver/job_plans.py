"""What will happen to the jobs of one API: drawn from their records, and remembered by job and what it follows from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from mockserver.bounds import JOBS_COUNT
from mockserver.contract import Contract
from mockserver.draws import Draw, Draws
from mockserver.jobs import FaultEffect, PlannedJob
from mockserver.lifecycle import Resource, Run, Value
from mockserver.plan_overrides import overridden
from mockserver.planning import draw_plan, ended_early, ended_late, resting
from mockserver.store import JobRecord, Offspring
from mockserver.subject import Subject
from mockserver.timeline import TimelinePlan
from mockserver.values import reader, seconds_of


class Chance(Protocol):
    """Whose draws they are."""

    @property
    def draws(self) -> Draws: ...


def offspring(contract: Contract, resource: Resource) -> Offspring | None:
    """What jobs of a resource produce."""
    product = resource.produces
    return None if product is None else Offspring(contract.resources[product.resource].id, product.resource)


def _says_more(contract: Contract, resource: Resource) -> bool:
    """Whether plans of a resource have times that do not come from chance."""
    runs = (resource.run, *(scenario.run.get(resource.name) for scenario in contract.scenarios.values()))
    is_limited = any(run is not None and run.within is not None for run in runs)
    return is_limited or any(s.after_of is not None or s.during is not None for s in resource.states.values())


DrawnFor = tuple[Any, ...]
"""What a plan follows from: of one revision, a job may have been decided that was not kept, and then another way."""


def _drawn_for(job: JobRecord) -> DrawnFor:
    return job.rev, job.drawn, job.overrides, job.fault


class JobPlans:
    """Plans are a function of the record, the contract and the seed; to remember one saves drawing it again."""

    def __init__(self, contract: Contract, chance: Chance, purposes: Mapping[str, tuple[str, str]]) -> None:
        self._contract, self._chance, self._purposes = contract, chance, purposes
        self._said = frozenset(
            resource.name for resource in contract.resources.values() if _says_more(contract, resource)
        )
        self._known: dict[str, tuple[DrawnFor, TimelinePlan]] = {}  # by job

    def __len__(self) -> int:
        return len(self._known)

    def planned(self, job: JobRecord) -> PlannedJob:
        """A job with its plan."""
        return PlannedJob(job, self)

    def peeked(self, job: JobRecord) -> PlannedJob:
        """The same, its plan not remembered: those of all jobs that are listed take their time at each collection."""
        drawn_for, plan = self._known.get(job.id, (None, None))
        return PlannedJob(job, self, plan if drawn_for == _drawn_for(job) else self._drawn(job))

    def plan_of(self, job: JobRecord) -> TimelinePlan:
        """What will happen to a job; it is drawn once for each revision."""
        if job.plan is not None:
            return job.plan
        known, drawn_for = self._known.get(job.id), _drawn_for(job)
        if known is not None and known[0] == drawn_for:
            return known[1]
        if len(self._known) >= JOBS_COUNT:
            self._known.clear()
        plan = self._drawn(job)
        self._known[job.id] = (drawn_for, plan)
        return plan

    def leave(self) -> dict[str, tuple[DrawnFor, TimelinePlan]]:
        """Remember none; gives those that were, which take a while to let go."""
        plans, self._known = self._known, {}
        return plans

    def fault_of(self, job: JobRecord) -> FaultEffect | None:
        """The fault that took hold of a job."""
        if job.fault is None:
            return None
        from mockserver.faults import Attached, job_fault  # faults are imported where the first one is armed

        return Attached(job_fault(job.fault), job.fault.name, job.fault.since)

    def _drawn(self, job: JobRecord) -> TimelinePlan:
        if job.plan is not None:
            return job.plan
        resource, (scenario, n) = self._contract.resources[job.resource], job.drawn
        digest = self._chance.draws.reserved(self._purposes[resource.name][1], n)
        passes = None if job.overrides is None else job.overrides.get("passes")
        plan = draw_plan(resource, self._run(resource, scenario), Draw(digest), passes)
        if job.overrides:
            plan = overridden(resource, plan, job.overrides)
        if job.overrides or resource.name in self._said:
            plan = self._as_said(resource, plan, job)
        if resource.rests:
            plan = resting(resource, plan)
        if job.fault is None:
            return plan
        from mockserver.faults import job_fault

        return job_fault(job.fault).plan(plan, resource)

    def _as_said(self, resource: Resource, plan: TimelinePlan, job: JobRecord) -> TimelinePlan:
        """The plan with what states, request and a test say of times that do not come from chance."""
        subject = Subject(job.created, job=PlannedJob(job, plan=plan), kind=resource.id)
        run, during = self._run(resource, job.drawn[0]), (job.overrides or {}).get("during")
        values = {state.name: state.after_of for state in resource.states.values() if state.after_of is not None}
        delays = {name: seconds_of(reader(value)(subject)) for name, value in values.items()}
        if delays:
            plan = plan._replace(delays={**plan.delays, **{n: each for n, each in delays.items() if each is not None}})
        plan = ended_early(resource, plan, during)
        if run is None or run.within is None:
            return plan
        seconds = run.within.seconds
        limit = seconds_of(reader(seconds)(subject) if isinstance(seconds, Value) else seconds)
        return plan if limit is None else ended_late(resource, plan, limit, run)

    def _run(self, resource: Resource, scenario: str) -> Run | None:
        """What jobs of a resource do by themselves in a scenario."""
        played = self._contract.scenarios.get(scenario)
        return played.run.get(resource.name, resource.run) if played else resource.run
