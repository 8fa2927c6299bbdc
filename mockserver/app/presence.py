"""Whether the client of a request is still connected, and work that is done only as long as it is.

The wire tells it; under an HTTP server without one, `receive` does. Knows neither answers nor faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.mounting import wire_of

T = TypeVar("T")


class DisconnectListener:
    """What a wire tells of its client, told by `receive`; the request's body was read before."""

    def __init__(self, incoming: Incoming) -> None:
        self._task = asyncio.get_running_loop().create_task(incoming.disconnected())

    @property
    def is_gone(self) -> bool:
        return self._task.done()

    async def gone(self) -> None:
        """Return when the client disconnected."""
        await asyncio.wait([self._task])

    closed = gone

    def take(self) -> None:
        """Nothing can be taken here."""

    def close(self) -> None:
        """Nor closed."""

    def stop(self) -> None:
        """Listen no longer."""
        self._task.cancel()


@asynccontextmanager
async def presence(scope: Any, incoming: Incoming) -> AsyncIterator[Any]:
    """The client of a request: `is_gone`, `gone()`, `take()` to leave an answer unfinished, `close()`."""
    wire = wire_of(scope)
    if wire is not None:
        yield wire
        return
    listener = DisconnectListener(incoming)
    try:
        yield listener
    finally:
        listener.stop()


async def while_present(scope: Any, incoming: Incoming, work: Awaitable[T], *, ends: bool = False) -> T:
    """Do for a client what changes nothing. Raises ClientLeft, and the work is cancelled, when it disconnects.

    What `ends` by itself, and then gives an answer, goes on for a client that only sends no more; nothing else does.
    """
    async with presence(scope, incoming) as client:
        return await while_connected(client, work, ends=ends)


async def while_connected(client: Any, work: Awaitable[T], *, ends: bool = False) -> T:
    """The same, where the client is known; None is one of whom nobody tells."""
    if client is None:
        return await work
    task = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(client.closed() if ends else client.gone())
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            client.close()
            raise ClientLeft
        return task.result()
    finally:
        task.cancel()
        leaving.cancel()
