"""One process at an engine: its name, and its connection in each event loop. Knows no call."""

from __future__ import annotations

import asyncio
import re
from weakref import WeakKeyDictionary

from mockserver import signing
from mockserver.stores.redis.address import Address, address_of
from mockserver.stores.redis.pipe import Pipe

EVICTS = re.compile(rb"maxmemory_policy:(allkeys|volatile)-")


def unfit(told: bytes | str) -> str:
    """Why an engine that tells this of its memory is no home; "" where it is."""
    found = EVICTS.search(told if isinstance(told, bytes) else told.encode())
    return "throws away what it was given when it is full: set its maxmemory-policy to noeviction" if found else ""


class Worker:
    """Where the engine is, and what leads there."""

    def __init__(self, url: str) -> None:
        """Raises UsageError for a URL that leads to no engine."""
        self.address: Address = address_of(url)
        self.name = signing.new_name()
        self._pipes: WeakKeyDictionary[asyncio.AbstractEventLoop, Pipe] = WeakKeyDictionary()

    @property
    def pipe(self) -> Pipe:
        """The connection of the loop that runs."""
        loop = asyncio.get_running_loop()
        known = self._pipes.get(loop)
        if known is None:
            known = self._pipes[loop] = Pipe(self.address, unfit)
        return known

    async def close(self) -> None:
        """Let the connection of this loop go."""
        known = self._pipes.pop(asyncio.get_running_loop(), None)
        if known is not None:
            known.close()
            await asyncio.sleep(0)
