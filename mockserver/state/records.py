"""What crosses the port of the state: records that are values, and could be written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, NamedTuple

from mockserver.ratelimit import Window, WindowCount
from mockserver.store import Attachment, Handle, JobRecord, LockOwner

NOTHING: Mapping[str, Any] = {}


class PlanOrder(NamedTuple):
    """What a test wants of the next `left` jobs (of endlessly many, when negative): `wishes` lie over their plans.

    Without `resource`, jobs of any that can fulfil the wishes: of those in `fits`, where that was found out. `used`
    counts the jobs that followed it, `after` is the number of the last request that came before it was ordered.
    """

    resource: str | None
    left: int
    wishes: Mapping[str, Any]
    weight: int = 0
    fits: frozenset[str] | None = None
    id: str = ""
    used: int = 0
    after: int = 0

    def fits_to(self, resource: str) -> bool:
        """Whether it is meant for jobs of a resource."""
        return resource == self.resource if self.fits is None else resource in self.fits


class FaultUses(NamedTuple):
    """How many requests fitted an armed fault, on how many it took effect, and on how many it does so now.

    `drawn` is how often was drawn for what. `foreseen` are those whose clients pass the silence by themselves: whether
    each loses its patience meanwhile.
    """

    seen: int = 0
    applied: int = 0
    active: int = 0
    drawn: Mapping[str, int] = NOTHING
    foreseen: tuple[bool, ...] = ()


class ArmedFault(NamedTuple):
    """A fault that waits for its requests, as it was armed; one without a name lives in the process of its `owner`.

    `selector` is what is asked of a request. `since` is the sandbox's time. It takes effect `most` times in all, those
    `before` included, when it was armed elsewhere. `after` is the number of the last request that came before it was
    armed.
    """

    id: str
    name: str
    parameters: Mapping[str, Any]
    selector: Mapping[str, Any]
    since: float
    most: int | None = None
    scenario: bool = False
    weight: int = 0
    after: int = 0
    owner: str = ""
    before: FaultUses = FaultUses()


class OwnAnswer(NamedTuple):
    """An answer that a test gave itself, as it is listed; without a status where a callable says it."""

    id: str
    operation: str
    status: int | None
    since: float
    most: int | None


class ExpiredFault(NamedTuple):
    """A fault whose time was over before it took effect, and for how long it was armed."""

    id: str
    name: str
    lasted: str


class WantedRecords(NamedTuple):
    """What a request has to see before it can decide, besides the job it names. What is empty is not looked up.

    `owner`: whose lock it asks for, which `most` jobs may hold at once. `account`: whose credits. `resource`: whose
    orders.
    """

    owner: LockOwner | None = None
    account: str = ""
    resource: str = ""
    most: int = 1


class Lookup(NamedTuple):
    """What was found: `busy` is the moment until which other jobs leave the owner no room."""

    job: JobRecord | None = None
    busy: float = -inf
    credits: float | None = None
    order: PlanOrder | None = None


class Begin(NamedTuple):
    """What the requests of a caller to an operation begin with: what they want to see and where they are counted.

    `purposes` each get a number. The windows of the account are counted where its credentials are still good. `rev` is
    the revision of the configuration from which all of it follows.
    """

    api: str
    wanted: WantedRecords | None = None
    purposes: tuple[str, ...] = ()
    by_address: tuple[Window, ...] = ()
    by_account: tuple[Window, ...] = ()
    rev: int = 1


class Begun(NamedTuple):
    """The request's number and time; `counts` in the order of the windows, none for those that were not counted.

    The others are what was `Lookup`.
    """

    n: int
    now: float
    counts: tuple[WindowCount, ...] = ()
    numbers: tuple[int, ...] = ()
    job: JobRecord | None = None
    busy: float = -inf
    credits: float | None = None
    order: PlanOrder | None = None


class PutJob(NamedTuple):
    """Keep this revision of a job, if `expected` is the one that stands there (0: none)."""

    job: JobRecord
    expected: int = 0


class Occupy(NamedTuple):
    """A new job occupies its owner until a time, if at `now` fewer than `most` do."""

    owner: LockOwner
    job: str
    now: float
    until: float
    most: int = 1


class Prolong(NamedTuple):
    """The job that occupies its owner does so until another time; nothing happens when it is another one by now."""

    owner: LockOwner
    job: str
    until: float


class KeyName(NamedTuple):
    """An idempotency key of an account at an operation; `name` is a digest of what the client wrote."""

    account: str
    operation: str
    name: str


class SavedAnswer(NamedTuple):
    """An answer that is given again: all of it that is not of one request alone. `job` is the one it is about."""

    status: int
    example: str
    media_type: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    job: str = ""


class KeyUse(NamedTuple):
    """What a key was used for: the digest of a request, when, its number, and its answer once that is decided."""

    digest: str
    at: float
    n: int
    answer: SavedAnswer | None = None


class Charge(NamedTuple):
    """An account has so many credits, if it had `expected`."""

    account: str
    expected: float | None
    left: float | None


class Drop(NamedTuple):
    """These jobs go: ids, and the revisions as which they were seen; it fails where one of them is another."""

    jobs: Mapping[str, int]


class Refund(NamedTuple):
    """At a time an account is given so many credits back, and has at `most` so many then.

    A job has one refund at most: this takes the place of what was to be given back before, unless it was.
    """

    job: str
    account: str
    at: float = inf
    credits: float = 0.0
    most: float = inf


class UseOrder(NamedTuple):
    """An order is used once, if it is still there."""

    order: str


class KeepUpload(NamedTuple):
    """Keep the bytes of an upload."""

    handle: Handle


class Forget(NamedTuple):
    """Let kept bytes go."""

    handle: str


class SaveAnswer(NamedTuple):
    """Keep the answer to the request that has claimed a key."""

    key: KeyName
    answer: SavedAnswer


class Post(NamedTuple):
    """A webhook that is due when its job ends. It is claimed by its request until that is finished.

    `fault` is the one that it will meet, where the request has said so itself; `base` is what its URLs begin with.
    """

    webhook: str
    job: JobRecord
    account: str
    target: str
    entry: int
    fault: Attachment | None = None
    base: str = ""


class IssueSecret(NamedTuple):
    """From now on clients may know the secret of a resource: every process has to hide it."""

    job: str
    resource: str


class Moved(NamedTuple):
    """A job was moved: a webhook that waits for its end may be due now, once the request is finished."""

    job: JobRecord


Effect = (
    PutJob | Occupy | Prolong | Charge | Refund | UseOrder | KeepUpload | Forget | SaveAnswer | Post | IssueSecret
    | Moved | Drop
)  # fmt: skip


class PageOf(NamedTuple):
    """So many jobs of an owner, newest first, those after the job `after`; and that one itself, `with_it`.

    `ascending`: oldest first. `skip` of them are passed over.
    """

    owner: LockOwner
    after: str | None
    most: int
    with_it: bool = False
    ascending: bool = False
    skip: int = 0


class NamedJobs(NamedTuple):
    """The jobs behind an id: the one that has it, and the one that produces the resource that has it."""

    job: JobRecord | None
    maker: JobRecord | None
