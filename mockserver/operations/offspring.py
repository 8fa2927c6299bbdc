"""What a job brings forth: resources of their own, which are there from the moment at which it comes to a state.

Their ids follow from its own, and they are kept with it from the beginning; a move of the job may change their moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import PARENT, ProducedResource
from mockserver.produced import has_lines, made_id, made_uploads
from mockserver.refunds import refund_of
from mockserver.state.port import Effect, Prolong, PutJob
from mockserver.store import JobRecord
from mockserver.timeline import Move, entries


def ids(api: SandboxApi, job: PlannedJob) -> tuple[str, ...]:
    """The ids of what a job brings forth."""
    names = api.contract.resources[job.resource].makes
    return tuple(made_id(api.contract, job, name) for name in names)


def offspring(api: SandboxApi, job: PlannedJob, values: Mapping[str, Mapping[str, Any] | None]) -> Iterator[JobRecord]:
    """What a new job brings forth; `values` is what each resource keeps of the request, and may know of its parent."""
    for name, product in api.contract.resources[job.resource].makes.items():
        born, moves = _born(api, job, product)
        own_values = _with_parent(api, job, product, values[product.resource])
        yield JobRecord(
            made_id(api.contract, job, name), product.resource, job.account, born, job.record.drawn, job.operation,
            kept=own_values, uploads=made_uploads(job, product, api.result_of(job, product.result)), moves=moves,
        )  # fmt: skip


def _with_parent(
    api: SandboxApi, job: PlannedJob, product: ProducedResource, values: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    return {**(values or {}), PARENT: job.id} if PARENT in api.kept[product.resource] else values


def shifted(api: SandboxApi, job: PlannedJob, jobs: Mapping[str, PlannedJob | None]) -> Iterator[PutJob]:
    """What a job that was moved brings forth at another moment, or not at all; what was moved itself stays."""
    for name, product in api.contract.resources[job.resource].makes.items():
        child = jobs.get(made_id(api.contract, job, name))
        born, moves = _born(api, job, product)
        if child is not None and child.created != born and len(child.moves) == len(moves):
            yield PutJob(child.record.but(created=born, moves=moves), child.record.rev)


def put_job(api: SandboxApi, job: PlannedJob, now: float) -> tuple[Effect, ...]:
    """What keeps the next revision of a job, which may occupy its owner for another time."""
    resource = api.contract.resources[job.resource]
    changed: tuple[Effect, ...] = (PutJob(job.record, job.record.rev - 1),)
    if resource.refunds:
        changed = *changed, refund_of(resource, job, api.account_of(job.account), now)
    if (exclusive := resource.exclusive) is None:
        return changed
    return *changed, Prolong((job.account, job.resource), job.id, job.busy_until(exclusive.states, now))


def _born(api: SandboxApi, job: PlannedJob, product: ProducedResource) -> tuple[float, tuple[Move, ...]]:
    """When it is there, and how it comes to be in its first state."""
    coming = entries(job.plan, job.created, job.moves)
    born = next((at for at, state in coming if state in product.on), inf)
    if born < inf and not has_lines(job, api.result_of(job, product.result), born):
        born = inf
    first = api.contract.resources[product.resource].initial
    return born, (Move(born, product.state),) if product.state not in ("", first) else ()
