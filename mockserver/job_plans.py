"""What will happen to the jobs of one API: drawn from their records, and remembered by job and revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mockserver.bounds import JOBS_COUNT
from mockserver.contract import Contract
from mockserver.draws import Draw, Draws
from mockserver.jobs import Bend, PlannedJob
from mockserver.lifecycle import Resource, Run
from mockserver.planning import draw_plan
from mockserver.store import Job, Offspring
from mockserver.timeline import Plan
from mockserver.wishes import wished


class Chance(Protocol):
    """Whose draws they are."""

    @property
    def draws(self) -> Draws: ...


def offspring(contract: Contract, resource: Resource) -> Offspring | None:
    """What jobs of a resource produce."""
    made = resource.produces
    return None if made is None else Offspring(contract.resources[made.resource].id, made.resource)


class JobPlans:
    """Plans are a function of the record, the contract and the seed; to remember one saves drawing it again."""

    def __init__(self, contract: Contract, chance: Chance, purposes: Mapping[str, tuple[str, str]]) -> None:
        self._contract, self._chance, self._purposes = contract, chance, purposes
        self._known: dict[str, tuple[int, Plan]] = {}  # by job, with the revision it was drawn for

    def __len__(self) -> int:
        return len(self._known)

    def planned(self, job: Job) -> PlannedJob:
        """A job with its plan."""
        return PlannedJob(job, self)

    def peeked(self, job: Job) -> PlannedJob:
        """The same, its plan not remembered: those of all jobs that are listed take their time at each collection."""
        rev, plan = self._known.get(job.id, (0, None))
        return PlannedJob(job, self, plan if rev == job.rev else self._drawn(job))

    def plan_of(self, job: Job) -> Plan:
        """What will happen to a job; it is drawn once for each revision."""
        known = self._known.get(job.id)
        if known is not None and known[0] == job.rev:
            return known[1]
        if len(self._known) >= JOBS_COUNT:
            self._known.clear()
        plan = self._drawn(job)
        self._known[job.id] = (job.rev, plan)
        return plan

    def leave(self) -> dict[str, tuple[int, Plan]]:
        """Remember none; gives those that were, which take a while to let go."""
        known, self._known = self._known, {}
        return known

    def bend_of(self, job: Job) -> Bend | None:
        """The fault that took hold of a job."""
        if job.fault is None:
            return None
        from mockserver.faults import Attached, job_fault  # faults are imported where the first one is armed

        return Attached(job_fault(job.fault), job.fault.name, job.fault.since)

    def _drawn(self, job: Job) -> Plan:
        if job.plan is not None:
            return job.plan
        resource, (scenario, n) = self._contract.resources[job.resource], job.drawn
        digest = self._chance.draws.reserved(self._purposes[resource.name][1], n)
        passes = None if job.overrides is None else job.overrides.get("passes")
        plan = draw_plan(resource, self._run(resource, scenario), Draw(digest), passes)
        if job.overrides:
            plan = wished(resource, plan, job.overrides)
        if job.fault is None:
            return plan
        from mockserver.faults import job_fault

        return job_fault(job.fault).plan(plan, resource)

    def _run(self, resource: Resource, scenario: str) -> Run | None:
        """What jobs of a resource do by themselves in a scenario."""
        played = self._contract.scenarios.get(scenario)
        return played.run.get(resource.name, resource.run) if played else resource.run
