"""The port through which requests reach what outlives them, and the records that cross it. Knows no home.

Every record is a value that could be written as JSON; no callable crosses. Each call is atomic. A request calls
`begin`, decides by what it was given, and calls `commit`; when something it saw has changed meanwhile, nothing is done,
and it looks again and decides again, with the same time and numbers. At its end come `enter` and `finish`, which are
never waited for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, NamedTuple, Protocol

from mockserver.journal import EntryFields
from mockserver.ratelimit import Window, WindowCount
from mockserver.store import Attachment, Handle, Job, Owner

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


class Wanted(NamedTuple):
    """What a request has to see before it can decide, besides the job it names. What is empty is not looked up.

    `owner`: whose lock it asks for, which `most` jobs may hold at once. `account`: whose credits. `resource`: whose
    orders.
    """

    owner: Owner | None = None
    account: str = ""
    resource: str = ""
    most: int = 1


class Lookup(NamedTuple):
    """What was found: `busy` is the moment until which other jobs leave the owner no room."""

    job: Job | None = None
    busy: float = -inf
    credits: float | None = None
    order: PlanOrder | None = None


class Begin(NamedTuple):
    """What the requests of a caller to an operation begin with: what they want to see and where they are counted.

    `purposes` each get a number. The windows of the account are counted where its credentials are still good.
    """

    api: str
    wanted: Wanted | None = None
    purposes: tuple[str, ...] = ()
    by_address: tuple[Window, ...] = ()
    by_account: tuple[Window, ...] = ()


class Begun(NamedTuple):
    """The request's number and time; `counts` in the order of the windows, none for those that were not counted.

    The others are what was `Lookup`.
    """

    n: int
    now: float
    counts: tuple[WindowCount, ...] = ()
    numbers: tuple[int, ...] = ()
    job: Job | None = None
    busy: float = -inf
    credits: float | None = None
    order: PlanOrder | None = None


class PutJob(NamedTuple):
    """Keep this revision of a job, if `expected` is the one that stands there (0: none)."""

    job: Job
    expected: int = 0


class Occupy(NamedTuple):
    """A new job occupies its owner until a time, if at `now` fewer than `most` do."""

    owner: Owner
    job: str
    now: float
    until: float
    most: int = 1


class Prolong(NamedTuple):
    """The job that occupies its owner does so until another time; nothing happens when it is another one by now."""

    owner: Owner
    job: str
    until: float


class Key(NamedTuple):
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
    """An account has so many credits, if it had `expected`, for it has paid for a job."""

    account: str
    expected: float | None
    left: float | None
    job: str = ""


class Reckon(NamedTuple):
    """What is given back of a job's price may be due at another moment: it was changed."""

    job: str


class UseOrder(NamedTuple):
    """An order is used once, if it is still there."""

    order: str


class Keep(NamedTuple):
    """Keep the bytes of an upload."""

    handle: Handle


class Forget(NamedTuple):
    """Let kept bytes go."""

    handle: str


class SaveAnswer(NamedTuple):
    """Keep the answer to the request that has claimed a key."""

    key: Key
    answer: SavedAnswer


class Post(NamedTuple):
    """A webhook that is due when its job ends. It is claimed by its request until that is finished.

    `fault` is the one that it will meet, where the request has said so itself.
    """

    webhook: str
    job: Job
    account: str
    target: str
    entry: int
    fault: Attachment | None = None


class Moved(NamedTuple):
    """A job was moved: a webhook that waits for its end may be due now, once the request is finished."""

    job: Job


Effect = PutJob | Occupy | Prolong | Charge | Reckon | UseOrder | Keep | Forget | SaveAnswer | Post | Moved


class PageOf(NamedTuple):
    """So many jobs of an owner, newest first, those after the job `after`; and that one itself, `with_it`.

    `ascending`: oldest first. `skip` of them are passed over.
    """

    owner: Owner
    after: str | None
    most: int
    with_it: bool = False
    ascending: bool = False
    skip: int = 0


class Named(NamedTuple):
    """The jobs behind an id: the one that has it, and the one that produces the resource that has it."""

    job: Job | None
    maker: Job | None


class State(Protocol):
    """The state of one sandbox."""

    async def begin(self, begin: Begin, job: str, valid_until: float, n: int) -> Begun:
        """Move a stepping clock, give numbers, count against limits, look up what is wanted and the job that is named.

        With `n`, the number of a request that has begun already, neither the clock moves nor a number is given.
        """

    async def look(self, api: str, job: str, wanted: Wanted | None) -> Lookup:
        """Look up the job that is named and what is wanted, once more."""

    async def look_up(self, api: str, ids: Sequence[str]) -> Mapping[str, Named]:
        """The jobs behind ids."""

    async def page(self, api: str, page: PageOf) -> tuple[Sequence[Job], Job | None]:
        """A page of jobs, and the next one."""

    async def count(self, api: str, owner: Owner) -> int:
        """How many jobs an owner has."""

    async def newest(self, api: str, limit: int) -> Sequence[Job]:
        """The newest jobs of all accounts."""

    async def commit(self, api: str, n: int, effects: Sequence[Effect]) -> bool:
        """Do all of it, or nothing: False when something is not as it was expected."""

    async def claim_key(self, api: str, key: Key, use: KeyUse, ttl: float) -> KeyUse | None:
        """What a key was used for in the last `ttl` seconds; else None, and it is claimed for this use.

        A claim whose request is finished without an answer that is saved is given up.
        """

    def enter(self, entry: EntryFields, weight: int) -> None:
        """Keep an entry of the journal, which takes so many bytes."""

    def see(self, api: str, operation: str, counts: Mapping[str, int]) -> None:
        """Examples were answered so many times each, besides the one that an entry names: the events of a stream."""

    def finish(self, n: int) -> None:
        """The request is over: what it caused may be delivered."""
