"""`WireSettings`: uvicorn's configuration with our limits, set so that nothing outside this server changes.

Knows uvicorn's option names. No logging is configured: the application's owner does that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import uvicorn

from mockserver.wire.deadlines import Wheel
from mockserver.wire.limits import Limits
from mockserver.wire.load import Lateness
from mockserver.wire.protocol import protocol_class
from mockserver.wire.tls import Tls
from mockserver.wire.write_batch import WriteBatch

Http: TypeAlias = Literal["auto", "httptools", "h11"]
LoopName: TypeAlias = Literal["auto", "asyncio", "uvloop"]
AsgiApplication: TypeAlias = Callable[..., Any]

ENDLESS = 10**9


class WireSettings(uvicorn.Config):
    """Configuration of one server; `room` is how many connections it holds at once."""

    def __init__(
        self,
        app: AsgiApplication,
        *,
        limits: Limits,
        tls: Tls | None = None,
        http: Http = "auto",
        loop: LoopName = "auto",
    ) -> None:
        super().__init__(
            app,
            http=protocol_class(http),
            loop=loop,
            ws="none",
            interface="asgi3",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=ENDLESS,  # our wheel does it
            h11_max_incomplete_event_size=ENDLESS,  # heads are bounded before h11 sees them
        )
        self.limits = limits
        self.tls = tls
        self.room = ENDLESS
        self.is_leaving = False
        self.lateness = Lateness()
        self._wheel: Wheel | None = None
        self._batch: WriteBatch | None = None

    def load(self) -> None:
        super().load()
        self.ssl = self.tls.context if self.tls else None

    def wheel(self, loop: asyncio.AbstractEventLoop, connections: set[Any]) -> Wheel:
        """The one timer of this server, turning."""
        if self._wheel is None:
            self._wheel = Wheel(loop, lambda: connections, self.limits.shortest(), self.lateness)
        self._wheel.start()
        return self._wheel

    def batch(self, loop: asyncio.AbstractEventLoop) -> WriteBatch:
        """The one batch of this server."""
        if self._batch is None:
            self._batch = WriteBatch(loop)
        return self._batch
