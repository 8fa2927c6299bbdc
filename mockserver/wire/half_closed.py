"""What a request's `receive` gives after its client has ended what it sends: it has left, for all that can be known.

Knows where uvicorn's cycles keep the event that a message has come; a test pins the names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class NoMoreMessages(asyncio.Event):
    """Set for what has come and was not received yet; who waits for more waits for the client to leave."""

    def __init__(self, leave: Callable[[], object]) -> None:
        super().__init__()
        self._leave = leave

    async def wait(self) -> Any:
        if not self.is_set():
            self._leave()
        return True


def end_messages(cycle: Any, leave: Callable[[], object]) -> None:
    """Nothing more comes of a request that is there in full: `leave` is called when somebody waits for more of it."""
    before, after = cycle.message_event, NoMoreMessages(leave)
    if isinstance(before, NoMoreMessages):
        return
    if before.is_set():
        after.set()
    cycle.message_event = after
    before.set()  # who waits for more asks again
