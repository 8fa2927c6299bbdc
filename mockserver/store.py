"""What a sandbox keeps of one API: accounts and jobs. Every method of a Store is atomic. Knows no HTTP.

`Store` is narrow and async on purpose: a store on a shared engine can take the place of `MemoryStore`.
Nothing here changes by itself; how a job stands is computed from its plan, its moves and the time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from mockserver.contract import Resource, Run
from mockserver.draws import Draw, Draws
from mockserver.timeline import Move, Plan, Status, draw_plan, status

Owner = tuple[str, str]  # account id, resource name


@dataclass(slots=True)
class Account:
    """A customer of an API. `credits` None means endless; `facts` are what bindings can show.

    An endless account of an API that tells of credits shows a purse, filled up to `full` before it would be empty.
    """

    api: str
    id: str
    key: str
    client_id: str
    client_secret: str
    webhook_secret: str
    active: bool = True
    credits: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    full: float | None = None
    purse: float | None = None

    def pay(self, cost: float) -> float | None:
        """Take the price of a job; gives the balance before it, None for an endless account that shows none."""
        if self.credits is not None:
            before, self.credits = self.credits, self.credits - cost
            return before
        if self.full is None:
            return None
        before = self.full if self.purse is None else self.purse
        left = before - cost
        self.purse = left if left > 0 and left >= cost else self.full
        return before


class Bend(Protocol):
    """What a fault that took hold of a job makes of it; `url` says whether its results have URLs."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> bool: ...
    @property
    def refusal(self) -> str | None: ...
    @property
    def cut(self) -> float | None: ...
    @property
    def corrupts(self) -> bool: ...
    def status(self, job: Job, found: Status, now: float) -> Status: ...
    def hides(self, job: Job, now: float) -> bool: ...
    def locks(self, job: Job, now: float) -> bool: ...


class Sketch(NamedTuple):
    """What the plans of a resource are drawn from, each with a number of its own; `purpose` is that of the draws."""

    resource: Resource
    run: Run | None
    draws: Draws
    purpose: str

    def plan(self, n: int) -> Plan:
        """Draw the plan of that number."""
        return draw_plan(self.resource, self.run, Draw(self.draws.reserved(self.purpose, n)))


@dataclass(slots=True, eq=False)
class Job:
    """A resource that was created. `seq` orders jobs; `kept` are request values by pointer; `uploads` by part.

    `planned` becomes a plan, that of the number `chance`, when somebody looks at it: most jobs of a load test are never
    looked at.
    """

    id: str
    resource: str
    account: str
    created: float
    planned: Plan | Sketch
    chance: int = 0
    operation: str = ""
    seq: int = 0
    moves: tuple[Move, ...] = ()
    kept: Mapping[str, Any] | None = None
    uploads: Mapping[str, Any] | None = None
    produced: str | None = None
    credits_before: float | None = None
    fault: Bend | None = None

    @property
    def plan(self) -> Plan:
        """What will happen to it."""
        planned = self.planned
        if isinstance(planned, Sketch):
            self.planned = planned = planned.plan(self.chance)
        return planned

    def status(self, now: float) -> Status:
        """How it stands at `now`."""
        found = status(self.plan, self.created, self.moves, now)
        return found if self.fault is None else self.fault.status(self, found, now)


class Store(Protocol):
    """Where jobs are kept."""

    async def create(self, owner: Owner, make: Callable[[], Job], exclusive: frozenset[str], now: float) -> Job | None:
        """Make and keep a job; None, and nothing is made, when its owner has one in an exclusive state."""

    async def get(self, identity: str) -> Job | None:
        """The job of that id."""

    async def produced(self, identity: str) -> Job | None:
        """The job that produces the resource of that id."""

    async def move(self, job: Job, allowed: Callable[[str], bool], to: str, now: float) -> tuple[Status, bool]:
        """Compare and set: move a job found in an allowed state; gives the status found and whether it moved."""

    async def page(
        self, owner: Owner, after: str | None, limit: int, wanted: Callable[[Job], bool] | None, with_it: bool = False
    ) -> tuple[Sequence[Job], Job | None]:
        """Newest first, those after the job `after` (and it as well, `with_it`); gives them and the next one."""

    async def drop(self, job: Job) -> None:
        """Forget a job."""

    async def newest(self, limit: int) -> Sequence[Job]:
        """The newest jobs of all accounts."""


def _is_locked(job: Job, now: float) -> bool:
    return job.fault is not None and job.fault.locks(job, now)


_seq = attrgetter("seq")


class MemoryStore:
    """A Store in this process. Keeps at most `bound` jobs; the oldest go first, `dropped` counts them."""

    def __init__(self, bound: int = 200_000) -> None:
        self._jobs: dict[str, Job] = {}
        self._produced: dict[str, Job] = {}
        self._lists: dict[Owner, list[Job]] = {}
        self._active: dict[Owner, Job] = {}
        self._seq = 0
        self._bound = bound
        self.dropped = 0

    async def create(self, owner: Owner, make: Callable[[], Job], exclusive: frozenset[str], now: float) -> Job | None:
        active = self._active.get(owner) if exclusive else None
        if active is not None and (active.status(now).state in exclusive or _is_locked(active, now)):
            return None
        job = make()
        if exclusive:
            self._active[owner] = job
        self._seq += 1
        job.seq = self._seq
        self._jobs[job.id] = job
        if job.produced is not None:
            self._produced[job.produced] = job
        self._lists.setdefault(owner, []).append(job)
        if len(self._jobs) > self._bound:
            self._drop_oldest(1 + self._bound // 100)
        return job

    def _drop_oldest(self, count: int) -> None:
        """Many at once: the list of an owner is moved up each time something leaves its beginning."""
        oldest = [*islice(self._jobs.values(), count)]
        for owner in {(job.account, job.resource) for job in oldest}:
            jobs = self._lists[owner]
            del jobs[: bisect_left(jobs, oldest[-1].seq + 1, key=_seq)]
        for job in oldest:
            self._forget(job)
        self.dropped += count

    async def get(self, identity: str) -> Job | None:
        return self._jobs.get(identity)

    def peek(self, identity: str) -> Job | None:
        """The same as `get`, for those who must not wait."""
        return self._jobs.get(identity)

    async def produced(self, identity: str) -> Job | None:
        return self._produced.get(identity)

    async def move(self, job: Job, allowed: Callable[[str], bool], to: str, now: float) -> tuple[Status, bool]:
        found = job.status(now)
        moves = allowed(found.state) and found.state != to
        if moves:
            job.moves = (*job.moves, Move(now, to))
        return found, moves

    async def page(
        self, owner: Owner, after: str | None, limit: int, wanted: Callable[[Job], bool] | None, with_it: bool = False
    ) -> tuple[Sequence[Job], Job | None]:
        jobs = self._lists.get(owner, [])
        index = len(jobs)
        if after is not None:
            last = self._jobs.get(after)
            index = bisect_left(jobs, last.seq + with_it, key=_seq) if last is not None else 0
        found: list[Job] = []
        while index > 0 and len(found) <= limit:
            index -= 1
            if wanted is None or wanted(jobs[index]):
                found.append(jobs[index])
        return found[:limit], found[limit] if len(found) > limit else None

    async def drop(self, job: Job) -> None:
        jobs = self._lists.get((job.account, job.resource), [])
        index = bisect_left(jobs, job.seq, key=_seq)
        if index < len(jobs) and jobs[index] is job:
            del jobs[index]
        self._forget(job)

    def _forget(self, job: Job) -> None:
        self._jobs.pop(job.id, None)
        if job.produced is not None:
            self._produced.pop(job.produced, None)
        if self._active.get((job.account, job.resource)) is job:
            del self._active[(job.account, job.resource)]

    async def newest(self, limit: int) -> Sequence[Job]:
        newest: list[Job] = []
        for job in reversed(self._jobs.values()):
            if len(newest) == limit:
                break
            newest.append(job)
        return newest
