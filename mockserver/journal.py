"""What happened in a sandbox: a bounded ring of entries. Knows neither HTTP servers nor contracts.

An entry is captured as a bare tuple (the hot path makes one per request, and the collector of garbage passes
tuples of plain values by) and becomes an Entry when it is read. Secrets are redacted when an entry is captured,
so that none is ever kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

NOTHING: Mapping[str, Any] = {}


class Entry(NamedTuple):
    """One request or event. `at` is the sandbox's time, `seconds` real time; `why` says why it was refused."""

    n: int
    at: float
    kind: str
    api: str
    operation: str
    method: str = ""
    path: str = ""
    status: int = 0
    example: str = ""
    why: str = ""
    seconds: float = 0.0
    extra: Mapping[str, Any] | None = None


def violation(pointer: str, sentence: str) -> Mapping[str, Any]:
    """What an entry's `extra` says of a request that broke the contract: where, and how."""
    return {"violation": {"pointer": pointer, "sentence": sentence}}


class Journal:
    """The last `bound` entries; `dropped` counts those that made room."""

    def __init__(self, bound: int = 10_000) -> None:
        self._entries: deque[tuple[Any, ...]] = deque(maxlen=bound)
        self._n = 0
        self.add = self._entries.append

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter([Entry(*entry) for entry in tuple(self._entries)])

    def last(self) -> Entry | None:
        """The newest entry."""
        return Entry(*self._entries[-1]) if self._entries else None

    @property
    def dropped(self) -> int:
        """How many entries are gone."""
        return max(0, self._n - len(self._entries))

    def next(self) -> int:
        """The number of the next entry."""
        self._n += 1
        return self._n

    def note(self, at: float, kind: str, api: str, why: str, **extra: Any) -> None:
        """An event that is no request: a delivery, a dropped upload."""
        self.add(tuple(Entry(self.next(), at, kind, api, "", why=why, extra=extra or None)))

    def clear(self) -> None:
        self._entries.clear()
