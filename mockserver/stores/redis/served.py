"""A store on an engine as a server uses it: its entries are counted and printed, and the engine's speed is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from mockserver.clock import perf_counter
from mockserver.errors import Closed
from mockserver.journal import EntryFields
from mockserver.state.configuration import Configuration
from mockserver.state.index_port import DEFAULT
from mockserver.state.memory import Memory
from mockserver.stores.redis.home import RedisState
from mockserver.stores.redis.store import RedisStore, first_of

AS_A_WRITE = "#!lua\nreturn 1"
"""A script that writes nothing, and is refused wherever a write would be: a full engine answers a PING as ever."""
LATER = 1_000_000
"""Revisions that others may know beyond those that are known here."""


class ServedState(RedisState):
    """A sandbox's state whose entries are told, and which begins as the sandbox is when it is made in the engine."""

    def __init__(self, store: ServedStore, home: Memory) -> None:
        super().__init__(store.worker, home.name, first_of(home), cast(Any, home.deliverer))
        self.watching = lambda: home.observer
        self._store, self._home = store, home

    is_later = True

    async def make(self) -> int:
        """Others may know one of this name that the engine has lost, and have to see that it is another one."""
        first = first_of(self._home)  # its clock goes by itself
        least = self.deliverer.known.rev + LATER  # the clock of an engine that takes another one's place may be behind
        self._first = first._replace(configuration=first.configuration._replace(rev=least))
        if rev := await super().make():
            self._home.clock.rev = rev  # it is this one that goes there: nobody has switched it
        return rev

    async def configuration(self) -> Configuration:
        configuration = await super().configuration()
        if configuration.secret != self._first.configuration.secret and self.name != DEFAULT:
            self.deliverer.end()  # as one that was closed elsewhere
            raise Closed(f"the store has lost the sandbox {self.name!r}, and another one was made in its place")
        return configuration

    def enter(self, entry: EntryFields, weight: int) -> None:
        super().enter(entry, weight)
        self._store.entered(self.name, entry)


class ServedStore(RedisStore):
    """See `Store`. `fingerprint` is that of the contracts: servers of others are refused."""

    def __init__(self, url: str, fingerprint: str) -> None:
        super().__init__(url, fingerprint=fingerprint)
        self.entered: Callable[[str, EntryFields], None] = lambda name, entry: None
        self.noticed: Callable[[str], None] = lambda sentence: None
        self.worker.noticed = lambda sentence: self.noticed(sentence)

    def state(self, home: Memory) -> RedisState:
        return ServedState(self, home)

    def wait(self) -> None:
        self.worker.is_waiting = True

    def serve(self) -> None:
        self.worker.serve()

    async def latency(self) -> float:
        """How many seconds a question takes. Raises StateError, where the engine is full or takes no more, too."""
        start = perf_counter()
        await self.worker.pipe.ask("EVAL", AS_A_WRITE, "0")
        return perf_counter() - start
