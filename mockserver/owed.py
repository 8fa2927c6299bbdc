"""Which postings of a job wait for it, and which one tells each receiver of what it comes to later. Sends nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from mockserver.bounds import POSTING, POSTINGS, POSTINGS_COUNT, weigh
from mockserver.jobs import PlannedJob
from mockserver.posting import Posting


class Owed:
    """By job: the postings that nobody tried to send yet, and the first of each webhook and receiver that is listed.

    The first ones know whom to tell of what a job comes to later: for the endpoints of an account it is the one that
    is addressed to each of them, which is listed nowhere and has bounds here.
    """

    def __init__(self) -> None:
        self._unsent: dict[str, list[Posting]] = {}
        self._firsts: dict[str, list[Posting]] = {}
        self._unlisted: deque[tuple[Posting, int]] = deque()
        self._bytes = 0

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
        """It is listed; one of those that are addressed to endpoints tells only of what it is about."""
        if not posting.endpoint:
            self._is_first(posting)

    def unlisted(self, posting: Posting) -> Sequence[Posting]:
        """It is for all endpoints of an account; of very many the oldest, which are given, tell of nothing more."""
        if not self._is_first(posting):
            return ()
        dropped = []
        self._unlisted.append((posting, weight := POSTING + weigh(posting.job.kept)))
        self._bytes += weight
        while len(self._unlisted) > POSTINGS_COUNT or (self._bytes > POSTINGS and len(self._unlisted) > 1):
            oldest, weight = self._unlisted.popleft()
            self._bytes -= weight
            self.dropped(oldest)
            dropped.append(oldest)
        return dropped

    def is_known(self, posting: Posting) -> bool:
        """Whether it tells of what its job comes to later."""
        return any(first is posting for first in self._firsts.get(posting.job.id, ()))

    def _is_first(self, posting: Posting) -> bool:
        firsts = self._firsts.setdefault(posting.job.id, [])
        is_first = not any(first.is_like(posting) for first in firsts)
        if is_first:
            firsts.append(posting)
        return is_first

    def dropped(self, posting: Posting) -> None:
        """It is listed no more."""
        _without(self._firsts, posting)


def _without(table: dict[str, list[Posting]], posting: Posting) -> None:
    others = [other for other in table.pop(posting.job.id, ()) if other is not posting]
    if others:
        table[posting.job.id] = others
