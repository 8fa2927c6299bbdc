"""The part of the state's port by which the journal is read. What enters it goes through the state itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from mockserver.journal import JournalEntry, Seen


class EntryPage(NamedTuple):
    """Some entries in the order in which they came in, and the place at which the next page begins; None at the end."""

    entries: Sequence[JournalEntry]
    next: int | None


class ExampleCounts(NamedTuple):
    """How often each example was answered: since the last reset, and before it."""

    now: Mapping[Seen, int]
    earlier: Mapping[Seen, int]


class Activity(NamedTuple):
    """The number of the newest request, how many are under way, and how much of what was kept made room.

    `held` of those under way wait for the clock, the first one until `due`; None: for no moment that comes.
    """

    newest: int = 0
    in_flight: int = 0
    entries: int = 0
    jobs: int = 0
    webhooks: int = 0
    requests: int = 0
    held: int = 0
    due: float | None = None


class JournalState(Protocol):
    """What was asked and answered, as far as it is kept."""

    async def entries(self, place: int, most: int, after: int, kinds: Sequence[str]) -> EntryPage:
        """So many entries from a place on, the first one being 0; of these those of some kinds, and past a number."""

    async def entry(self, n: int) -> JournalEntry | None:
        """The entry of a number; None where it is not kept (any more)."""

    async def examples(self) -> ExampleCounts:
        """How often each example was answered, by entries that are kept no more as well."""

    async def activity(self) -> Activity:
        """How much goes on, and how much went."""
