"""One process of a server whose state is on an engine; see `store_port`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from mockserver.clock import perf_counter
from mockserver.journal import EntryFields
from mockserver.state.memory import Memory
from mockserver.state.port import State
from mockserver.stores.redis.home import RedisState
from mockserver.stores.redis.index import RedisIndex
from mockserver.stores.redis.worker import Worker


class _Told(RedisState):
    """A home whose entries somebody counts and prints."""

    entered: Callable[[EntryFields], None]

    def enter(self, entry: EntryFields, weight: int) -> None:
        super().enter(entry, weight)
        self.entered(entry)


class RedisStore:
    """See `Store`."""

    def __init__(self, url: str) -> None:
        """Raises UsageError for a URL that leads to no engine."""
        self.worker = Worker(url)
        self.index = RedisIndex(self.worker)

        self.entered: Callable[[str, EntryFields], None] = lambda name, entry: None

    def home(self, own: Memory) -> State:
        made = _Told(self.worker, own.name, own.configured, own.clock.reading(), cast(Any, own.deliverer))
        made.watching = lambda: own.observer
        made.entered = lambda entry: self.entered(own.name, entry)
        return made

    async def latency(self) -> float:
        begun = perf_counter()
        await self.worker.pipe.ask("PING")
        return perf_counter() - begun

    async def close(self) -> None:
        await self.worker.close()
