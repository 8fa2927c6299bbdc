"""The event loops in which one server asks its engine: one after another, and never two at once. Knows no engine."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from mockserver.errors import UsageError

T = TypeVar("T")
RUNS_ALREADY = (
    "a server whose state is at a store answers in one event loop at a time, and another one of its own runs: ask it "
    "there, or make another server, with a store of its own at the same URL"
)


def remaining(by_loop: dict[asyncio.AbstractEventLoop, T]) -> dict[asyncio.AbstractEventLoop, T]:
    """What is there of loops that have not ended, for one that begins. Raises UsageError where one of them runs."""
    left = {loop: its for loop, its in by_loop.items() if not loop.is_closed()}
    if any(loop.is_running() for loop in left):
        raise UsageError(RUNS_ALREADY)
    return left
