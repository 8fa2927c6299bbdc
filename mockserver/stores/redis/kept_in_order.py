"""What a worker that delivers tells the engine of its webhooks, without waiting: each in its turn, once, and surely.

What it tells is numbered from 1 on since it took the role. The engine does what has the next number and nothing else,
and says which one it did last; what it has not done is told again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from mockserver.stores.redis.calls import Calls
from mockserver.stores.redis.ends import RetryLater
from mockserver.stores.redis.line import ToldCalls, Word


class KeptInOrder:
    """`lost` is called where another worker has the role, or the engine has lost what it had done already."""

    def __init__(self, calls: Calls, lost: Callable[[], None]) -> None:
        self._calls, self._lost = calls, lost
        self.epoch, self.last = 0, 0
        self._unheard: dict[int, Sequence[Word]] = {}
        self._round = 0
        self._later = RetryLater(calls.worker, self.tell_again)

    @property
    def is_heard(self) -> bool:
        """Whether the engine has done all of it."""
        return not self._unheard

    def begin(self, epoch: int) -> None:
        """The role was taken."""
        self.epoch, self.last, self._unheard = epoch, 0, {}

    def tell(self, *words: Word) -> None:
        self.last += 1
        self._unheard[self.last] = words
        self._send(self.last)

    def tell_again(self) -> None:
        """Tell what was not heard."""
        self._round += 1
        for n in [*self._unheard]:
            self._send(n)

    def _send(self, n: int) -> None:
        heard = ToldCalls(partial(self._heard, (self.epoch, self._round, n)), self._later.ask)
        self._calls.tell("owed", self._calls.worker.name, self.epoch, n, *self._unheard[n], heard=heard)

    def _heard(self, of: tuple[int, int, int], answer: Any, _: object) -> None:
        epoch, when, n = of
        if epoch != self.epoch:
            return
        if answer == b"LOST":
            self._lost()
            return
        for number in [*self._unheard]:
            if number <= answer:
                del self._unheard[number]
        if n > answer and when == self._round:  # one before it was not done
            if answer + 1 in self._unheard:
                self.tell_again()
            else:
                self._lost()
