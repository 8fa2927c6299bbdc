"""Homes on an engine without a server: what one process has of a sandbox, for tests of what scripts and ports do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Any
from unittest.mock import patch

from engine_kit import Engine
from store_kit import Idle

from mockserver.clock import Clock
from mockserver.state.configuration import ApiConfiguration, Configuration
from mockserver.state.index_port import SandboxRecord
from mockserver.state.port import Begin, Begun, WantedRecords
from mockserver.store import AccountRecord
from mockserver.stores.redis import First, RedisState, Worker, line, pipe
from mockserver.stores.redis.index import RedisIndex

NAME = "world"
ACCOUNT = AccountRecord("api", "ann", "key", "client", "secret", "hook", credits=5.0)
CONFIGURED = Configuration(apis={"api": ApiConfiguration((ACCOUNT,))}, secret="s")
BEGIN = Begin("api", WantedRecords(account="ann"), ("id",))


class Home:
    """One process at an engine, with a sandbox."""

    def __init__(self, url: str, mode: Any = "manual") -> None:
        self.worker = Worker(url)
        self.reading = Clock(mode).reading()
        self.index = RedisIndex(self.worker)
        self.state = RedisState(self.worker, NAME, First(CONFIGURED, self.reading, {}), Idle())

    async def make(self) -> None:
        """Make the sandbox, if nobody has."""
        record = SandboxRecord(NAME, "a test", "0", 1.0, CONFIGURED, self.reading, {})
        await self.index.create(record, (("api", "key"),))
        await self.state.configuration()  # whoever did not make it has to see what is there

    async def begin(self) -> Begun:
        """A request begins."""
        begun = await self.state.begin(BEGIN, "", inf, 0)
        assert begun is not None, "nothing was switched"
        return begun

    async def asked(self, *words: str | bytes | int | float) -> Any:
        """What the engine says."""
        return await self.worker.pipe.ask(*words)


@contextmanager
def patient() -> Iterator[None]:
    """An engine on a busy machine may take its time."""
    with patch.object(line, "LIMIT", 60.0), patch.object(pipe, "LIMIT", 60.0):
        yield


def with_homes(engine: Engine | str, work: Callable[..., Awaitable[None]], many: int = 1, **more: Any) -> None:
    """Do something with so many homes of one sandbox, which are made before and left behind."""

    async def done() -> None:
        homes = [Home(engine if isinstance(engine, str) else engine.url, **more) for _ in range(many)]
        try:
            for each in homes:
                await each.make()
            await work(*homes)
        finally:
            for each in homes:
                await each.worker.close()

    with patient():
        asyncio.run(done())
