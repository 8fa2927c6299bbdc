"""The postings of a sandbox, as control lists them: the newest, within bounds. Sends nothing."""

from __future__ import annotations

from collections import deque

from mockserver.bounds import POSTING, POSTINGS, POSTINGS_COUNT, weigh
from mockserver.owed import Owed
from mockserver.posting import Posting


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

    def _grow(self, posting: Posting, more: int) -> None:
        """One takes more bytes."""
        posting.weight += more
        self.bytes += more
        while len(self.postings) > POSTINGS_COUNT or (self.bytes > POSTINGS and len(self.postings) > 1):
            oldest = self.postings.popleft()
            self.bytes -= oldest.weight
            oldest.weight, oldest.attempts = 0, []
            self._owed.dropped(oldest)
            self.dropped += 1
            self._left(oldest)

    def _left(self, posting: Posting) -> None:
        """One is listed no more."""
