"""What happened in a sandbox: a bounded ring of entries. Knows neither HTTP servers nor contracts.

An entry is captured as cheaply as can be (the hot path makes one per request) and rendered when it is read.
Secrets are redacted when an entry is captured, so that none is ever kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Entry:
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
    extra: dict[str, Any] = field(default_factory=dict)


class Journal:
    """The last `bound` entries; `dropped` counts those that made room."""

    def __init__(self, bound: int = 10_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=bound)
        self._n = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    @property
    def dropped(self) -> int:
        """How many entries are gone."""
        return self._n - len(self._entries)

    def next(self) -> int:
        """The number of the next entry."""
        self._n += 1
        return self._n

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    def note(self, at: float, kind: str, api: str, why: str, **extra: Any) -> Entry:
        """An event that is no request: a delivery, a dropped upload."""
        entry = Entry(self.next(), at, kind, api, "", why=why, extra=extra)
        self._entries.append(entry)
        return entry

    def clear(self) -> None:
        self._entries.clear()
