"""Credits that are to be given back in one API, in this process: when, to whom, and who had theirs. By jobs."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import TypeVar

from mockserver.state.records import Refund
from mockserver.store import MemoryStore

Value = TypeVar("Value")


class Refunds:
    """Those that are not due yet, and the jobs that had theirs: none has a second one."""

    def __init__(self) -> None:
        self._pending: dict[str, Refund] = {}
        self._given: dict[str, None] = {}
        self.due = inf
        """Before that, there is nothing to settle."""

    def expect(self, refund: Refund, store: MemoryStore) -> None:
        """This is what a job's account is given back, and nothing else any more."""
        if refund.job in self._given:
            return
        self._pending.pop(refund.job, None)
        if refund.at < inf:
            self._pending[refund.job] = refund
            self.due = min(self.due, refund.at)
            self._pending = _of_jobs(self._pending, store)

    def replace(self, refunds: Iterable[Refund], store: MemoryStore) -> None:
        """These are all that are not due yet."""
        self._pending = {}
        for refund in refunds:
            self.expect(refund, store)

    def settle(self, credits: dict[str, float | None], store: MemoryStore, now: float) -> None:
        """Give back what is due by now; of jobs that made room for newer ones, nothing."""
        for refund in [pending for pending in self._pending.values() if pending.at <= now]:
            del self._pending[refund.job]
            if store.get(refund.job) is not None:
                self._given[refund.job] = None
                _give(credits, refund)
        self._given = _of_jobs(self._given, store)
        self.due = min([pending.at for pending in self._pending.values()], default=inf)


def _give(credits: dict[str, float | None], refund: Refund) -> None:
    credits_left = credits.get(refund.account)
    if credits_left is not None and refund.credits:
        credits[refund.account] = min(credits_left + refund.credits, refund.most)


def _of_jobs(by_job: dict[str, Value], store: MemoryStore) -> dict[str, Value]:
    """The same; without those of jobs that are there no more, once these are many."""
    if len(by_job) <= 2 * store.number + 100:
        return by_job
    return {job: value for job, value in by_job.items() if store.get(job) is not None}
