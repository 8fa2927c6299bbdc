"""The items of a batch: what a job was given to do one by one, how far it has come, and what becomes of each.

Outcomes are drawn with the plan, counts follow progress; a job that was cancelled keeps what was done. Knows no store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver.draws import Draw, digest
from mockserver.jobs import PlannedJob
from mockserver.timeline import ItemPlan, Status

KEPT = "items"
"""Where a job keeps what it was given."""
NOTHING: Sequence[Any] = ()


class Item(NamedTuple):
    """One of a batch: what was said of it, what became of it, and its place."""

    value: Any
    outcome: str
    number: int
    id: str


def given(job: PlannedJob) -> Sequence[Any]:
    """What a job was given, in order."""
    found = NOTHING if job.kept is None else job.kept.get(KEPT, NOTHING)
    return found if isinstance(found, list) else NOTHING


def done(job: PlannedJob, status: Status) -> int:
    """How many items are done."""
    total = len(given(job))
    return total if status.progress >= 100 else total * status.progress // 100


def counts(job: PlannedJob, status: Status) -> Mapping[str, int]:
    """How many of those that are done came to which outcome."""
    return Counter(_outcomes(job)[: done(job, status)])


def items(job: PlannedJob, status: Status) -> Sequence[Item]:
    """Those that are done."""
    pairs = zip(given(job)[: done(job, status)], _outcomes(job), strict=False)
    return [Item(value, outcome, at, digest(job.id, "item", at).hex()) for at, (value, outcome) in enumerate(pairs)]


def _outcomes(job: PlannedJob) -> Sequence[str]:
    plan = job.plan.items
    return NOTHING if plan is None else _drawn(plan, len(given(job)))


@lru_cache(maxsize=32)
def _drawn(plan: ItemPlan, count: int) -> Sequence[str]:
    """The outcome of each item: a function of what was drawn with the plan."""
    weights = dict(plan.weights)
    likely = [name for name, weight in weights.items() if weight > 0]
    if len(likely) < 2:
        return [next(iter(likely or weights))] * count
    draw = Draw(digest(repr(plan.seed), "items", 0))
    return [draw.weighted(weights) for _ in range(count)]
