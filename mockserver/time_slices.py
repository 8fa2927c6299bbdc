"""Long work in slices, between which the event loop turns and answers others. Knows nothing of the work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from typing import Any, TypeVar

from mockserver.clock import perf_counter

T = TypeVar("T")
SLICE = 64
"""At most so many items are done before the loop turns, however quick they are or a frozen clock says they are."""
SECONDS = 0.002
"""How long others wait at most, but for the last item."""


async def paced(items: Iterable[T], size: int = SLICE) -> AsyncIterator[T]:
    """The items; after each slice of them the loop turns once."""
    count, start = 0, perf_counter()
    for item in items:
        yield item
        count += 1
        if count == size or perf_counter() - start > SECONDS:
            await asyncio.sleep(0)
            count, start = 0, perf_counter()


async def drive(steps: Iterable[object], size: int = SLICE) -> None:
    """Go through work that is done step by step."""
    async for _ in paced(steps, size):
        pass


def emptied(*containers: dict[Any, Any] | deque[Any] | list[Any]) -> Iterator[None]:
    """Let go of what containers hold, one thing a step: freeing many at once takes as long as making them."""
    for container in containers:
        while container:
            if isinstance(container, dict):
                container.popitem()
            else:
                container.pop()
            yield


def done(steps: Iterable[object]) -> None:
    """All steps at once, for those who need not let others in between."""
    deque(steps, maxlen=0)


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as over:
        return over.value  # type: ignore[no-any-return]
    work.close()
    raise AssertionError("it waits for something")
