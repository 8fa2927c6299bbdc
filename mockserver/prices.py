"""What a job costs: a number, or what a value reads off its request. Knows no account."""

from __future__ import annotations

from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Resource
from mockserver.subject import Subject
from mockserver.values import reader


def price(resource: Resource, job: PlannedJob) -> float:
    """The price of a job; of one whose value is no number, what stands in its stead."""
    if resource.cost_of is None:
        return resource.cost
    found = reader(resource.cost_of)(Subject(job.created, job=job, kind=resource.id))
    is_price = isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < 1e15
    return float(found) if is_price else resource.cost
