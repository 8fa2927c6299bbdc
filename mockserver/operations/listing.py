"""The verb `list`: a page of an account's resources, newest first unless something says otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockserver.intake import Paging
from mockserver.jobs import PlannedJob
from mockserver.operations import paging as pages
from mockserver.operations.call import Call, refuse_asked
from mockserver.operations.decision import Decision, LookedUp, More
from mockserver.operations.filters import about, job_filter, turn_to
from mockserver.operations.walking import Start, Unseen, Walk
from mockserver.subject import Page
from mockserver.values import Segments, render

_ON = frozenset(("next", "next_url", "link"))
_URLS = frozenset(("next_url", "link"))
_BACK = frozenset(("previous", "previous_url", "link"))
_TOTAL = frozenset(("total", "pages", "link", "last_url"))
_EDGES = frozenset(("first_url", "last_url", "link"))


def list_jobs(call: Call, records: LookedUp) -> Decision | More:
    """A page; what is wanted of it was validated with the parameters."""
    paging = call.operation.paging
    assert paging is not None, "the loader gives every list its paging"
    try:
        return _page(call, records, paging)
    except Unseen as unseen:
        return unseen.more


def _page(call: Call, records: LookedUp, paging: Paging) -> Decision:
    want = pages.asked(call, records, paging)
    owner = (call.account.id if call.account else "", call.operation.resources[0])
    refuse_asked(call)
    walk = Walk(records, owner, job_filter(call, paging), is_ascending=want.is_ascending)
    jobs, following = walk.page(want.start, want.limit)
    answer = call.example("ok")
    page = Page(_items(call, answer.items, jobs), want.limit, len(jobs), following is not None)
    _lead(call, paging, want, page, jobs, following, walk)
    _count(call, paging, want, page, walk)
    if _EDGES & paging.facts:
        _lead_out(call, paging, want, page)
    page.link = _link(page) if "link" in paging.facts else None
    page.url = (
        call.links.page(call.operation.id, pages.page_parameters(call), call.path) if "url" in paging.facts else None
    )
    return Decision(answer).but(facts={"page": page})


def _lead(
    call: Call, paging: Paging, want: pages.PageRequest, page: Page, jobs: Sequence[PlannedJob],
    following: PlannedJob | None, walk: Walk,
) -> None:  # fmt: skip
    """Note what leads to the neighbours of a page. An empty page leads nowhere, or a client would never end."""
    if jobs:
        page.first, page.last = jobs[0].id, jobs[-1].id
    if want.way == "cursor":
        page.next = _cursor(paging, want, jobs, following)
    elif jobs and _ON & paging.facts and _has_later(want, jobs, following, walk):
        page.next = pages.leads_on(want, jobs)
    if _BACK & paging.facts and _has_earlier(want, jobs, following, walk):
        page.previous = pages.leads_back(want, paging, jobs)
    if page.next is not None and _URLS & paging.facts:
        page.next_url = _url(call, paging, "after" if want.way == "before" else want.way, page.next)
    if page.previous is not None:
        page.previous_url = _url(call, paging, "before" if want.way == "after" else want.way, page.previous)


def _cursor(
    paging: Paging, want: pages.PageRequest, jobs: Sequence[PlannedJob], following: PlannedJob | None
) -> str | None:
    """What leads to the next page; behind an empty one, what led to it."""
    if following is None:
        return None
    if paging.from_next:
        return following.id
    return jobs[-1].id if jobs else want.start.after


def _has_later(want: pages.PageRequest, jobs: Sequence[PlannedJob], following: PlannedJob | None, walk: Walk) -> bool:
    return following is not None if not want.start.is_back else bool(walk.page(Start(jobs[-1].id), 1)[0])


def _has_earlier(want: pages.PageRequest, jobs: Sequence[PlannedJob], following: PlannedJob | None, walk: Walk) -> bool:
    if want.start.is_back:
        return following is not None
    if want.start.after is None:
        return want.start.skip > 0
    return bool(jobs) and bool(walk.page(Start(jobs[0].id, is_back=True), 1)[0])


def _url(call: Call, paging: Paging, way: str, lead: str | int | None) -> str | None:
    """Where a page is, with the other parameters as they were given; None where no parameter leads to it."""
    if lead is not None and way not in paging.places:
        return None
    return call.links.page(call.operation.id, pages.query(call, paging, way, lead), call.path)


def _count(call: Call, paging: Paging, want: pages.PageRequest, page: Page, walk: Walk) -> None:
    """Note how many there are, where that is told, and where among them the page stands."""
    if want.way in ("page", "offset"):
        page.offset = want.start.skip
        number = want.number if want.way == "page" else paging.first + want.number // max(1, want.limit)
        page.number = number
    if _TOTAL & paging.facts and (want.way in ("page", "offset") or paging.facts & {"total", "pages"}):
        page.total = walk.total()
        page.pages = -(-page.total // max(1, want.limit))


def _lead_out(call: Call, paging: Paging, want: pages.PageRequest, page: Page) -> None:
    """Note where the first page is, and the last where pages are counted."""
    page.first_url = _url(call, paging, want.way, None)
    if page.pages and want.way in ("page", "offset"):
        at = page.pages - 1
        page.last_url = _url(call, paging, want.way, at * want.limit if want.way == "offset" else paging.first + at)


def _link(page: Page) -> str | None:
    """The header Link of RFC 8288; absent where nothing is to be told."""
    targets = {"prev": page.previous_url, "next": page.next_url}
    if page.next is not None:
        targets["last"] = page.last_url
    if page.previous is not None:
        targets["first"] = page.first_url
    return ", ".join(f'<{url}>; rel="{name}"' for name, url in targets.items() if url is not None) or None


def _items(call: Call, templates: Mapping[str, Segments], jobs: Sequence[PlannedJob]) -> bytes:
    every, subject, rendered = templates.get(""), about(call), []
    for job in jobs:
        status = turn_to(job, call, subject)
        rendered.append(render(every or templates[status.state], subject))
    return b"[" + b",".join(rendered) + b"]"
