"""What keeps the newest of much, and what all of a server's keep together. Knows not what they keep."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import Any, Generic, TypeVar

from mockserver.bounds import JOURNALS
from mockserver.tally import Tally

Item = TypeVar("Item")


class Journals:
    """What the journals of a server take together. Past `most` bytes the oldest entries of the oldest journals go.

    `tally` counts what was entered in any of them.
    """

    def __init__(self, most: int = JOURNALS) -> None:
        self.most = most
        self.tally = Tally()
        self.kept = 0
        self._all: dict[Ring[Any], None] = {}

    def join(self, journal: Ring[Any]) -> None:
        """Count a journal among them."""
        self._all[journal] = None

    def leave(self, journal: Ring[Any]) -> None:
        """Count it no more."""
        self._all.pop(journal, None)

    def make_room(self) -> None:
        """Much at once: the journals are gone through in the order in which they were made."""
        for journal in self._all:
            journal.give_way(self.kept - self.most + self.most // 64)
            if self.kept <= self.most:
                return


class Ring(ABC, Generic[Item]):
    """What keeps the newest: at most `bound`, and fewer when together they pass `most` bytes, or all rings theirs.

    `kept` is how many bytes they take, `dropped` counts those that made room.
    """

    def __init__(self, bound: int, most: int, together: Journals) -> None:
        self._bound, self._most = bound, most
        self._together = together
        self._together.join(self)
        self._items: deque[Item] = deque()
        self.kept = 0
        self.dropped = 0

    @abstractmethod
    def _let_go(self) -> int:
        """Take the oldest out; gives how many bytes it took."""

    def _make_room(self) -> None:
        while len(self._items) > self._bound or (self.kept > self._most and len(self._items) > 1):
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        weight = self._let_go()
        self.kept -= weight
        self._together.kept -= weight
        self.dropped += 1

    def give_way(self, size: int) -> None:
        """Drop the oldest that take so many bytes; the newest stays."""
        least = self.kept - size
        while self.kept > least and len(self._items) > 1:
            self._drop_oldest()
