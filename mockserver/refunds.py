"""Credits that are given back when jobs come to certain states. They are booked when somebody looks at what there is.

When that is due follows from plan, moves and time, as all of a job does; of each job it is booked once. Knows no HTTP.
"""

from __future__ import annotations

from math import inf
from typing import Protocol

from mockserver.clock import Clock
from mockserver.contract import Contract
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Price
from mockserver.prices import price, worth
from mockserver.state.memory import Part
from mockserver.store import Account, Job
from mockserver.subject import Subject
from mockserver.timeline import entries


class Sandbox(Protocol):
    @property
    def clock(self) -> Clock: ...


class Owner(Protocol):
    """Whose jobs they are."""

    contract: Contract
    part: Part

    @property
    def sandbox(self) -> Sandbox: ...
    def planned(self, job: Job) -> PlannedJob: ...
    def account_of(self, identity: str) -> Account | None: ...


class Refunds:
    """Those of one API: by job, the revision that was looked at and when to look again, and the jobs that are done."""

    def __init__(self, api: Owner) -> None:
        self._api = api
        self._pending: dict[str, tuple[int, float]] = {}
        self._booked: dict[str, None] = {}

    def clear(self) -> None:
        """There are no jobs any more."""
        self._pending, self._booked = {}, {}

    def expect(self, job: str) -> None:
        """Look at a job, for it is new or was changed."""
        if job not in self._booked:
            self._pending[job] = (0, -inf)

    def go_on(self, job: PlannedJob) -> None:
        """Have a job whose refund was booked already, if it was due."""
        if self._share(job, self._api.sandbox.clock.now()):
            self._booked[job.id] = None
        else:
            self.expect(job.id)

    def settle(self) -> None:
        """Give back what is due by now."""
        if not self._pending:
            return
        now, get = self._api.sandbox.clock.now(), self._api.part.store.get
        for identity, (rev, due) in [*self._pending.items()]:
            record = get(identity)
            if record is None:  # it made room for newer ones
                del self._pending[identity]
            elif record.rev != rev or due <= now:
                self._look(self._api.planned(record), now)

    def _look(self, job: PlannedJob, now: float) -> None:
        share, later = self._share(job, now), next(iter(job.moments(now)), None)
        if share:
            self._book(job, share)
        elif later is not None:
            self._pending[job.id] = (job.record.rev, later)
            return
        del self._pending[job.id]  # a later move makes it expected once more

    def _share(self, job: PlannedJob, now: float) -> float:
        """The share of its price that a job has been given back by now."""
        refunds = self._api.contract.resources[job.resource].refunds
        plan, moves, until = job.course(now)
        coming = entries(plan, job.created, moves) if refunds else ()
        due = ((at, refunds[state]) for at, state in coming if at <= until and state in refunds)
        return next((share for at, said in due if (share := self._reckoned(job, said, at))), 0.0)

    def _reckoned(self, job: PlannedJob, said: float | Price, at: float) -> float:
        """A share as it is said, or by how the job stood when it came to that state; no more than all."""
        if isinstance(said, int | float):
            return said
        kind = self._api.contract.resources[job.resource].id
        return min(worth(said, Subject(at, job=job, status=job.status(at), kind=kind)), 1.0)

    def _book(self, job: PlannedJob, share: float) -> None:
        self._forget_old()
        self._booked[job.id] = None
        account, credits = self._api.account_of(job.account), self._api.part.credits
        shown = credits.get(job.account)
        if account is None or shown is None or job.credits_before is None:
            return
        back = shown + round(share * price(self._api.contract.resources[job.resource], job), 6)
        credits[account.id] = back if account.credits is not None or account.full is None else min(back, account.full)

    def _forget_old(self) -> None:
        """Jobs that are there no more are not looked at again."""
        store = self._api.part.store
        if len(self._booked) > 2 * store.number + 100:
            self._booked = {job: None for job in self._booked if store.get(job) is not None}


def refunds_of(api: Owner) -> Refunds | None:
    """Those of an API; None where nothing is ever given back."""
    return Refunds(api) if any(resource.refunds for resource in api.contract.resources.values()) else None
