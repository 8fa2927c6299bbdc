"""Health and metrics: what a server measures of itself. Knows no format."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from mockserver.clock import monotonic
from mockserver.control.measured import Backlog, Load, Measured
from mockserver.control.request import ControlRequest, Handler, Text
from mockserver.errors import StateError
from mockserver.sandboxes import Sandboxes
from mockserver.state.store_port import Store
from mockserver.tally import Tally
from mockserver.turns import paced


def health_of(load: Callable[[], Load | None], store: Store | None) -> Handler:
    """The handler of `checkHealth`. One whose store is away is alive all the same: nobody is helped by its end."""

    async def check(request: ControlRequest) -> dict[str, Any]:
        """That the server answers, and how busy it is."""
        busy = load()
        lag = round(await _lag(busy), 3)
        flight = {} if busy is None else {"in_flight": busy.in_flight}
        return {"status": "ok", **flight, "loop_lag": lag, **({} if store is None else await _latency(store))}

    return check


def metrics_of(load: Callable[[], Load | None]) -> Handler:
    """The handler of `readMetrics`."""

    async def read(request: ControlRequest) -> Text:
        """All counts and gauges, as OpenMetrics."""
        from mockserver.control.exposition import MEDIA_TYPE, exposition  # its library is slow to import

        return Text(exposition(await _measured(request.sandboxes, load())), MEDIA_TYPE)

    return read


async def _measured(sandboxes: Sandboxes, load: Load | None) -> Measured:
    lag, backlog = await _lag(load), await _backlog(sandboxes)
    return Measured(_tally(sandboxes), backlog, len(sandboxes), sandboxes.journals.kept, lag, load)


def _tally(sandboxes: Sandboxes) -> Tally:
    """At one go: a sandbox that is closed while the loop turns would be counted twice, or not at all."""
    tally = sandboxes.journals.tally.copy()
    for sandbox in sandboxes.open():
        tally.add(sandbox.journal.untallied())
    return tally


async def _backlog(sandboxes: Sandboxes) -> Backlog:
    waiting, under_way, late = 0, 0, 0.0
    async for sandbox in paced(sandboxes.open()):
        waits, goes = sandbox.outbox.backlog()
        waiting, under_way = waiting + waits, under_way + goes
        due, clock = sandbox.outbox.next_due(), sandbox.clock
        if due is not None and clock.wall_seconds_until(due) is not None:  # of itself, that is
            late = max(late, clock.now() - due)
    return Backlog(waiting, under_way, late)


async def _latency(store: Store) -> dict[str, float | None]:
    try:
        return {"store_latency": round(await store.latency(), 4)}
    except StateError:
        return {"store_latency": None}


async def _lag(load: Load | None) -> float:
    """How long one turn of the loop takes now, or was late of late."""
    begun = monotonic()
    await asyncio.sleep(0)
    return max(monotonic() - begun, 0.0 if load is None else load.lateness.longest())
