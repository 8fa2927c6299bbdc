"""What the connections of one server share; its settings have it."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from mockserver.wire.deadlines import Wheel
from mockserver.wire.limits import Limits
from mockserver.wire.write_batch import WriteBatch


class SharedServer(Protocol):
    """The application, the limits, and how many connections there may be; one timer and one `WriteBatch` for all."""

    limits: Limits
    room: int
    is_leaving: bool
    """Whether the server is about to end: each connection that begins now has one answer."""

    @property
    def app(self) -> Any: ...
    def wheel(self, loop: asyncio.AbstractEventLoop, connections: set[Any]) -> Wheel: ...
    def batch(self, loop: asyncio.AbstractEventLoop) -> WriteBatch: ...
