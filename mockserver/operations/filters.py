"""Which jobs a list shows: what its parameters ask for. Knows no pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver import pointers
from mockserver.intake import CONTAINS, Filter, Paging
from mockserver.jobs import PlannedJob
from mockserver.notation import bare
from mockserver.operations.call import Breach, Call
from mockserver.operations.places import value_at
from mockserver.operations.spans import MICRO, Span, span
from mockserver.prices import price
from mockserver.subject import Subject
from mockserver.timeline import JobStatus
from mockserver.values import reader

JobFilter = Callable[[PlannedJob], bool]
TIMES: Mapping[str, Callable[[int, Span], bool]] = {
    "created.from": lambda at, given: at >= given.begin,
    "created.until": lambda at, given: at < given.end,
    "created.on": lambda at, given: given.begin <= at < given.end,
    "created.after": lambda at, given: at >= given.end,
    "created.before": lambda at, given: at < given.begin,
}
"""Whether a moment fits the time that was given."""


def job_filter(call: Call, paging: Paging) -> JobFilter | None:
    """Which jobs appear; None when all do, so that a page costs no more among many jobs than among few.

    Raises Breach for a time that is none.
    """
    tests = [test for filter_ in paging.filters for test in _asked(call, filter_)]
    api, resource = call.api, call.operation.resources[0]
    hides, may_be_gone = bool(api.faults.attached), resource in api.gone
    if not paging.states and not tests and not hides and not may_be_gone:
        return None
    states = frozenset(paging.states) or None

    def fits(job: PlannedJob) -> bool:
        if may_be_gone and api.is_gone(job, call.now):
            return False
        if hides and job.fault is not None and job.fault.hides(job, call.now):
            return False
        if states is not None and job.status(call.now).state not in states:
            return False
        return all(test(job) for test in tests)

    return fits


def _asked(call: Call, filter_: Filter) -> Iterator[JobFilter]:
    """What a request asks for by one parameter; nothing where it is left out."""
    value = value_at(call, filter_.place)
    if value is pointers.MISSING:
        return
    if filter_.meaning in TIMES:
        yield _by_time(filter_, value)
    elif filter_.value is None:
        states = texts(value)
        yield lambda job: job.status(call.now).state in states
    else:
        yield _by_fact(call, filter_, _fits(filter_, value))


def _by_time(filter_: Filter, value: Any) -> JobFilter:
    name = name_of(filter_.place)
    meant = None if isinstance(value, list | dict) else span(bare(value))
    if meant is None:
        raise Breach("bad_request", f"{name} must be a time", name)
    fits = TIMES[filter_.meaning]
    return lambda job: fits(round(job.created * MICRO), meant)


def _fits(filter_: Filter, value: Any) -> Callable[[Any], bool]:
    """Whether what is read of a job is what a request asks for; of an object its members are."""
    if filter_.meaning == CONTAINS:
        parts = {text.casefold() for text in texts(value)}
        return lambda fact: any(part in bare(fact).casefold() for part in parts)
    if isinstance(value, dict):
        members = {name: texts(member) for name, member in value.items()}
        return lambda fact: (
            isinstance(fact, dict)
            and all(name in fact and bare(fact[name]) in values for name, values in members.items())
        )
    values = texts(value)
    return lambda fact: bare(fact) in values


def _by_fact(call: Call, filter_: Filter, fitting: Callable[[Any], bool]) -> JobFilter:
    assert filter_.value is not None, "only those with a value come here"
    read = reader(filter_.value)
    subject = about(call)

    def fits(job: PlannedJob) -> bool:
        turn_to(job, call, subject)
        fact = read(subject)
        return fact is not None and fitting(fact)

    return fits


def about(call: Call) -> Subject:
    """What is read of the jobs of a list, one after the other."""
    resource = call.api.contract.resources[call.operation.resources[0]]
    return Subject(
        call.now, account=call.account, links=call.links, kind=resource.id, cost=resource.cost, asked=call.asked,
        credits=call.credits,
    )  # fmt: skip


def turn_to(job: PlannedJob, call: Call, subject: Subject) -> JobStatus:
    """From now on it is read of this job; gives how that stands."""
    resource, status = call.api.contract.resources[job.resource], job.status(call.now)
    subject.job, subject.status = job, status
    if resource.cost_of is not None:
        subject.cost = price(resource, job)
    return status


def texts(value: Any) -> set[str]:
    """What a filter asks for: one value, or any of several."""
    return {bare(one) for one in (value if isinstance(value, list) else [value])}


def name_of(place: str) -> str:
    """What a sentence calls a place."""
    return place.lstrip("/") if place[:1] == "/" else place.partition(".")[2]
