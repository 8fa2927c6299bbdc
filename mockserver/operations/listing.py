"""The verb `list`: a page of an account's resources, newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.intake import Paging
from mockserver.jobs import PlannedJob
from mockserver.notation import bare
from mockserver.operations.call import Call, refuse_asked
from mockserver.operations.decision import Decision, Found, JobPage, More
from mockserver.prices import price
from mockserver.state.port import PageOf
from mockserver.subject import Page, Subject
from mockserver.values import Segments, render

MOST = 10**9
FILTERED = (1_000, 1_000_000)
"""How many jobs are looked at for a page of those wanted, and how many where that was too few."""


def list_jobs(call: Call, found: Found) -> Decision | More:
    """A page; what is wanted of it was validated with the parameters."""
    paging = call.operation.paging
    assert paging is not None, "the loader gives every list its paging"
    limit = _limit(call.query.get(paging.limit), paging.default) if paging.limit else paging.default
    refuse_asked(call)
    page = _page(call, found, paging, limit)
    if isinstance(page, More):
        return page
    jobs, left = page
    answer = call.example("ok")
    items = _items(call, answer.items, jobs)
    cursor = None if left is None else _cursor(call, paging, jobs, left)
    page_facts = Page(items, limit, cursor, left is not None, len(jobs), _next_url(call, paging, cursor))
    return Decision(answer).but(facts={"page": page_facts})


def _next_url(call: Call, paging: Paging, cursor: str | None) -> str | None:
    """Where the next page is, with the other parameters as they were given."""
    if cursor is None or paging.cursor is None:
        return None
    given = {name: bare(value) for name, value in call.query.items() if not isinstance(value, list)}
    return call.links.page(call.operation.id, {**given, paging.cursor: cursor})


def _after(call: Call, paging: Paging) -> str | None:
    """The cursor that was given, whatever type the parameter has."""
    given = call.query.get(paging.cursor) if paging.cursor else None
    return None if given is None else bare(given)


def _cursor(call: Call, paging: Paging, jobs: Sequence[PlannedJob], left: PlannedJob) -> str | None:
    """What leads to the next page; behind an empty one, what led to it."""
    if paging.from_next:
        return left.id
    return jobs[-1].id if jobs else _after(call, paging)


def _page(call: Call, found: Found, paging: Paging, limit: int) -> JobPage | More:
    """The jobs of a page, and the next one."""
    after = _after(call, paging)
    owner = (call.account.id if call.account else "", call.operation.resources[0])
    wanted = _wanted(call, paging)
    for most in (limit,) if wanted is None else FILTERED:
        asked = PageOf(owner, after, most, paging.from_next)
        if asked not in found.pages:
            return More(page=asked)
        jobs, left = found.pages[asked]
        if wanted is None:
            return jobs, left
        fitting = [job for job in jobs if wanted(job)]
        if len(fitting) > limit or left is None:
            break
    return fitting[:limit], fitting[limit] if len(fitting) > limit else None


def _wanted(call: Call, paging: Paging) -> Callable[[PlannedJob], bool] | None:
    """Which jobs appear; None when all do, so that a page costs no more among many jobs than among few."""
    asked = [_texts(call.query[name]) for name in paging.filters if name in call.query]
    resource = call.api.contract.resources[call.operation.resources[0]]
    api, gone = call.api, call.api.gone.get(resource.name)
    if not paging.states and not asked and gone is None and not api.faults.attached:
        return None
    wanted = set(paging.states or resource.states).intersection(*asked)
    return lambda job: (
        job.status(call.now).state in wanted
        and not api.is_gone(job, call.now)
        and not (job.bend and job.bend.hides(job, call.now))
    )


def _limit(given: Any, usual: int) -> int:
    """How many a page shall have, whatever type the parameter has."""
    if isinstance(given, str):
        given = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
    if isinstance(given, bool) or not isinstance(given, int | float):
        return usual
    return max(0, min(int(given), MOST))


def _texts(given: Any) -> set[str]:
    """What a filter asks for: one value, or any of several."""
    return {bare(each) for each in (given if isinstance(given, list) else [given])}


def _items(call: Call, templates: Mapping[str, Segments], jobs: Sequence[PlannedJob]) -> bytes:
    every = templates.get("")
    resource = call.api.contract.resources[call.operation.resources[0]]
    subject = Subject(
        call.now, account=call.account, links=call.links, kind=resource.id, cost=resource.cost, asked=call.asked,
        credits=call.credits,
    )  # fmt: skip
    rendered = []
    for job in jobs:
        subject.job, subject.status = job, job.status(call.now)
        if resource.cost_of is not None:
            subject.cost = price(resource, job)
        rendered.append(render(every or templates[subject.status.state], subject))
    return b"[" + b",".join(rendered) + b"]"
