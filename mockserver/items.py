"""The items of a batch: what a job was given to do one by one, how far it has come, and what becomes of each.

Outcomes are drawn with the plan, counts follow progress; a job that was cancelled keeps what was done. Knows no store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.conditions import Condition
from mockserver.draws import Draw, digest
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Items
from mockserver.timeline import JobStatus

KEPT = "items"
"""Where a job keeps what it was given."""
NOTHING: Sequence[Any] = ()


class Item(NamedTuple):
    """One of a batch: what was said of it, what became of it (None: not yet), its place, and in an object its key."""

    value: Any
    outcome: str | None
    number: int
    id: str
    key: str | None = None


def job_inputs(job: PlannedJob) -> Sequence[Any]:
    """What a job was given, in order."""
    inputs = _kept(job)
    return [*inputs.values()] if isinstance(inputs, dict) else inputs if isinstance(inputs, list) else NOTHING


def _kept(job: PlannedJob) -> Any:
    return NOTHING if job.kept is None else job.kept.get(KEPT, NOTHING)


def done(job: PlannedJob, status: JobStatus) -> int:
    """How many items have come to their outcome."""
    return len(job_inputs(job)) if _rest(job, status) else _finished(job, status)


def counts(job: PlannedJob, status: JobStatus) -> Mapping[str, int]:
    """How many of those that are done came to which outcome."""
    return Counter(_outcomes(job, status))


def items(job: PlannedJob, status: JobStatus) -> Sequence[Item]:
    """Those that are done."""
    return _rows(job, _outcomes(job, status))


def every(job: PlannedJob, status: JobStatus) -> Sequence[Item]:
    """All of them, also those that are not done."""
    return _rows(job, [*_outcomes(job, status), *[None] * len(job_inputs(job))])


def _rows(job: PlannedJob, outcomes: Sequence[str | None]) -> Sequence[Item]:
    """As many as there are outcomes and values."""
    values, inputs = job_inputs(job), _kept(job)
    keys = [*inputs] if isinstance(inputs, dict) else [None] * len(values)
    rows = enumerate(zip(values, outcomes, keys, strict=False))
    return [Item(value, outcome, at, digest(job.id, "item", at).hex(), key) for at, (value, outcome, key) in rows]


def _finished(job: PlannedJob, status: JobStatus) -> int:
    """How many the job has done itself."""
    total = len(job_inputs(job))
    return total if status.progress >= 100 else total * status.progress // 100


def _rest(job: PlannedJob, status: JobStatus) -> str:
    """What has become of those that the job left undone; nothing yet: ""."""
    return "" if job.plan.items is None else job.plan.items.said.left.get(status.state, "")


def _outcomes(job: PlannedJob, status: JobStatus) -> Sequence[str]:
    """The outcome of each item that is done, in order."""
    plan, total = job.plan.items, len(job_inputs(job))
    if plan is None:
        return NOTHING
    finished = _finished(job, status)
    outcomes = _drawn(tuple(plan.said.outcomes.items()), plan.seed, total)[:finished]
    if plan.said.matches:
        outcomes = [
            _named(plan.said, value) or outcome for value, outcome in zip(job_inputs(job), outcomes, strict=False)
        ]
    unfinished = _rest(job, status)
    return [*outcomes, *[unfinished] * (total - finished)] if unfinished else outcomes


def _named(rule: Items, value: Any) -> str:
    """The outcome of an item by its own words; "" where they name none."""
    return next((outcome for condition, outcome in rule.matches if _holds(condition, value)), "")


def _holds(condition: Condition, value: Any) -> bool:
    return any(all(rule.allows(stated(value, rule.fact.partition(".")[2])) for rule in row) for row in condition)


def stated(value: Any, what: str) -> Any:
    """What was said of an item at a pointer, or the whole (`body`); None when nothing was."""
    member = value if what == "body" else pointers.get(value, what)
    return None if member is pointers.MISSING else member


@lru_cache(maxsize=32)
def _drawn(weights: tuple[tuple[str, float], ...], seed: float, count: int) -> Sequence[str]:
    """The outcome of each item: a function of what was drawn with the plan."""
    likely = [name for name, weight in weights if weight > 0]
    if len(likely) < 2:
        return [likely[0] if likely else weights[0][0]] * count
    draw = Draw(digest(repr(seed), "items", 0))
    return [draw.weighted(dict(weights)) for _ in range(count)]
