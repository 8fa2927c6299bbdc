"""The part of the state's port by which a process that does not keep the state sees what happens there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
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


class Told(NamedTuple):
    """Events as they were sent to readers, and the number of the last one; no text: there are no others yet."""

    text: str
    n: int


ReadOn = Callable[[int, bool], Awaitable[Told | None]]
"""Given a number, the events behind it, for which it may wait a while; None where they are kept no more."""


class WatchState(Protocol):
    """Clock, configuration and counters are compared by those who watch; they are no part of this."""

    async def changes(self, watcher: str) -> Changes:
        """What happened since this one asked last; nothing when it asks first, or did not for a minute."""

    def watched(self, watcher: str) -> None:
        """This one asks no more. It is never waited for."""

    def new_watcher(self) -> str:
        """A name for one who watches here, by which others find this process."""

    def tell_on(self, watcher: str, read_on: ReadOn | None) -> None:
        """What this one tells its readers can be read on at other processes; None: no more."""

    async def told_elsewhere(self, watcher: str, after: int, waits: bool) -> Told | None:
        """What one told its readers who watches at another process; None where it is not there any more."""
