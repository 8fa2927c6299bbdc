"""Tests that steer a sandbox in their own process, where its state is elsewhere: what they do and read goes there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Coroutine, Iterator
from typing import Any

import pytest

from mockserver.api_state import SandboxApi
from mockserver.journal import Entry, Journal
from mockserver.sandbox import Sandbox
from mockserver.state.pages import all_entries
from mockserver.store import Job

LOOPS: list[asyncio.AbstractEventLoop] = []
"""Those in which servers run that tests share."""


def waited(sandbox: Sandbox, work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives in the loop of a sandbox's server."""
    loops = [*sandbox.state.worker.loops, *LOOPS]  # type: ignore[attr-defined]
    if loops[0].is_running():
        return asyncio.run_coroutine_threadsafe(work, loops[0]).result(20)
    return loops[0].run_until_complete(work)


def is_inside() -> bool:
    """Whether the server itself asks."""
    return asyncio._get_running_loop() is not None


class ReadJournal:
    """The journal of a sandbox, for tests."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def entries(self, after: int = 0, kinds: Collection[str] = (), most: int | None = None) -> list[Entry]:
        async def read() -> list[Entry]:
            return [each async for each in all_entries(self._sandbox.state, after, (*kinds,))]

        found: list[Entry] = waited(self._sandbox, read())
        return found if most is None else found[-most:]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self.entries())

    def find(self, n: int) -> Any:
        return waited(self._sandbox, self._sandbox.state.entry(n))

    def last(self) -> Entry | None:
        return next(reversed(self.entries()), None)

    @property
    def newest(self) -> Any:
        return waited(self._sandbox, self._sandbox.state.activity()).newest

    @property
    def seen(self) -> Any:
        return waited(self._sandbox, self._sandbox.state.examples()).now


class ReadJobs:
    """The jobs of an API, for tests."""

    def __init__(self, side: SandboxApi) -> None:
        self._side, self._api = side, side.contract.name

    def get(self, identity: str) -> Job | None:
        found: Job | None = waited(self._side.sandbox, self._named(identity)).job
        return found

    async def _named(self, identity: str) -> Any:
        return (await self._side.sandbox.state.look_up(self._api, (identity,)))[identity]

    def newest(self, limit: int) -> Any:
        return waited(self._side.sandbox, self._side.sandbox.state.newest(self._api, limit))

    @property
    def number(self) -> int:
        return len(self.newest(1000))


def steer_elsewhere(patch: pytest.MonkeyPatch) -> None:
    """Have what tests do to sandboxes of their own process done where the state is."""

    def plan(side: SandboxApi, wishes: Any, *, resource: str | None = None, count: int = 1) -> Any:
        return waited(side.sandbox, side.place(wishes, resource, count))

    patch.setattr(SandboxApi, "plan", plan)
    patch.setattr(Sandbox, "change_here", lambda sandbox, change: waited(sandbox, sandbox.change(change)))
    patch.setattr(Sandbox, "reset", lambda sandbox: waited(sandbox, sandbox.renew()))

    def orders(side: SandboxApi) -> Any:
        name = side.contract.name
        return side.part.orders if is_inside() else deque(waited(side.sandbox, side.state.orders(name)))

    patch.setattr(SandboxApi, "orders", property(orders))
    stores = property(lambda side: side.part.store if is_inside() else ReadJobs(side))
    patch.setattr(SandboxApi, "store", stores)

    def journal(sandbox: Sandbox) -> Journal | ReadJournal:
        is_made = "closed" in vars(sandbox)
        return ReadJournal(sandbox) if is_made and not is_inside() else vars(sandbox)["_journal"]

    kept = property(journal, lambda sandbox, journal: vars(sandbox).__setitem__("_journal", journal))
    patch.setattr(Sandbox, "journal", kept, raising=False)
