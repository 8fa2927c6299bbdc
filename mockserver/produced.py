"""What a job brings forth, as far as that follows from the job: ids, bytes, whether there is anything. Knows no URL."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.contract import Contract
from mockserver.draws import derived
from mockserver.items import counts
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import ProducedResource, Result
from mockserver.makers import media_type
from mockserver.store import Handle


def made_id(contract: Contract, job: PlannedJob, name: str) -> str:
    """The id of what a job brings forth under a name."""
    product = contract.resources[job.resource].makes[name]
    return derived(contract.resources[product.resource].id, job.id, f"produces.{name}")


def has_lines(job: PlannedJob, result: Result | None, now: float) -> bool:
    """Whether what a job brings forth holds anything: a file of lines without any does not come to be."""
    if result is None or result.make != "jsonl":
        return True
    status = job.status(now)
    outcomes = counts(job, status if status.ended is not None else status._replace(progress=100))
    return any(outcomes.get(outcome) for outcome in result.items or outcomes)


def made_uploads(job: PlannedJob, product: ProducedResource, result: Result | None) -> Mapping[str, Handle] | None:
    """The bytes that it has: those of a result of the job."""
    if result is None:
        return None
    return {product.part: Handle(job.id, media_type(result.file), result.file, result=result.name)}
