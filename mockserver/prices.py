"""What a job costs: a number, or a sum of products of what is read off its request. Knows no account."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor
from typing import Any

from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Price, Resource, Term, Value
from mockserver.subject import Subject
from mockserver.values import number_of, reader

MOST = 1e15


def price(resource: Resource, job: PlannedJob) -> float:
    """The price of a job; what is no number in a request costs nothing."""
    if resource.cost_of is None:
        return resource.cost
    return worth(resource.cost_of, Subject(job.created, job=job, kind=resource.id))


def worth(price: Price, subject: Subject) -> float:
    """The sum of its products, by what is read off a subject."""
    total = round(sum(_worth(term, subject) for term in price), 6)
    return total if 0 <= total < MOST else 0.0


def price_values(price: Price | None) -> Iterator[Value]:
    """What a price reads of its job."""
    yield from (factor for term in price or () for factor in term.factors if isinstance(factor, Value))


def refund_values(resource: Resource) -> Iterator[tuple[str, Value]]:
    """What the shares that are given back read of their job, by state."""
    for state, refund in resource.refunds.items():
        yield from ((state, value) for value in price_values(refund if isinstance(refund, tuple) else None))


def _worth(term: Term, subject: Subject) -> float:
    amount = 1.0
    for factor in term.factors:
        amount *= _number(reader(factor)(subject)) if isinstance(factor, Value) else factor
    amount = round(amount / term.per, 9)
    if not 0 <= amount < MOST:
        return 0.0
    return float({"up": ceil, "down": floor}[term.rounded](amount)) if term.rounded else amount


def _number(value: Any) -> float:
    """A number, or one that is written in digits; else 0, and for one that is too large."""
    number = number_of(value)
    return float(number) if number is not None and abs(number) < MOST else 0.0
