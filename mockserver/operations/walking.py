"""Jobs of a list in their order, from one of them on, forward and back. Raises what it has not seen yet.

Knows neither parameters nor what a page tells of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mockserver.jobs import PlannedJob
from mockserver.operations.decision import JobPage, LookedUp, More
from mockserver.state.port import PageOf
from mockserver.store import LockOwner

FILTERED = (1_000, 1_000_000)
"""How many jobs are looked at for a page of those wanted, and how many where that was too few."""


class Unseen(Exception):
    """What has to be looked up first."""

    def __init__(self, more: More) -> None:
        self.more = more
        super().__init__("this has to be looked up first")


class Start(NamedTuple):
    """Where a page begins: behind the job `after` (at it, `with_it`), or behind `skip` of them; or it ends there."""

    after: str | None = None
    with_it: bool = False
    skip: int = 0
    is_back: bool = False


class Walk:
    """One list as a request wants it: of this owner, in this order, with those jobs alone that fit."""

    def __init__(
        self, records: LookedUp, owner: LockOwner, fits: Callable[[PlannedJob], bool] | None, *, is_ascending: bool
    ) -> None:
        self._records, self._owner, self._fits, self._ascending = records, owner, fits, is_ascending

    def page(self, start: Start, most: int) -> JobPage:
        """So many jobs in their order, and the one that comes next where the walk went."""
        jobs, following = self._from(start, most)
        return (jobs[::-1] if start.is_back else jobs), following

    def total(self) -> int:
        """How many there are."""
        if self._fits is not None:
            return len(self._from(Start(), FILTERED[-1])[0])
        if self._owner not in self._records.counts:
            raise Unseen(More(number_of=self._owner))
        return self._records.counts[self._owner]

    def _from(self, start: Start, most: int) -> tuple[Sequence[PlannedJob], PlannedJob | None]:
        ascending = self._ascending != start.is_back
        if self._fits is None:
            return self._seen(PageOf(self._owner, start.after, most, start.with_it, ascending, start.skip))
        for looked_at in FILTERED:
            jobs, following = self._seen(PageOf(self._owner, start.after, looked_at, start.with_it, ascending))
            fitting = [job for job in jobs if self._fits(job)][start.skip :]
            if len(fitting) > most or following is None:
                break
        return fitting[:most], fitting[most] if len(fitting) > most else None

    def _seen(self, page: PageOf) -> JobPage:
        if page not in self._records.pages:
            raise Unseen(More(page=page))
        return self._records.pages[page]
