"""What a home on an engine does for the journal; see `journal_port`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.journal import EntryFields, JournalEntry
from mockserver.observer import Observer
from mockserver.state.journal_port import Activity, EntryPage, ExampleCounts
from mockserver.stores.redis.codec import written
from mockserver.stores.redis.ends import EndCalls
from mockserver.stores.redis.line import Word
from mockserver.stores.redis.values import entry_of, seen_of

PAUSE, PAUSES = 0.005, 40
"""How long, and how often, those wait who read while the entry of a request may be on its way."""
_kind, _status = JournalEntry._fields.index("kind"), JournalEntry._fields.index("status")
_seen = [*map(JournalEntry._fields.index, ("api", "operation", "example"))]


class JournalCalls(EndCalls):
    """A part of `RedisState`."""

    watching: Callable[[], Observer | None] | None = None
    """Says who watches what this worker does."""

    @property
    def onlooker(self) -> Observer | None:
        """Who watches from this process, and looks again when it is told that something happened."""
        return None if self.watching is None else self.watching()

    def enter(self, entry: EntryFields, weight: int) -> None:
        example = "\1".join([entry[index] for index in _seen]) if entry[_status] else ""
        n, kind = entry[0], entry[_kind]
        self._end(("E", n, weight, example, f"{n or ''}\1{kind}\1{weight}\1{written(entry[1:])}"))
        if (observer := self.onlooker) is not None:
            observer.touched()

    def see(self, n: int, api: str, operation: str, counts: Mapping[str, int]) -> None:
        words = [word for example, count in counts.items() for word in (f"{api}\1{operation}\1{example}", count)]
        self._end(("S", n, len(counts), *words))

    async def _settled(self, script: str, *words: Word, more: Sequence[Word] = ()) -> Any:
        """What a script gives once nothing is on its way."""
        for pause in range(PAUSES + 1):
            answer = await self.ask(script, *words, int(pause == PAUSES), *more)
            if answer != b"SOON":
                break
            await asyncio.sleep(PAUSE)
        return answer

    async def entries(self, place: int, most: int, after: int, kinds: Sequence[str]) -> EntryPage:
        following, entries = await self._settled("entries", place, most, after, more=kinds)
        return EntryPage([*map(entry_of, entries)], None if following < 0 else following)

    async def entry(self, n: int) -> JournalEntry | None:
        entry = await self._settled("entry", n)
        return None if entry is None else entry_of(entry)

    async def examples(self) -> ExampleCounts:
        now, earlier = await self._settled("examples")
        return ExampleCounts(seen_of(now), seen_of(earlier))

    async def activity(self) -> Activity:
        return Activity(*await self.ask("activity"))
