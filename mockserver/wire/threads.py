"""A server in a daemon thread, for fixtures and scripts: there when the call returns, gone when it is stopped."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from types import TracebackType
from typing import Self

from uvicorn.server import ServerState

from mockserver.errors import UsageError
from mockserver.wire.limits import Limits
from mockserver.wire.server import GRACEFUL_SECONDS, Server, bind, url_of
from mockserver.wire.settings import AsgiApplication, Http, LoopName, WireSettings
from mockserver.wire.tls import Tls

START_SECONDS = 10.0
JOIN_SECONDS = 2.0  # beyond the graceful seconds


class ThreadServer:
    """A running server: `url` (origin, no slash at its end), `port`, `loop`, `stop()`; a context manager."""

    def __init__(self, settings: WireSettings, sock: socket.socket, graceful: float) -> None:
        self.url = url_of(sock, settings.tls)
        self.port: int = sock.getsockname()[1]
        self.settings = settings
        self.tls = settings.tls
        self._sock = sock
        self._graceful = graceful
        self._up = threading.Event()
        self._failure: BaseException | None = None
        self._server = Server(settings, graceful=graceful, ready=self._listening)
        self._thread = threading.Thread(target=self._run, name=f"mockserver:{self.port}", daemon=True)
        self.loop: asyncio.AbstractEventLoop

    @property
    def state(self) -> ServerState:
        """Connections, tasks and the number of answers, as uvicorn counts them; the loop's thread changes it."""
        return self._server.server_state

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> Self:
        """Return when it listens. Raises UsageError when it does not."""
        self._thread.start()
        if not self._up.wait(START_SECONDS):
            self._server.stop()
            raise UsageError(f"The server did not start within {START_SECONDS:g} seconds.")
        if self._failure is not None:
            self._thread.join(JOIN_SECONDS)
            raise UsageError(f"The server did not start: {self._failure}") from self._failure
        return self

    async def adopt(self, sock: socket.socket, tls: ssl.SSLContext | None, first: bytes = b"") -> None:
        """As `Server.adopt`; to be awaited in `loop`."""
        await self._server.adopt(sock, tls, first)

    def stop(self) -> None:
        """End it; returns when it is gone, at the latest two seconds after its grace. May be called twice."""
        self._server.stop()
        self._thread.join(self._graceful + JOIN_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def _listening(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._up.set()

    def _run(self) -> None:
        try:
            self._server.run([self._sock])
        except BaseException as error:  # also SystemExit, which a thread would swallow
            self._failure = error
        finally:
            self._sock.close()
            self._up.set()


def serve_in_thread(
    app: AsgiApplication,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    limits: Limits | None = None,
    tls: Tls | None = None,
    http: Http = "auto",
    loop: LoopName = "auto",
    graceful: float = GRACEFUL_SECONDS,
) -> ThreadServer:
    """Serve an ASGI application in a thread of its own. Raises UsageError at once when the port is taken."""
    settings = WireSettings(app, limits=limits or Limits(), tls=tls, http=http, loop=loop)
    return ThreadServer(settings, bind(host, port), graceful).start()
