"""The verb `list`: a page of an account's resources, newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mockserver.answers import Answer, Page, Segments, Subject, render
from mockserver.contract import Paging
from mockserver.operations.call import Call
from mockserver.store import Job


async def list_jobs(call: Call) -> Answer:
    """A page; what is wanted of it was validated with the parameters."""
    paging = call.operation.paging
    assert paging is not None, "the loader gives every list its paging"
    answer = call.example("ok")
    limit = int(call.query.get(paging.limit, paging.default)) if paging.limit else paging.default
    after = call.query.get(paging.cursor) if paging.cursor else None
    account = call.account.id if call.account else ""
    owner = (account, call.operation.resources[0])
    jobs, left = await call.api.store.page(owner, after, limit, _wanted(call, paging), paging.from_next)
    cursor = None if left is None else left.id if paging.from_next else jobs[-1].id
    call.page = Page(_items(call, answer.items, jobs), limit, cursor, left is not None, len(jobs))
    return answer


def _wanted(call: Call, paging: Paging) -> Callable[[Job], bool] | None:
    """Which jobs appear; None when all do, so that a page costs no more among many jobs than among few."""
    asked = {call.query[name] for name in paging.filters if name in call.query}
    if not paging.states and not asked and not call.api.faults.attached:
        return None
    shown = set(paging.states) or set(call.api.contract.resources[call.operation.resources[0]].states)
    wanted = shown & asked if asked else shown
    return lambda job: job.status(call.now).state in wanted and not (job.fault and job.fault.hides(job, call.now))


def _items(call: Call, templates: Mapping[str, Segments], jobs: Sequence[Job]) -> bytes:
    every = templates.get("")
    resource = call.api.contract.resources[call.operation.resources[0]]
    subject = Subject(call.now, account=call.account, links=call.links, kind=resource.id, cost=resource.cost)
    rendered = []
    for job in jobs:
        subject.job, subject.status = job, job.status(call.now)
        rendered.append(render(every or templates[subject.status.state], subject))
    return b"[" + b",".join(rendered) + b"]"
