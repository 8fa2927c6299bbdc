"""Health and metrics: what a server measures of itself. Knows no format."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from mockserver.clock import monotonic
from mockserver.control.measured import Busy, Everywhere, LoadSource, Measured, counted
from mockserver.control.request import ControlHandler, ControlRequest, TextBody
from mockserver.errors import StateError
from mockserver.sandboxes import Sandboxes
from mockserver.state.store_port import Store
from mockserver.tally import Tally
from mockserver.time_slices import paced


class Meter:
    """Measures one process: its sandboxes, the server in front of it, and its store, as far as there are such."""

    def __init__(self, sandboxes: Sandboxes, load: Callable[[], LoadSource | None], store: Store | None) -> None:
        self._sandboxes, self._load, self._store = sandboxes, load, store

    async def health(self, request: ControlRequest) -> dict[str, Any]:
        """The handler of `checkHealth`. One whose store is away is alive all the same: nobody is helped by its end."""
        load = self._load()
        flight = {} if load is None else {"in_flight": load.in_flight}
        lag = round(await _lag(load), 3)
        store = {} if self._store is None else {"store_latency": await self._latency()}
        return {"status": "ok", **flight, "loop_lag": lag, **store}

    def metrics(self, everywhere: Callable[[], Everywhere]) -> ControlHandler:
        """The handler of `readMetrics`."""

        async def read(request: ControlRequest) -> TextBody:
            from mockserver.control.exposition import MEDIA_TYPE, exposition  # its library is slow to import

            return TextBody(exposition(await everywhere()(await self.measured())), MEDIA_TYPE)

        return read

    async def measured(self) -> Measured:
        """All that is measured."""
        load, sandboxes, (waiting, under_way, late) = self._load(), self._sandboxes, await self._backlog()
        lag, latency, cpu = await _lag(load), await self._latency(), os.times()
        return Measured(
            **counted(self._tally()), open=len(sandboxes), journals=sandboxes.journals.kept, waiting=waiting,
            under_way=under_way, late=late, lag=lag, cpu=cpu.user + cpu.system,
            busy=None if load is None else Busy.of(load), latency=latency,
        )  # fmt: skip

    def _tally(self) -> Tally:
        """At one go: a sandbox that is closed while the loop turns would be counted twice, or not at all."""
        tally = self._sandboxes.journals.tally.copy()
        for sandbox in self._sandboxes.open():
            tally.add(sandbox.journal.untallied())
        return tally

    async def _backlog(self) -> tuple[int, int, float]:
        waiting, under_way, late = 0, 0, 0.0
        async for sandbox in paced(self._sandboxes.open()):
            waits, goes = sandbox.outbox.backlog()
            waiting, under_way = waiting + waits, under_way + goes
            due, clock = sandbox.outbox.next_due(), sandbox.clock
            if due is not None and clock.wall_seconds_until(due) is not None:  # of itself, that is
                late = max(late, clock.now() - due)
        return waiting, under_way, late

    async def _latency(self) -> float | None:
        try:
            return None if self._store is None else round(await self._store.latency(), 4)
        except StateError:
            return None


async def _lag(load: LoadSource | None) -> float:
    """How long one turn of the loop takes now, or was late of late."""
    start = monotonic()
    await asyncio.sleep(0)
    return max(monotonic() - start, 0.0 if load is None else load.lateness.longest())
