"""The postings of a sandbox, as control lists them: the newest, within bounds. Sends nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from math import inf

from mockserver.bounds import POSTING, POSTINGS, POSTINGS_COUNT, WAITING, weigh
from mockserver.owed import Owed
from mockserver.posting import Posting, PostingSandbox
from mockserver.posting_notes import note
from mockserver.webhooks import DueQueue


class PostingList:
    """The last of them; `dropped` counts the others."""

    def __init__(self) -> None:
        self._owed = Owed()
        self.postings: deque[Posting] = deque()
        self.bytes = self.dropped = 0

    def _list(self, posting: Posting) -> None:
        """One more."""
        self.postings.append(posting)
        self._owed.listed(posting)
        self._grow(posting, POSTING + weigh((posting.target, posting.job.kept)))

    def _grow(self, posting: Posting, added: int) -> None:
        """One takes more bytes."""
        posting.weight += added
        self.bytes += added
        while len(self.postings) > POSTINGS_COUNT or (self.bytes > POSTINGS and len(self.postings) > 1):
            oldest = self.postings.popleft()
            self.bytes -= oldest.weight
            oldest.weight, oldest.attempts = 0, []
            self._owed.dropped(oldest)
            self.dropped += 1
            self._left(oldest)

    def _left(self, posting: Posting) -> None:
        """One is listed no more."""


class KeptPostings(PostingList):
    """Those that wait for their time among them; where somebody keeps them elsewhere, what becomes of them is told."""

    def __init__(self, sandbox: PostingSandbox) -> None:
        super().__init__()
        self._sandbox = sandbox
        self._queue: DueQueue[int, Posting] = DueQueue(WAITING)

    def _list(self, posting: Posting) -> None:
        super()._list(posting)
        self._keep(posting)

    def _left(self, posting: Posting) -> None:
        if self._sandbox.keeper is not None:
            self._sandbox.keeper.left(posting)

    def _keep(self, posting: Posting) -> None:
        """Something became of a posting."""
        if self._sandbox.keeper is not None:
            self._sandbox.keeper.changed(posting)

    def _know(self, posting: Posting) -> None:
        """List it, unless it is for all endpoints of an account: those that it becomes are listed."""
        if posting.is_for_account:
            dropped = self._owed.unlisted(posting)
            self._keep(posting)
            for old in dropped:
                self._left(old)
        else:
            self._list(posting)

    def _keep_back(self, posting: Posting, now: float, why: str) -> None:
        posting.outcome = "never sent"
        note(self._sandbox, posting, now, why)
        self._keep(posting)

    def waiting(self) -> Iterator[tuple[float, Posting]]:
        """The postings that wait, each with the time of its next attempt."""
        return self._queue.waiting()

    def next_due(self) -> float | None:
        """When the next posting that waits is tried; None where none is by itself."""
        due = self._queue.next_due()
        return due if due is not None and due < inf else None

    def is_kept(self, posting: Posting) -> bool:
        """Whether it is listed, waits, or tells somebody of what its job comes to later."""
        return bool(posting.weight) or self.due_of(posting) is not None or self._owed.is_known(posting)

    def due_of(self, posting: Posting) -> float | None:
        """When a posting is to be tried: now, where that is under way; None where it is not."""
        due = self._queue.due_of(id(posting))
        if due is None and posting.outcome == "waiting" and not (posting.is_for_account and posting.is_settled):
            return self._sandbox.clock.now()
        return due
