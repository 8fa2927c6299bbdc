"""What a sandbox keeps of one API: accounts and jobs. Every method of a Store is atomic. Knows no HTTP.

`Store` is narrow and async on purpose: a store on a shared engine can take the place of `MemoryStore`.
Nothing here changes by itself; how a job stands is computed from its plan, its moves and the time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from sys import getsizeof
from typing import Any, NamedTuple, Protocol

from mockserver.bounds import JOBS, JOBS_COUNT, PLAIN, weigh
from mockserver.draws import Draw, Draws
from mockserver.lifecycle import Resource, Run
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

    @property
    def balance(self) -> float | None:
        """What a job that is made now shows as its account's balance; None for an endless account that shows none."""
        if self.credits is not None or self.full is None:
            return self.credits
        return self.full if self.purse is None else self.purse

    def pay(self, cost: float) -> None:
        """Take the price of a job."""
        before = self.balance
        if self.credits is not None:
            self.credits -= cost
        elif before is not None:
            left = before - cost
            self.purse = left if left > 0 and left >= cost else self.full


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

    `weight` is how many bytes it takes of what clients and tests chose the length of.

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
    weight: int = 0

    @property
    def plan(self) -> Plan:
        """What will happen to it."""
        planned = self.planned
        if isinstance(planned, Sketch):
            self.planned = planned = planned.plan(self.chance)
        return planned

    def peeked(self) -> Plan:
        """The same, not remembered: plans of all jobs that are listed once would take their time at each collection."""
        planned = self.planned
        return planned.plan(self.chance) if isinstance(planned, Sketch) else planned

    def status(self, now: float, plan: Plan | None = None) -> Status:
        """How it stands at `now`; `plan` is its own, for those who have it."""
        found = status(plan or self.plan, self.created, self.moves, now)
        return found if self.fault is None else self.fault.status(self, found, now)


class Store(Protocol):
    """Where jobs are kept; `dropped` counts those that made room."""

    dropped: int

    async def create(self, job: Job, is_exclusive: bool, active: Job | None) -> bool:
        """Keep a new job. False, and nothing is kept, when an exclusive one's owner has another active job by now."""

    async def active(self, owner: Owner) -> Job | None:
        """The newest exclusive job of an owner, whether it is still active or not."""

    async def get(self, identity: str) -> Job | None:
        """The job of that id."""

    async def produced(self, identity: str) -> Job | None:
        """The job that produces the resource of that id."""

    async def move(self, job: Job, seen: tuple[Move, ...], to: str, now: float) -> bool:
        """Compare and set: move a job. False, and nothing changes, when it was moved since its moves were seen."""

    async def page(
        self, owner: Owner, after: str | None, most: int, with_it: bool = False
    ) -> tuple[Sequence[Job], Job | None]:
        """Newest first, those after the job `after` (and it as well, `with_it`); gives them and the next one."""

    async def weigh(self, job: Job) -> None:
        """Look anew at what a job holds: it has come to hold something else."""

    async def newest(self, limit: int) -> Sequence[Job]:
        """The newest jobs of all accounts."""

    async def count(self) -> int:
        """How many jobs are kept."""


def weight_of(job: Job) -> int:
    """How many bytes a job takes of what others chose the length of; most take none."""
    weight = 0
    if job.kept is not None:
        values = job.kept.values()
        is_plain = PLAIN.issuperset(map(type, values))
        weight = sum(map(getsizeof, values)) if is_plain else weigh(job.kept)
    if type(job.planned) is Plan and job.planned.error is not None:
        weight += weigh(job.planned.error)
    if job.uploads:
        weight += sum(weigh(name) + weigh(upload.filename) for name, upload in job.uploads.items())
    return weight if job.fault is None else weight + weigh(job.fault)


_seq = attrgetter("seq")


class MemoryStore:
    """A Store in this process. Keeps at most `bound` jobs, which hold at most `most` bytes of what requests said.

    The oldest go first, `dropped` counts them.
    """

    def __init__(self, bound: int = JOBS_COUNT, most: int = JOBS) -> None:
        self._jobs: dict[str, Job] = {}
        self._produced: dict[str, Job] = {}
        self._lists: dict[Owner, list[Job]] = {}
        self._active: dict[Owner, Job] = {}
        self._seq = 0
        self._bound, self._most = bound, most
        self.bytes = 0
        self.dropped = 0

    async def create(self, job: Job, is_exclusive: bool, active: Job | None) -> bool:
        owner = (job.account, job.resource)
        if is_exclusive:
            if self._active.get(owner) is not active:
                return False
            self._active[owner] = job
        self._seq += 1
        job.seq = self._seq
        self._jobs[job.id] = job
        if job.produced is not None:
            self._produced[job.produced] = job
        jobs = self._lists.get(owner)
        if jobs is None:
            jobs = self._lists[owner] = []
        jobs.append(job)
        job.weight = weight = job.weight or weight_of(job)
        self.bytes += weight
        if len(self._jobs) > self._bound or self.bytes > self._most:
            self._make_room()
        return True

    async def active(self, owner: Owner) -> Job | None:
        return self._active.get(owner)

    def _make_room(self) -> None:
        while len(self._jobs) > self._bound or (self.bytes > self._most and len(self._jobs) > 1):
            self._drop_oldest(1 + len(self._jobs) // 100)

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

    async def produced(self, identity: str) -> Job | None:
        return self._produced.get(identity)

    async def move(self, job: Job, seen: tuple[Move, ...], to: str, now: float) -> bool:
        if job.moves != seen:
            return False
        job.moves = (*seen, Move(now, to))
        return True

    async def page(
        self, owner: Owner, after: str | None, most: int, with_it: bool = False
    ) -> tuple[Sequence[Job], Job | None]:
        jobs = self._lists.get(owner, [])
        index = len(jobs)
        if after is not None:
            last = self._jobs.get(after)
            index = bisect_left(jobs, last.seq + with_it, key=_seq) if last is not None else 0
        first = max(0, index - most)
        return jobs[first:index][::-1], jobs[first - 1] if first else None

    async def weigh(self, job: Job) -> None:
        if job.id in self._jobs:
            before, job.weight = job.weight, weight_of(job)
            self.bytes += job.weight - before
            self._make_room()

    def _forget(self, job: Job) -> None:
        if self._jobs.pop(job.id, None) is not None:
            self.bytes -= job.weight
        if job.produced is not None:
            self._produced.pop(job.produced, None)
        if self._active.get((job.account, job.resource)) is job:
            del self._active[(job.account, job.resource)]

    async def newest(self, limit: int) -> Sequence[Job]:
        return [*islice(reversed(self._jobs.values()), limit)]

    async def count(self) -> int:
        return len(self._jobs)

    def leave(self) -> dict[str, Job]:
        """Be empty; gives the jobs, which take a while to let go."""
        jobs, self._jobs, self.bytes = self._jobs, {}, 0
        self._produced, self._lists, self._active = {}, {}, {}
        return jobs
