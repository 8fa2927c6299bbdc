"""What a verb decides: which example answers, about which job, and what is to be kept. Records; nothing here acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mockserver.answers import Answer
from mockserver.api_state import PlanOrder
from mockserver.posting import Posting
from mockserver.shelf import Upload
from mockserver.store import Account, Job, Owner
from mockserver.timeline import Status

NOTHING: Mapping[Any, Any] = {}


class PageOf(NamedTuple):
    """So many jobs of an owner, newest first, those after the job `after`; and that one itself, `with_it`."""

    owner: Owner
    after: str | None
    most: int
    with_it: bool = False


class More(NamedTuple):
    """What a verb has to see before it can decide: jobs by id (or that produce it), the bytes behind ids, a page.

    `compare`: whether original and mask among these sources are shown in one size.
    """

    ids: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    page: PageOf | None = None
    compare: Mapping[str, Upload] = NOTHING


class Found:
    """What was looked up for a request. An id that stands here without a job is unknown.

    `numbers` are the request's own, one for each purpose of its verb: what is drawn for it is drawn with these.
    `job` is the one that the request names, `active` the job by which its owner may be busy, `order` the oldest plan
    that a test has waiting for it. What nobody looked up costs nothing: these are the defaults.
    """

    numbers: tuple[int, ...] = ()
    job: Job | None = None
    active: Job | None = None
    order: PlanOrder | None = None
    jobs: Mapping[str, Job | None] = NOTHING
    makers: Mapping[str, Job | None] = NOTHING
    media: Mapping[str, Upload | None] = NOTHING
    pages: Mapping[PageOf, tuple[Sequence[Job], Job | None]] = NOTHING
    same_size: bool | None = None


class CreateJob(NamedTuple):
    """Keep a new job, if its owner's active one is still the one that was seen.

    With it its price is taken, its order used up, and those of the request's uploads are kept that answers show.
    """

    job: Job
    is_exclusive: bool
    active: Job | None
    account: Account | None
    price: float
    order: PlanOrder | None
    uploads: tuple[Upload, ...]


class MoveJob(NamedTuple):
    """Move a job that still has the moves that were seen."""

    job: Job
    seen: tuple[Any, ...]
    to: str


class KeepUpload(NamedTuple):
    """Keep bytes as the body of a job, in the place of those it had; None leaves it without any."""

    job: Job
    upload: Upload | None


Effect = CreateJob | MoveJob | KeepUpload


class Decision:
    """The answer, and what it is read from. Without an answer the bytes of the job's `result` are sent.

    `facts` are others than job, status and page, by name. What a verb leaves out costs nothing.
    """

    result: str = ""
    effects: tuple[Effect, ...] = ()
    posting: Posting | None = None
    facts: Mapping[str, Any] = NOTHING

    def __init__(self, answer: Answer | None, job: Job | None = None, status: Status | None = None) -> None:
        self.answer, self.job, self.status = answer, job, status

    def but(self, **more: Any) -> Decision:
        """The same with something that few verbs decide."""
        self.__dict__.update(more)
        return self
