"""Long work in slices, between which the event loop turns and answers others. Knows nothing of the work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
SLICE = 64
"""So many items are done before the loop turns: a few milliseconds of any work there is."""


async def paced(items: Iterable[T], size: int = SLICE) -> AsyncIterator[T]:
    """The items; after each slice of them the loop turns once."""
    for n, item in enumerate(items, 1):
        yield item
        if n % size == 0:
            await asyncio.sleep(0)


async def drive(steps: Iterable[object], size: int = SLICE) -> None:
    """Go through work that is done step by step."""
    async for _ in paced(steps, size):
        pass


def emptied(*containers: dict[Any, Any] | deque[Any] | list[Any]) -> Iterator[None]:
    """Let go of what containers hold, one thing a step: freeing many at once takes as long as making them."""
    for each in containers:
        while each:
            if isinstance(each, dict):
                each.popitem()
            else:
                each.pop()
            yield


def done(steps: Iterable[object]) -> None:
    """All steps at once, for those who need not let others in between."""
    deque(steps, maxlen=0)
