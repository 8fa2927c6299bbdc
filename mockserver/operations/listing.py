"""The verb `list`: a page of an account's resources, newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mockserver.answers import render
from mockserver.contract import Paging
from mockserver.facts import Page, Segments, Subject
from mockserver.jobs import PlannedJob
from mockserver.operations.call import Call
from mockserver.operations.decision import Decision, Found, JobPage, More
from mockserver.state.port import PageOf

FILTERED = (1_000, 1_000_000)
"""How many jobs are looked at for a page of those wanted, and how many where that was too few."""


def list_jobs(call: Call, found: Found) -> Decision | More:
    """A page; what is wanted of it was validated with the parameters."""
    paging = call.operation.paging
    assert paging is not None, "the loader gives every list its paging"
    limit = int(call.query.get(paging.limit, paging.default)) if paging.limit else paging.default
    page = _page(call, found, paging, limit)
    if isinstance(page, More):
        return page
    jobs, left = page
    answer = call.example("ok")
    items = _items(call, answer.items, jobs)
    cursor = None if left is None else left.id if paging.from_next else jobs[-1].id
    page_facts = Page(items, limit, cursor, left is not None, len(jobs))
    return Decision(answer).but(facts={"page": page_facts})


def _page(call: Call, found: Found, paging: Paging, limit: int) -> JobPage | More:
    """The jobs of a page, and the next one."""
    after = call.query.get(paging.cursor) if paging.cursor else None
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
    asked = {call.query[name] for name in paging.filters if name in call.query}
    if not paging.states and not asked and not call.api.faults.attached:
        return None
    shown = set(paging.states) or set(call.api.contract.resources[call.operation.resources[0]].states)
    wanted = shown & asked if asked else shown
    return lambda job: job.status(call.now).state in wanted and not (job.bend and job.bend.hides(job, call.now))


def _items(call: Call, templates: Mapping[str, Segments], jobs: Sequence[PlannedJob]) -> bytes:
    every = templates.get("")
    resource = call.api.contract.resources[call.operation.resources[0]]
    subject = Subject(call.now, account=call.account, links=call.links, kind=resource.id, cost=resource.cost)
    rendered = []
    for job in jobs:
        subject.job, subject.status = job, job.status(call.now)
        rendered.append(render(every or templates[subject.status.state], subject))
    return b"[" + b",".join(rendered) + b"]"
