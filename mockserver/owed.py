"""Which postings of a job wait for it, and which one tells each receiver of what it comes to later. Sends nothing."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.jobs import PlannedJob
from mockserver.posting import Posting


class Owed:
    """By job: the postings that nobody tried to send yet, and the first of each webhook and receiver that is listed.

    The first ones know whom to tell of what a job comes to later.
    """

    def __init__(self) -> None:
        self._unsent: dict[str, list[Posting]] = {}
        self._firsts: dict[str, list[Posting]] = {}

    def of(self, job: PlannedJob) -> tuple[Sequence[Posting], Sequence[Posting]]:
        """Those of a job that were not sent, and the first ones; they know the job as it is now."""
        unsent, firsts = ([*table.get(job.id, ())] for table in (self._unsent, self._firsts))
        for posting in (*unsent, *firsts):
            posting.job = job
        return unsent, firsts

    def expect(self, posting: Posting) -> None:
        """One more that waits for its job."""
        self._unsent.setdefault(posting.job.id, []).append(posting)

    def sent(self, posting: Posting) -> None:
        """It waits for its job no more."""
        _without(self._unsent, posting)

    def listed(self, posting: Posting) -> None:
        known = self._firsts.setdefault(posting.job.id, [])
        if not any(each.is_like(posting) for each in known):
            known.append(posting)

    def dropped(self, posting: Posting) -> None:
        """It is listed no more."""
        _without(self._firsts, posting)


def _without(table: dict[str, list[Posting]], posting: Posting) -> None:
    left = [each for each in table.pop(posting.job.id, ()) if each is not posting]
    if left:
        table[posting.job.id] = left
