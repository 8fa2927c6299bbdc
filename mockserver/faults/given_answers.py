"""The answers that a test gave for one API, as the process knows them in which they were armed."""

from __future__ import annotations

from collections import deque
from typing import Any

from mockserver.bounds import FAULTS, FAULTS_COUNT
from mockserver.faults.armed import ActiveFault
from mockserver.faults.book import FaultBook
from mockserver.faults.given import GivenAnswer
from mockserver.faults.selector import Selector


class GivenAnswers:
    """The answers that a test gave for one API: those that wait, and within bounds those that are used up."""

    def __init__(self) -> None:
        self._all: deque[ActiveFault] = deque()

    def __iter__(self) -> Any:
        return iter(tuple(self._all))

    async def arm(
        self, book: FaultBook, answer: GivenAnswer, operation: str, times: int | None, after: int
    ) -> ActiveFault:
        """Answer so from now on, behind the entry `after` of the journal. Raises FullError."""
        await book.heal()
        selector, now = Selector(operation=operation, times=times), (await book.world.read_clock()).now
        arming = book.arming(answer, selector, now=now, after=after)
        await book.world.change(arming)
        armed = book.armed[arming.id]
        self._all.append(armed)
        over = [each for each in self._all if each.id not in book.armed]
        while over and (len(self._all) > FAULTS_COUNT or sum(each.weight for each in self._all) > FAULTS):
            self._all.remove(over.pop(0))
        return armed
