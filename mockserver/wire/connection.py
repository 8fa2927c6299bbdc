"""`Connection`: one connection under limits: its state, how it begins, who may hold it, and how it ends.

Knows how much time is left, and how a request is refused; not how requests are read.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from mockserver.mounting import WIRE
from mockserver.wire.chunks import Chunks
from mockserver.wire.connection_handle import Wire
from mockserver.wire.half_closed import end_messages
from mockserver.wire.origin import made_out, made_out_of
from mockserver.wire.refusal import LOGGER, Head, Refusal, refusal_bytes

if TYPE_CHECKING:
    from uvicorn.protocols.http.flow_control import FlowControl
    from uvicorn.server import ServerState

    from mockserver.wire.shared import SharedServer

DRAIN_BYTES = 128 * 1024 * 1024
DRAIN_SECONDS = 5.0
QUIET_SECONDS = 0.5  # how long a refused client over TLS, which cannot be sent a mere FIN, may be silent

AtOnce = Callable[[bytes, int, str, Callable[["bytes | None"], None]], "bytes | None"]
CLOSE = (b"connection", b"close")
NOT_ASKED = (b"", 0)
"""A request, where its head ends, who sends it, and who is given the answer where none is given back at once."""


class ConnectionMode(enum.Enum):
    OPEN = enum.auto()
    REFUSED = enum.auto()  # answered by us; what the client still sends is thrown away
    TAKEN = enum.auto()  # somebody holds the Wire
    CLOSING = enum.auto()


class Connection(asyncio.Protocol):
    """Mixed in before one of uvicorn's protocols; `due` is the turn of the wheel when this connection expires."""

    transport: asyncio.Transport
    flow: FlowControl
    cycle: Any

    def __init__(
        self,
        config: SharedServer,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)  # type: ignore[call-arg]
        self.logger = LOGGER
        self.access_log = False
        self.settings = config
        self.limits = config.limits
        self._at_once: AtOnce | None = getattr(config.app, "at_once", None)
        self.due = 0
        self.mode = ConnectionMode.OPEN
        self._ready = True  # the next byte begins a head, and nothing stands before it
        self._lawful = b""  # the head of the last whole request that was lawful and answered at once
        self._alike = 0  # the length of that request: it ends there, for its head says how long its body is
        self._part = bytearray()  # of a head
        self._held = bytearray()  # what came before the answer to the request ahead of it was complete
        self._pending = b""  # an answer that is to be written with others
        self._asked = NOT_ASKED  # a request that the application answers later, and where its head ends
        self._waits = False  # for an answer that the application gives later
        self._is_last = False  # the connection is closed after the answer to what is asked or comes next
        self._has_ended = False  # the client sends no more
        self._left = 0  # of a counted body
        self._chunks: Chunks | None = None
        self._drained = 0
        self._drained_by = 0

    # --- its beginning and its end

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.wire = Wire(self, self.transport)
        self._peer = (self.client or ("",))[0]  # type: ignore[attr-defined]
        self.app_state: dict[str, Any] = {**self.app_state, WIRE: self.wire}
        self._set_up(self.settings)

    def _set_up(self, settings: SharedServer) -> None:
        connections: set[Any] = self.connections  # type: ignore[attr-defined]
        loop = asyncio.get_running_loop()
        self._batch = settings.batch(loop)
        wheel = settings.wheel(loop, connections)
        self._wheel = wheel
        self._idle_turns = wheel.turns(self.limits.idle_seconds)
        self._body_turns = wheel.turns(self.limits.body_seconds)
        self.due = wheel.turn + self._idle_turns
        if settings.is_leaving:
            self.let_finish()
        if len(connections) > settings.room:
            self._leave(ConnectionMode.CLOSING)
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.due = 0
        self.mode = ConnectionMode.CLOSING
        self._pending = b""
        super().connection_lost(exc)
        self.wire.lost()
        self._part, self._held = bytearray(), bytearray()
        if not self._in_cycle():
            self._forget_request()

    def _forget_request(self) -> None:
        """Let go of the last request: it and this connection hold each other, and a head may be large."""
        for name in ("cycle", "scope", "headers", "url", "conn"):
            setattr(self, name, None)

    def shutdown(self) -> None:
        """Called by the server: end now if nothing is being answered, else after the answer."""
        self.flush()
        if self.mode is ConnectionMode.TAKEN:
            self.transport.abort()
        elif self._waits and self.mode is ConnectionMode.OPEN:
            self._is_last = True
        elif self._busy() and self.mode is ConnectionMode.OPEN:
            self._close_after()
        else:
            self._hang_up()

    def _close_after(self) -> None:
        """The answer under way is the last one, and says so where it can."""
        cycle = self.cycle
        if cycle.keep_alive and not cycle.response_started:
            cycle.default_headers = [*cycle.default_headers, CLOSE]
        cycle.keep_alive = False

    def _finish(self) -> None:
        """The client sends no more: what it has asked in full is answered, and then it is hung up."""
        if self._left or self._chunks is not None:
            self.transport.close()
            return
        if self._in_cycle():
            end_messages(self.cycle, self._take_for_gone)
        if not self._held:
            self.shutdown()

    def _take_for_gone(self) -> None:
        """Somebody waits for the client to leave, which sends no more."""
        self.cycle.disconnected = True
        self.transport.close()

    def let_finish(self) -> None:
        """Called by the server: what is asked, or is on its way, is answered as the last; `shutdown` ends the idle."""
        self.flush()
        self._is_last, self._ready = True, False
        if self._in_cycle() and self.mode is ConnectionMode.OPEN:
            self._close_after()

    @property
    def is_idle(self) -> bool:
        """Whether nothing of a request has come that is not answered."""
        return self.mode is ConnectionMode.OPEN and not self._busy() and not self._part

    def _hang_up(self) -> None:
        """Close politely, and rudely if that takes long."""
        self.mode, self._ready = ConnectionMode.CLOSING, False
        self.due = self._wheel.turn + self._wheel.turns(QUIET_SECONDS)
        self.transport.close()

    # --- what it does

    def flush(self) -> None:
        """Write the answer that waits in the batch: before anything else may be written, or the transport ends."""
        pending, self._pending = self._pending, b""
        if pending and not self.transport.is_closing():
            self.transport.write(pending)

    def _busy(self) -> bool:
        return self._waits or self._in_cycle()

    @property
    def is_busy(self) -> bool:
        """Whether a request is not answered in full, by the protocol beneath or by who has the wire."""
        return self.mode is ConnectionMode.TAKEN or self._busy()

    def _in_cycle(self) -> bool:
        """Whether the protocol beneath has a request that is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    # --- refusals

    def send_400_response(self, msg: str) -> None:
        """Called by the protocol beneath when it refuses what we let through."""
        self.refuse(Refusal(400, msg))

    def refuse(self, refusal: Refusal) -> None:
        """Answer in the application's stead, then throw away what the client still sends, and close."""
        begun = self._in_cycle() and self.cycle.response_started
        head = self._head_so_far()
        self._leave(ConnectionMode.REFUSED)
        if begun or self.transport.is_closing():
            self._hang_up()
            return
        self.transport.write(refusal_bytes(self.limits.refuse, refusal, head))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._drained_by = self._wheel.turn + self._wheel.turns(DRAIN_SECONDS)
        self._throw_away(b"")

    def _head_so_far(self) -> Head:
        if not self._in_cycle():
            return made_out(bytes(self._part))
        scope = self.cycle.scope
        return made_out_of(scope["method"], scope["raw_path"], scope["headers"])

    def _leave(self, mode: ConnectionMode) -> None:
        """From now on the protocol beneath neither sees nor sends anything."""
        self.mode = mode
        self.due = 0
        self._ready = False
        self._part, self._held, self._left, self._chunks = bytearray(), bytearray(), 0, None
        if self._in_cycle():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _throw_away(self, data: bytes) -> bytes:
        self._drained += len(data)
        if self.mode is ConnectionMode.REFUSED:
            self.due = min(self._drained_by, self._wheel.turn + self._wheel.turns(QUIET_SECONDS))
            if self._drained > DRAIN_BYTES:
                self.transport.abort()
        return b""

    # --- the Wire

    def give_wire(self) -> None:
        if self.mode is not ConnectionMode.OPEN:
            return
        self._leave(ConnectionMode.TAKEN)
        if task := asyncio.current_task():
            task.add_done_callback(self._given_back)

    def _given_back(self, _task: asyncio.Task[Any]) -> None:
        if not self.transport.is_closing():
            self._hang_up()

    def answer(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
        """Send a whole answer by one write, where the protocol beneath can; False: send it the long way."""
        return False

    def unread(self) -> tuple[bytes, bool]:
        """What has come of the body of the request under way and nobody received, and whether that is its end. Once."""
        cycle = self.cycle
        if cycle is None:
            return b"", False
        unread, cycle.body = bytes(cycle.body), bytearray()
        return unread, bool(unread) and not cycle.more_body

    @property
    def has_begun(self) -> bool:
        """Whether the request under way has a part of its answer, or is none of the protocol's any more."""
        return self.mode is not ConnectionMode.OPEN or (self.cycle is not None and self.cycle.response_started)

    async def room(self) -> None:
        """Return when the transport takes more, or the connection is lost."""
        await self.flow.drain()

    # --- the clock

    def expire(self) -> None:
        """Called by the wheel when `due` has come."""
        self.flush()
        self.due = 0
        if self.mode is not ConnectionMode.OPEN:
            self.transport.abort()
        elif self._part:
            self.refuse(Refusal(408, f"The head did not arrive within {self.limits.head_seconds:g} seconds."))
        elif not self._left and self._chunks is None:
            self._hang_up()
        elif self._busy() and (self.flow.read_paused or self.cycle.waiting_for_100_continue):
            self.due = self._wheel.turn + self._body_turns  # it is not the client who waits
        elif self._busy():
            self.refuse(Refusal(408, f"No byte of the body arrived for {self.limits.body_seconds:g} seconds."))
        else:
            self._hang_up()
