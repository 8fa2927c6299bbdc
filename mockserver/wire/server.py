"""`Server`: uvicorn's server, which starts at once, stops at once, and does not wait for hung requests for ever.

Knows uvicorn's life cycle. Blocking `run` is here, the server in a thread in `threads`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import uvicorn

from mockserver.clock import monotonic
from mockserver.errors import UsageError
from mockserver.wire.adopted import adopted_class
from mockserver.wire.descriptors import ExhaustionHandler, hold_standard, room_and_burst
from mockserver.wire.limits import Limits
from mockserver.wire.load import Load
from mockserver.wire.patched import refuse_if_patched
from mockserver.wire.refusal import LOGGER
from mockserver.wire.settings import AsgiApplication, Http, LoopName, WireSettings
from mockserver.wire.tls import Tls

Prepare = Callable[[], Awaitable[None]]
BACKLOG = 1024
GRACEFUL_SECONDS = 1.5
LINGER_SECONDS = 1.0
"""So long, at most as long as answers under way are given, idle connections stay open after a SIGTERM: a client that is
just sending is answered, and told that this was the last."""
LAST_SECONDS = 0.2  # for each of the last steps: letting ended tasks end, closing the application


def in_real_time(loop: asyncio.AbstractEventLoop) -> asyncio.AbstractEventLoop:
    """A loop whose timers no test's frozen time stops; uvloop's have a clock of their own."""
    if isinstance(loop, asyncio.BaseEventLoop):
        loop.time = monotonic  # type: ignore[method-assign]
    return loop


class _NoCancelled(logging.Filter):
    """Ending a hung request on shutdown is no error of the application's."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


LOGGER.addFilter(_NoCancelled())
LOGGER.setLevel(logging.INFO)


class Server(uvicorn.Server):
    """One server on sockets that are bound already. In its loop `prepare` is awaited first, and `ready` is called when
    it listens."""

    config: WireSettings

    def __init__(
        self, config: WireSettings, *, graceful: float = GRACEFUL_SECONDS, ready: Callable[[], None] = lambda: None,
        prepare: Prepare | None = None, linger: float | None = None,
    ) -> None:  # fmt: skip
        refuse_if_patched()
        super().__init__(config)
        self._graceful = graceful
        self._lingers = min(LINGER_SECONDS, graceful) if linger is None else linger
        self._ready = ready
        self._prepare = prepare
        self._stopping = asyncio.Event()
        self._is_soft = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `stop` or a signal, in a loop made for it."""
        with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
            self._loop = in_real_time(runner.get_loop())
            self._loop.set_exception_handler(ExhaustionHandler())
            runner.run(self.serve(sockets))

    def stop(self) -> None:
        """End serving; may be called from any thread, and more than once."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed already
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen on the sockets. Raises what `prepare` does, and UsageError when the application's own start fails."""
        if self._prepare is not None:
            await self._prepare()
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            raise UsageError("The application refused to start; its own log says why.")
        loop, config, self.servers = asyncio.get_running_loop(), self.config, []
        config.room, burst = room_and_burst()
        patience = config.limits.head_seconds if config.ssl else None
        for sock in sockets or []:
            server = await loop.create_server(
                self._protocol, sock=sock, ssl=config.ssl, backlog=burst, ssl_handshake_timeout=patience
            )
            sock.listen(BACKLOG)  # the loop accepts `burst` at a time, the kernel holds more
            self.servers.append(server)
        self.started = True
        self._tell_load()
        self._ready()

    def _tell_load(self) -> None:
        """Give the application, if it wants that, what says how busy this server is."""
        measured: Callable[[Load], None] | None = getattr(self.config.app, "measured", None)
        if measured is not None:
            measured(Load(self.server_state, self._connections, self.config.lateness))

    def _stopped(self) -> None:
        """Tell the application, if it wants to know: what waits there for something else is to wait no longer."""
        stopped: Callable[[], None] | None = getattr(self.config.app, "stopped", None)
        if stopped is not None:
            stopped()

    def _protocol(self) -> asyncio.Protocol:
        make: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    async def adopt(self, sock: socket.socket, tls: ssl.SSLContext | None, first: bytes = b"") -> None:
        """Serve a connection that somebody else accepted, and of which he has read `first`. Raises what ends a
        handshake: OSError.
        """
        config = self.config
        http: Callable[..., asyncio.Protocol] = config.http_protocol_class

        def protocol() -> asyncio.Protocol:
            make = adopted_class(http)
            return make(first, config=config, server_state=self.server_state, app_state=self.lifespan.state)

        patience = config.limits.head_seconds if tls else None
        await asyncio.get_running_loop().connect_accepted_socket(
            protocol, sock, ssl=tls, ssl_handshake_timeout=patience
        )

    async def main_loop(self) -> None:
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle, give answers under way `graceful` seconds, then end them.

        After a SIGTERM idle connections are given the time to ask for something that is on its way.
        """
        if self._is_soft:
            await self._take_waiting(sockets or [])
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        left = self._graceful
        if self._is_soft:
            await self._linger()
            left = max(left - self._lingers, LAST_SECONDS)
        for connection in self._connections():
            if connection.is_idle or not self._is_soft:
                connection.shutdown()
        self._stopped()
        await self._until_done(left)
        self._end_connections()
        await self._until_done(LAST_SECONDS)
        self._cancel_tasks()
        await self._until_done(LAST_SECONDS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.lifespan.shutdown(), LAST_SECONDS + self._graceful)

    async def _take_waiting(self, sockets: Sequence[socket.socket]) -> None:
        """Accept those whom the kernel has accepted for a socket that is about to be closed: it would reset them."""
        for sock in sockets:
            with contextlib.suppress(OSError):
                while True:
                    waiting, _ = sock.accept()
                    waiting.setblocking(False)
                    task = asyncio.ensure_future(self._serve_at(waiting))
                    self.server_state.tasks.add(task)
                    task.add_done_callback(self.server_state.tasks.discard)
        await asyncio.sleep(0)

    async def _serve_at(self, sock: socket.socket) -> None:
        tls = self.config.ssl
        patience = self.config.limits.head_seconds if tls else None
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol, sock, ssl=tls, ssl_handshake_timeout=patience
            )

    async def _linger(self) -> None:
        """Let clients whose connections are kept ask once more."""
        self.config.is_leaving = True
        for connection in self._connections():
            connection.let_finish()
        self._stopped()
        await self._until_done(self._lingers)

    def _connections(self) -> list[Any]:
        return list(self.server_state.connections)

    def _end_connections(self) -> None:
        for connection in self._connections():
            connection.transport.abort()

    def _cancel_tasks(self) -> None:
        for task in self.server_state.tasks:
            task.cancel()

    async def _until_done(self, seconds: float) -> None:
        """Return when no request and no connection is left, or the time is over."""
        gone = [asyncio.ensure_future(connection.wire.gone()) for connection in self._connections()]
        pending = {*self.server_state.tasks, *gone}
        if pending:
            await asyncio.wait(pending, timeout=seconds)
        for waiter in gone:
            waiter.cancel()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM stop the server; a second one ends what is under way. They are not raised again."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._signalled, sig)

    def _signalled(self, number: int) -> None:
        if self._stopping.is_set():
            self._end_connections()
            self._cancel_tasks()
        self._is_soft = number == signal.SIGTERM
        self._stopping.set()


def bind(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A bound TCP socket, not listening yet; port 0 takes a free one. Raises UsageError when it cannot be had."""
    hold_standard()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With proto=0 asyncio leaves Nagle's algorithm on, which costs every kept-alive request 40 ms.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.setblocking(False)
    except (OSError, OverflowError, UnicodeError) as error:
        sock.close()
        raise UsageError(
            f"{host}, port {port} cannot be listened on: {error}. Choose another address, or port 0 for any free port."
        ) from error
    return sock


def url_of(sock: socket.socket, tls: Tls | None) -> str:
    """The origin under which a client on this machine reaches the socket."""
    host, port = sock.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def run(
    app: AsgiApplication,
    sock: socket.socket,
    *,
    on_listening: Callable[[str], None] = lambda url: None,
    limits: Limits | None = None,
    tls: Tls | None = None,
    http: Http = "auto",
    loop: LoopName = "auto",
    graceful: float = GRACEFUL_SECONDS,
    prepare: Prepare | None = None,
    linger: float | None = None,
) -> None:
    """Serve on a bound socket until SIGINT or SIGTERM; `prepare` is awaited before, `on_listening` is given the URL.

    Answers under way have `graceful` seconds; after a SIGTERM, idle connections may ask once more for `linger` seconds.
    Raises UsageError.
    """
    url = url_of(sock, tls)
    settings = WireSettings(app, limits=limits or Limits(), tls=tls, http=http, loop=loop)
    Server(settings, graceful=graceful, ready=lambda: on_listening(url), prepare=prepare, linger=linger).run([sock])
