"""Jobs and accounts as values, and the jobs of one API in this process. Knows no HTTP.

Nothing here changes by itself; how a job stands is computed from its plan, its moves and the time. No record is ever
changed: what becomes of a job is another record, of the next revision.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from operator import itemgetter
from typing import Any, NamedTuple

from mockserver.bounds import JOBS, JOBS_COUNT, TEXT, weigh
from mockserver.draws import IdKind, derived
from mockserver.timeline import Move, TimelinePlan

LockOwner = tuple[str, str]  # account id, resource name


@dataclass(slots=True, frozen=True)
class AccountRecord:
    """A customer of an API, as it was made. `credits` None means endless; `facts` are what bindings can show.

    An endless account of an API that tells of credits shows a number, filled up to `full` before it would be 0.
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

    @property
    def opening(self) -> float | None:
        """What it shows as its credits at the beginning; None when it shows none."""
        return self.full if self.credits is None else self.credits

    def after(self, shown: float | None, cost: float) -> float | None:
        """What it shows once the price of a job was taken from what it showed."""
        if shown is None or self.credits is not None or self.full is None:
            return None if shown is None else shown - cost
        left = shown - cost
        return left if left > 0 and left >= cost else self.full


class Handle(NamedTuple):
    """Bytes that are kept elsewhere, and what is known of them: of an upload, or of the `result` of the job `id`."""

    id: str
    content_type: str
    filename: str
    size: int = 0
    md5: str = ""
    result: str = ""
    checksum: int = 0
    mismatch: str = ""
    sha256: str = ""


class Attachment(NamedTuple):
    """A fault that took hold of a job: its name, its parameters, and when it did."""

    name: str
    parameters: Mapping[str, Any]
    since: float


class Offspring(NamedTuple):
    """What a job produces: the resource, and the kind of its id, which follows from the job's own when it is wanted."""

    kind: IdKind
    resource: str

    def id_of(self, job: str) -> str:
        """The id of what the job of that id produces."""
        return derived(self.kind, job, self.resource)


class JobRecord(NamedTuple):
    """A resource that was created. `kept` are request values by pointer; `uploads` by part.

    `drawn` is what its plan is drawn from: the scenario and a number. `overrides` lie over that plan, and what its
    fault makes of it; `plan` is one that was given instead. `rev` grows by one with each change: it is the key of all
    that is derived from the record.
    """

    id: str
    resource: str
    account: str
    created: float
    drawn: tuple[str, int] = ("happy", 0)
    operation: str = ""
    rev: int = 1
    overrides: Mapping[str, Any] | None = None
    kept: Mapping[str, Any] | None = None
    uploads: Mapping[str, Handle] | None = None
    offspring: Offspring | None = None
    credits_before: float | None = None
    moves: tuple[Move, ...] = ()
    fault: Attachment | None = None
    plan: TimelinePlan | None = None

    @property
    def produced(self) -> str | None:
        """The id of the resource that it produces."""
        return None if self.offspring is None else self.offspring.id_of(self.id)

    def but(self, **changes: Any) -> JobRecord:
        """The next revision."""
        return self._replace(rev=self.rev + 1, **changes)


def _fields(*names: str) -> Callable[[JobRecord], tuple[Any, ...]]:
    """Reads several fields of a job at once: one by one takes three times as long."""
    return itemgetter(*map(JobRecord._fields.index, names))


_weighed = _fields("kept", "overrides", "plan", "uploads", "fault")
_listed = _fields("id", "account", "resource", "offspring")


def weight_of(job: JobRecord) -> int:
    """How many bytes a job takes of what others chose the length of; most take none."""
    weight, (kept, overrides, plan, uploads, fault) = 0, _weighed(job)
    if kept is not None:
        for value in kept.values():
            weight += TEXT + len(value) if type(value) is str and value.isascii() else weigh(value)
    if overrides is not None and overrides.get("error") is not None:
        weight += weigh(overrides["error"])
    if plan is not None and plan.error is not None:
        weight += weigh(plan.error)
    if uploads:
        weight += sum(weigh(name) + weigh(upload.filename) for name, upload in uploads.items())
    return weight if fault is None else weight + weigh(fault)


class MemoryStore:
    """Jobs in this process. Keeps at most `bound` of them, which hold at most `most` bytes of what requests said.

    The oldest go first, `dropped` counts them. `busy` says which jobs occupy an owner, and until when.
    """

    def __init__(self, bound: int = JOBS_COUNT, most: int = JOBS) -> None:
        self._jobs: dict[str, JobRecord] = {}
        self._places: dict[str, int] = {}  # in the order of creation; those of the newest are not told yet
        self._last_place = 0
        self._makers: dict[str, str] = {}
        self._unnamed: dict[str, Offspring] = {}  # what the newest jobs produce: few of its ids are ever looked up
        self._lists: dict[LockOwner, list[str]] = {}
        self.busy: dict[LockOwner, dict[str, float]] = {}
        self._bound, self._most = bound, most
        self.bytes = 0
        self.dropped = 0
        self.get = self._jobs.get

    def busy_until(self, owner: LockOwner, most: int) -> float:
        """The moment until which so many jobs or more occupy an owner."""
        busy = self.busy.get(owner)
        if busy is None or len(busy) < most:
            return -inf
        return next(iter(busy.values())) if len(busy) == 1 else sorted(busy.values())[-most]

    def produced(self, identity: str) -> JobRecord | None:
        """The job that produces the resource of that id."""
        while self._unnamed:
            job, offspring = self._unnamed.popitem()
            self._makers[offspring.id_of(job)] = job
        return self._jobs.get(self._makers.get(identity, ""))

    def put(self, job: JobRecord) -> None:
        """Keep a new job, or the next revision of one."""
        identity, account, resource, offspring = _listed(job)
        before = self._jobs.get(identity)
        if before is None:
            if offspring is not None:
                self._unnamed[identity] = offspring
            jobs = self._lists.get((account, resource))
            if jobs is None:
                jobs = self._lists[account, resource] = []
            jobs.append(identity)
        else:
            self.bytes -= weight_of(before)
        self._jobs[identity] = job
        self.bytes += weight_of(job)
        if len(self._jobs) > self._bound or self.bytes > self._most:
            self._make_room()

    def _tell_places(self) -> None:
        """Most jobs of a load test are in no list that anybody asks for: places are told when somebody does."""
        for identity in reversed([*islice(reversed(self._jobs), len(self._jobs) - len(self._places))]):
            self._last_place += 1
            self._places[identity] = self._last_place

    def _make_room(self) -> None:
        while len(self._jobs) > self._bound or (self.bytes > self._most and len(self._jobs) > 1):
            self._drop_oldest(1 + len(self._jobs) // 100)

    def _drop_oldest(self, count: int) -> None:
        """Many at once: the list of an owner is moved up each time something leaves its beginning."""
        self._tell_places()
        oldest = [*islice(self._jobs.values(), count)]
        last = self._places[oldest[-1].id]
        for owner in {(job.account, job.resource) for job in oldest}:
            jobs = self._lists[owner]
            del jobs[: bisect_left(jobs, last + 1, key=self._places.__getitem__)]
        for job in oldest:
            self._forget(job)
        self.dropped += count

    def drop(self, identities: Collection[str]) -> None:
        """Keep these no more, whatever their age."""
        self._tell_places()
        dropped = [job for identity in identities if (job := self._jobs.get(identity)) is not None]
        for owner in {(job.account, job.resource) for job in dropped}:
            self._lists[owner] = [each for each in self._lists[owner] if each not in identities]
        for job in dropped:
            self._forget(job)

    def _forget(self, job: JobRecord) -> None:
        del self._jobs[job.id], self._places[job.id]
        self.bytes -= weight_of(job)
        if job.offspring is not None and self._unnamed.pop(job.id, None) is None:
            del self._makers[job.offspring.id_of(job.id)]
        owner = (job.account, job.resource)
        busy = self.busy.get(owner)
        if busy is not None and busy.pop(job.id, None) is not None and not busy:
            del self.busy[owner]

    def page(
        self, owner: LockOwner, after: str | None, most: int, with_it: bool, ascending: bool = False, skip: int = 0
    ) -> tuple[Sequence[JobRecord], JobRecord | None]:
        """Newest first, those after the job `after` (and it as well, `with_it`); gives them and the next one.

        `ascending`: oldest first. `skip` of them are passed over.
        """
        jobs = self._lists.get(owner, [])
        first = self._position(jobs, after, with_it, ascending) + skip * (1 if ascending else -1)
        if ascending:
            page = jobs[first : first + most]
            following = jobs[first + most] if first + most < len(jobs) else None
        else:
            end = max(0, first)
            begin = max(0, end - most)
            page, following = jobs[begin:end][::-1], jobs[begin - 1] if begin else None
        return [self._jobs[identity] for identity in page], None if following is None else self._jobs[following]

    def _position(self, jobs: list[str], after: str | None, with_it: bool, ascending: bool) -> int:
        """Where a page begins among jobs: it goes up from there, or down to what is before it."""
        if after is None:
            return 0 if ascending else len(jobs)
        self._tell_places()
        place = self._places.get(after)
        if place is None:
            return len(jobs) if ascending else 0
        return bisect_left(jobs, place + (with_it != ascending), key=self._places.__getitem__)

    def count(self, owner: LockOwner) -> int:
        """How many jobs an owner has."""
        return len(self._lists.get(owner, ()))

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self._jobs)

    def newest(self, limit: int) -> Sequence[JobRecord]:
        """The newest jobs of all accounts."""
        return [*islice(reversed(self._jobs.values()), limit)]

    def leave(self) -> dict[str, JobRecord]:
        """Give up the jobs, which take a while to let go; another store takes this one's place."""
        self.bytes = 0
        self._lists, self._places, self._makers, self._unnamed = {}, {}, {}, {}
        return self._jobs
