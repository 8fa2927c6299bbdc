"""A store on an engine as a server uses it: its entries are counted and printed, and the engine's speed is asked."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.clock import perf_counter
from mockserver.journal import EntryFields
from mockserver.state.memory import Memory
from mockserver.stores.redis.calls import First
from mockserver.stores.redis.home import RedisState
from mockserver.stores.redis.store import RedisStore


class ServedStore(RedisStore):
    """See `Store`. `fingerprint` is that of the contracts: servers of others are refused."""

    def __init__(self, url: str, fingerprint: str) -> None:
        super().__init__(url, fingerprint=fingerprint)
        self.entered: Callable[[str, EntryFields], None] = lambda name, entry: None

    def state(self, home: Memory) -> RedisState:
        made = super().state(home)
        make, enter = made.make, made.enter

        async def make_now() -> None:
            made._first = First(home.configured, home.clock.reading(), home.draws.counts())  # its clock goes by itself
            await make()

        def enter_and_tell(entry: EntryFields, weight: int) -> None:
            enter(entry, weight)
            self.entered(home.name, entry)

        made.make, made.enter = make_now, enter_and_tell  # type: ignore[method-assign]
        return made

    async def latency(self) -> float:
        """How many seconds a question takes. Raises StateError."""
        begun = perf_counter()
        await self.worker.pipe.ask("PING")
        return perf_counter() - begun
