"""How often each answer was given and each webhook tried since a server's start: numbers alone, bounded by names.

Never forgotten: not with a sandbox, nor with a reset. A journal counts common answers itself, and adds them when it
ends; see `Journal.untallied`. Knows neither sandboxes nor who reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.bounds import SERIES

AnswerKey = tuple[str, str, int, str]
"""API, operation, status, fault."""
Tried = tuple[str, str, str]
"""API, outcome, fault."""
OTHERS = "(others)"
"""Stands for the names of what came when there were `most` of a kind already."""
NEVER_SENT = "never sent"


class Tally:
    """Counts of one server: `answers`, `webhooks`, and how many sandboxes were made and closed.

    At most `most` names of each are told apart: statuses and faults are what tests choose.
    """

    def __init__(self, most: int = SERIES) -> None:
        self._most = most
        self.answers: dict[AnswerKey, int] = {}
        self.webhooks: dict[Tried, int] = {}
        self.made = 0
        self.closed = 0

    def answered(self, api: str, operation: str, status: int, extra: Mapping[str, Any] | None) -> None:
        """A request was answered; `extra` is what its entry says besides."""
        self.add([((api, operation, status, "" if extra is None else extra.get("fault", "")), 1)])

    def entered(self, kind: str, api: str, operation: str, status: int, extra: Mapping[str, Any] | None) -> None:
        """Count an entry that no journal of this process keeps."""
        if status:
            self.answered(api, operation, status, extra)
        elif kind == "webhook":
            self.tried(api, extra or {})

    def add(self, answers: Iterable[tuple[AnswerKey, int]]) -> None:
        """Answers were given, so many times each."""
        for key, count in answers:
            self._count(self.answers, key, (key[0], OTHERS, 0, ""), count)

    def tried(self, api: str, extra: Mapping[str, Any]) -> None:
        """A webhook was tried or given up, as `extra` of its entry says."""
        attempt = extra.get("attempt")
        key = (api, NEVER_SENT if attempt is None else attempt.outcome, extra.get("fault", ""))
        self._count(self.webhooks, key, (api, OTHERS, ""), 1)

    def _count(self, counts: dict[Any, int], key: Any, others: Any, count: int) -> None:
        """By its names if they are known, or there is room for them."""
        if key not in counts and len(counts) >= self._most:
            key = others
        counts[key] = counts.get(key, 0) + count

    def copy(self) -> Tally:
        """The same counts, which nobody else changes."""
        tally = Tally(self._most)
        tally.answers, tally.webhooks = dict(self.answers), dict(self.webhooks)
        tally.made, tally.closed = self.made, self.closed
        return tally
