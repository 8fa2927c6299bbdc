"""When a webhook is tried again, and which delivery is due next. Pure: time comes in as numbers."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mockserver.intake import GONE
from mockserver.webhooks.attempt import DeliveryAttempt

Key = TypeVar("Key")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`timeout`: seconds an attempt may take; `retries`: seconds to wait, the nth after the nth failure.

    With a status of `final` the receiver ends the attempts.
    """

    timeout: float
    retries: tuple[float, ...] = ()
    final: frozenset[int] = GONE


def next_attempt(policy: RetryPolicy, attempts_so_far: int, attempt: DeliveryAttempt, now: float) -> float | None:
    """Return when to try again, or None: delivered, ended by the receiver, hopeless, or given up.

    `attempts_so_far` counts `attempt` itself, which ended at `now`. A blocked target stays blocked.
    """
    if attempt.outcome in ("delivered", "blocked") or attempt.status in policy.final:
        return None
    if attempts_so_far > len(policy.retries):
        return None
    return now + policy.retries[attempts_so_far - 1]


@dataclass(order=True, slots=True)
class _Entry(Generic[Key, Item]):
    due: float
    sequence: int
    key: Key = field(compare=False)
    item: Item = field(compare=False)


class DueQueue(Generic[Key, Item]):
    """Items by due time, equal times in the order they were pushed; at most `limit` of them."""

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._entries: dict[Key, _Entry[Key, Item]] = {}
        self._heap: list[_Entry[Key, Item]] = []  # may hold entries that were cancelled or replaced since
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._entries)

    def push(self, key: Key, due: float, item: Item) -> bool:
        """Enter an item, in place of the one with the same key; False if the queue is full."""
        if key not in self._entries and len(self._entries) >= self._limit:
            return False
        self._sequence += 1
        entry = _Entry(due, self._sequence, key, item)
        self._entries[key] = entry
        heapq.heappush(self._heap, entry)
        self._tidy()
        return True

    def next_due(self) -> float | None:
        """Return the earliest due time, None if nothing waits."""
        while self._heap and not self._waits(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0].due if self._heap else None

    def due_until(self, moment: float) -> list[tuple[float, Item]]:
        """What is due at `moment` or before, with its time; it goes on waiting."""
        return [(entry.due, entry.item) for entry in self._entries.values() if entry.due <= moment]

    def pop_due(self, now: float) -> list[Item]:
        """Take out and return everything due at `now` or before, in order."""
        items = []
        while (due := self.next_due()) is not None and due <= now:
            entry = heapq.heappop(self._heap)
            del self._entries[entry.key]
            items.append(entry.item)
        return items

    def waiting(self) -> Iterator[tuple[float, Item]]:
        """What waits, each with its due time."""
        return ((entry.due, entry.item) for entry in self._entries.values())

    def due_of(self, key: Key) -> float | None:
        """When the item of a key is due; None where none waits."""
        known = self._entries.get(key)
        return None if known is None else known.due

    def cancel(self, key: Key) -> bool:
        """Take an item out; False if it does not wait."""
        cancelled = self._entries.pop(key, None) is not None
        self._tidy()
        return cancelled

    def _waits(self, entry: _Entry[Key, Item]) -> bool:
        return self._entries.get(entry.key) is entry

    def _tidy(self) -> None:
        # Without this, an item replaced or cancelled over and over would fill the heap.
        if len(self._heap) > 2 * len(self._entries) + 16:
            self._heap = list(self._entries.values())
            heapq.heapify(self._heap)
