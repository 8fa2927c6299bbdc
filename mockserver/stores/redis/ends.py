"""What a home on an engine tells of its requests without waiting: entries, what was answered, and that they are over.

It is told again until the engine has heard it: after a connection was lost, and where the engine was full.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from mockserver.journal import EntryFields
from mockserver.stores.redis.calls import Asker, Calls, First
from mockserver.stores.redis.line import ToldCalls, Word

MOST = 10_000
"""What is not heard yet at most; only an engine that is silent leaves so much."""
AGAIN_AS: dict[Word, str] = {"E": "A", "F": "B", "S": "T"}
"""What is told again, by its letter: it counts where its request is under way still, and has no mark of it."""
AGAIN = 1.0
"""So many seconds later what could not be done is tried once more."""


class RetryLater:
    """Does something a while later, once, however often it is asked to: the engine takes no more for now."""

    def __init__(self, worker: Asker, work: Callable[[], None]) -> None:
        self._worker, self._work = worker, work
        self.is_asked = False

    def ask(self) -> None:
        if not self.is_asked:
            self.is_asked = True
            self._worker.spawn(self._wait)

    async def _wait(self) -> None:
        try:
            await asyncio.sleep(AGAIN)
        finally:  # where its loop ends before, somebody in another one may ask again
            self.is_asked = False
        self._work()


class EndCalls(Calls):
    """A part of `RedisState`."""

    def __init__(self, worker: Asker, name: str, first: First) -> None:
        super().__init__(worker, name, first)
        self._unheard: dict[int, tuple[tuple[Word, ...], ToldCalls]] = {}  # by the identity of the words
        self._later = RetryLater(worker, self.tell_again)
        self._under_way: set[int] = set()

    @abstractmethod
    def _finished(self, answer: Any) -> None:
        """Requests of this worker are over; the answer says who delivers what they caused."""

    @abstractmethod
    def enter(self, entry: EntryFields, weight: int) -> None:
        """See `JournalState`."""

    def finish(self, n: int) -> None:
        self._under_way.discard(n)
        self._end(("F", n))

    def end_others(self, numbers: Sequence[int]) -> None:
        """Of these, those are over that nobody here knows: the answer that they begin was lost."""
        if len(self.worker.loops) == 1:  # those of another loop may be answered yet
            for n in {*numbers} - self._under_way:
                self.finish(n)

    def _end(self, words: tuple[Word, ...]) -> None:
        if len(self._unheard) == MOST:
            del self._unheard[next(iter(self._unheard))]
        pending = self.worker.pipe.tell_together(self._ends, words, self._heard, self._later.ask)
        self._unheard[id(words)] = words, pending

    def _heard(self, answer: Any, calls: Sequence[Sequence[Word]]) -> None:
        for words in calls:
            self._unheard.pop(id(words), None)
        self._finished(answer)

    def tell_again(self) -> None:
        """Tell what was not heard, but for what is on its way or waits for a connection."""
        for key, (words, pending) in [*self._unheard.items()]:
            if pending.has_failed:
                del self._unheard[key]
                self._end((AGAIN_AS.get(words[0], words[0]), *words[1:]))
