"""What a verb decides: which example answers, about which job, and what is to be kept. Records; nothing here acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from mockserver.answers import ResponseTemplate
from mockserver.jobs import PlannedJob
from mockserver.state.port import Effect, PageOf, PlanOrder
from mockserver.store import Handle, LockOwner
from mockserver.timeline import JobStatus

NOTHING: Mapping[Any, Any] = {}
JobPage = tuple[Sequence[PlannedJob], PlannedJob | None]
"""The jobs of a page, and the next one."""


class More(NamedTuple):
    """What a verb has to see before it can decide: jobs by id (or that produce it), the bytes behind ids, a page, how
    many jobs an owner has.

    `compare`: whether original and mask among these sources are shown in one size. `read`: the lines of JSON in each
    of these. `join`: these laid end to end.
    """

    ids: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    page: PageOf | None = None
    compare: Mapping[str, Handle] = NOTHING
    number_of: LockOwner | None = None
    read: tuple[Handle, ...] = ()
    join: tuple[Handle, ...] = ()


class LookedUp:
    """What was looked up for a request. An id that stands here without a job is unknown.

    `numbers` are the request's own, one for each purpose of its verb: what is drawn for it is drawn with these.
    `job` is the one that the request names, `busy` the moment until which another job occupies its owner, `credits`
    what its account shows, `order` the oldest plan that a test has waiting for it. What nobody looked up costs nothing:
    these are the defaults.
    """

    numbers: tuple[int, ...] = ()
    job: PlannedJob | None = None
    busy: float = -inf
    credits: float | None = None
    order: PlanOrder | None = None
    jobs: Mapping[str, PlannedJob | None] = NOTHING
    makers: Mapping[str, PlannedJob | None] = NOTHING
    media: Mapping[str, Handle | None] = NOTHING
    pages: Mapping[PageOf, JobPage] = NOTHING
    same_size: bool | None = None
    counts: Mapping[LockOwner, int] = NOTHING
    lines: Mapping[Handle, Sequence[Any]] = NOTHING
    joined: Mapping[tuple[Handle, ...], Handle | None] = NOTHING


class Decision:
    """The answer, and what it is read from. Without an answer the bytes of the job's `result` are sent.

    `facts` are others than job, status and page, by name. What a verb leaves out costs nothing.
    """

    result: str = ""
    effects: tuple[Effect, ...] = ()
    facts: Mapping[str, Any] = NOTHING

    def __init__(
        self, answer: ResponseTemplate | None, job: PlannedJob | None = None, status: JobStatus | None = None
    ) -> None:
        self.answer, self.job, self.status = answer, job, status

    def but(self, **more: Any) -> Decision:
        """The same with something that few verbs decide."""
        self.__dict__.update(more)
        return self
