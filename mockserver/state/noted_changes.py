"""What the home in this process notes for those who watch from elsewhere; see `watch_port`. Nothing while nobody does.

Whoever watches here, where the state is kept, is told at once, and of what he is not told here either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mockserver.clock import monotonic
from mockserver.journal import Journal, entry_of
from mockserver.observer import Observer
from mockserver.signing import new_name
from mockserver.state.owed_webhooks import Deliverer
from mockserver.state.watch_port import Changes, ReadOn, Told

NOTHING: Mapping[str, ReadOn] = MappingProxyType({})
MOST = 200
"""Of one kind at once; the others are counted."""
PATIENCE = 60.0
"""So many real seconds is noted what a watcher does not ask for."""


class Gathered:
    """What happened of one kind: the first of it, and how much more."""

    def __init__(self) -> None:
        self._items: dict[Any, Any] = {}
        self.left_out = 0

    def add(self, key: Any, item: Any) -> None:
        """One more, or what became of one."""
        if key in self._items or len(self._items) < MOST:
            self._items[key] = item
        else:
            self.left_out += 1

    def __iter__(self) -> Iterator[Any]:
        return iter([*self._items.values()])

    def __bool__(self) -> bool:
        return bool(self._items)


class _Watcher:
    def __init__(self) -> None:
        self.asked_at = monotonic()
        self.entries, self.jobs, self.webhooks = Gathered(), Gathered(), Gathered()


class Noted:
    """An observer that gathers for each watcher elsewhere, and tells `here` as well; `over` is called without any."""

    def __init__(self, over: Callable[[], None]) -> None:
        self.here: Observer | None = None
        self._over = over
        self._watchers: dict[str, _Watcher] = {}

    def taken(self, name: str) -> _Watcher:
        """What was gathered for a watcher; from now on it is gathered anew."""
        watcher = self._watchers.pop(name, None) or _Watcher()
        self._watchers[name] = _Watcher()
        self._part()
        return watcher

    def part(self, name: str) -> None:
        """A watcher asks no more."""
        self._watchers.pop(name, None)
        self._part()

    def _part(self) -> None:
        now = monotonic()
        self._watchers = {
            name: watcher for name, watcher in self._watchers.items() if now - watcher.asked_at < PATIENCE
        }
        if not self._watchers:
            self._over()

    def entry_added(self, entry: tuple[Any, ...]) -> None:
        for watcher in self._watchers.values():
            watcher.entries.add(entry[0], entry)
        if self.here is not None:
            self.here.entry_added(entry)
        self._part()

    def jobs_changed(self, api: str, ids: Sequence[str]) -> None:
        for watcher in self._watchers.values():
            for identity in ids:
                watcher.jobs.add((api, identity), (api, identity))
        if self.here is not None:
            self.here.jobs_changed(api, ids)

    def webhook_changed(self, posting: Any) -> None:
        for watcher in self._watchers.values():
            watcher.webhooks.add(posting, posting)
        if self.here is not None:
            self.here.webhook_changed(posting)

    def touched(self) -> None:
        if self.here is not None:
            self.here.touched()

    def was_reset(self) -> None:
        self._watchers = {name: _Watcher() for name in self._watchers}
        if self.here is not None:
            self.here.was_reset()

    def was_closed(self) -> None:
        if self.here is not None:
            self.here.was_closed()


class NotedChanges:
    """A part of `Memory`."""

    journal: Journal
    deliverer: Deliverer
    observer: Observer | None
    noted: Noted | None = None
    told: Mapping[str, ReadOn] = NOTHING

    def observe(self, observer: Observer | None) -> Observer | None:
        """Let somebody see here what happens; gives who is told of it."""
        if self.noted is not None:
            self.noted.here = observer
            return self.noted
        self.observer = self.journal.observer = observer
        return observer

    def _unobserved(self) -> None:
        """Nobody watches elsewhere."""
        noted, self.noted = self.noted, None
        if noted is not None:
            self.observer = self.journal.observer = noted.here
            self.deliverer.observed(noted, False)

    def new_watcher(self) -> str:
        return new_name()

    def tell_on(self, watcher: str, read_on: ReadOn | None) -> None:
        self.told = {name: other_read_on for name, other_read_on in self.told.items() if name != watcher}
        if read_on is not None:
            self.told = {**self.told, watcher: read_on}

    async def told_elsewhere(self, watcher: str, after: int, waits: bool) -> Told | None:
        return await self.told[watcher](after, waits) if watcher in self.told else None

    def watched(self, watcher: str) -> None:
        if self.noted is not None:
            self.noted.part(watcher)

    async def changes(self, watcher: str) -> Changes:
        if self.noted is None:
            self.noted = self.observer = self.journal.observer = Noted(self._unobserved)
            self.deliverer.observed(self.noted, True)
        gathered = self.noted.taken(watcher)
        kinds = gathered.entries, gathered.jobs, gathered.webhooks
        left_out = tuple(kind.left_out for kind in kinds)
        entries, webhooks = [*map(entry_of, gathered.entries)], self.deliverer.owed([*gathered.webhooks])
        return Changes(entries, [*gathered.jobs], webhooks, left_out)  # type: ignore[arg-type]
