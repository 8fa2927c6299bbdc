"""The part of the state's port by which a process that does not keep the state sees what happens there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from mockserver.journal import JournalEntry
from mockserver.state.webhook_records import OwedWebhook


class Changes(NamedTuple):
    """What happened: entries of the journal, jobs (API and id) and webhooks that were made or changed.

    `left_out` is of how many of each kind, in this order, nothing is told: there are more than fit.
    """

    entries: Sequence[JournalEntry] = ()
    jobs: Sequence[tuple[str, str]] = ()
    webhooks: Sequence[OwedWebhook] = ()
    left_out: tuple[int, int, int] = (0, 0, 0)


class WatchState(Protocol):
    """Clock, configuration and counters are compared by those who watch; they are no part of this."""

    async def changes(self, watcher: str) -> Changes:
        """What happened since this one asked last; nothing when it asks first, or did not for a minute."""

    def watched(self, watcher: str) -> None:
        """This one asks no more. It is never waited for."""
