"""A store on an engine, as one server uses it: where the state of its sandboxes is, and their index."""

from __future__ import annotations

from typing import Any, cast

from mockserver.errors import UsageError
from mockserver.state.index_port import Index
from mockserver.state.memory import Memory
from mockserver.stores.redis.calls import First
from mockserver.stores.redis.home import RedisState
from mockserver.stores.redis.index import RedisIndex
from mockserver.stores.redis.worker import Worker

TAKEN = "a store is one server's: several in one process have a store each, at the same URL"


def first_of(home: Memory) -> First:
    """What a sandbox begins with that is to be as it would be in this process."""
    return First(home.configured, home.clock.reading(), home.draws.counts())


class RedisStore:
    """`space`: servers of one share what they keep. `fingerprint`: of their contracts, which must be the same."""

    def __init__(self, url: str, space: str = "", fingerprint: str = "") -> None:
        """Raises UsageError for a URL that leads to no engine. Nothing is asked of it before the first call."""
        self.worker, self._fingerprint = Worker(url, space), fingerprint
        self._is_taken = False

    def state(self, home: Memory) -> RedisState:
        """The state of a sandbox that begins like the home that it would have in this process."""
        made = RedisState(self.worker, home.name, first_of(home), cast(Any, home.deliverer))
        made.watching = lambda: home.observer
        return made

    def index(self, home: object) -> Index:
        """The index of all sandboxes of the space. Raises UsageError where another server of this process has it."""
        if self._is_taken:
            raise UsageError(TAKEN)
        self._is_taken = True
        return RedisIndex(self.worker, self._fingerprint)

    async def close(self) -> None:
        """Leave: others look after what was under way here."""
        await self.worker.close()
