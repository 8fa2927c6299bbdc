"""One process of a server whose state is on an engine; see `store_port`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from mockserver.clock import perf_counter
from mockserver.journal import EntryFields
from mockserver.state.memory import Memory
from mockserver.state.port import State
from mockserver.stores.redis.calls import First
from mockserver.stores.redis.home import RedisState
from mockserver.stores.redis.index import RedisIndex
from mockserver.stores.redis.worker import Worker


class _Told(RedisState):
    """A home whose entries somebody counts and prints, and whose clock goes on until it is made."""

    def __init__(self, worker: Worker, own: Memory, entered: Callable[[str, EntryFields], None]) -> None:
        super().__init__(worker, own.name, _first(own), cast(Any, own.deliverer))
        self._own, self._entered = own, entered
        self.watching = lambda: own.observer

    async def make(self) -> None:
        self._first = _first(self._own)
        await super().make()

    def enter(self, entry: EntryFields, weight: int) -> None:
        super().enter(entry, weight)
        self._entered(self.name, entry)


def _first(own: Memory) -> First:
    return First(own.configured, own.clock.reading(), own.draws.counts())


class RedisStore:
    """See `Store`."""

    def __init__(self, url: str) -> None:
        """Raises UsageError for a URL that leads to no engine."""
        self.worker = Worker(url)
        self.index = RedisIndex(self.worker)

        self.entered: Callable[[str, EntryFields], None] = lambda name, entry: None

    def home(self, own: Memory) -> State:
        return _Told(self.worker, own, self.entered)

    async def latency(self) -> float:
        begun = perf_counter()
        await self.worker.pipe.ask("PING")
        return perf_counter() - begun

    async def close(self) -> None:
        await self.worker.close()
