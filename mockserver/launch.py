"""Starting a server: in a thread for scripts and fixtures, in the foreground for the command line."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack
from urllib.parse import unquote, urlsplit

from mockserver import local
from mockserver.app import Mockserver, Settings
from mockserver.app.options import (
    Folders,
    clock_of,
    contracts_in,
    folders,
    folders_of,
    known_hosts,
    known_seed,
    known_token,
    origins,
    trusted,
    webhook_hosts,
)
from mockserver.errors import UsageError, is_on_purpose
from mockserver.expected_silence import Silence
from mockserver.json_types import Json
from mockserver.loader import in_gallery
from mockserver.local import Arms, LocalServer
from mockserver.loopback import is_loopback
from mockserver.reprs import brief
from mockserver.steering import SandboxHandle, Steering, Unreachable
from mockserver.steering.connection import TIMEOUT, Control
from mockserver.wire import GRACEFUL_SECONDS, Limits, Prepare, ThreadServer, Tls, bind, run, serve_in_thread, url_of

if TYPE_CHECKING:
    from mockserver.steering.server import SandboxSettings

__tracebackhide__ = is_on_purpose


def check_exposure(host: str, control_token: str | None) -> None:
    """Raises UsageError when a server would let strangers control it."""
    if not is_loopback(host) and not control_token:
        raise UsageError(
            f"{host} can be reached from other machines: set --control-token or MOCKSERVER_CONTROL_TOKEN first"
        )


class _LocalControl(Control):
    """The control API of a server in a thread of this process: asked for in its loop, without HTTP.

    That costs a fraction of a request, and the first fixture of a run does not wait for Starlette to be imported.
    """

    def __init__(self, app: Mockserver, thread: ThreadServer) -> None:
        ca_pem = thread.tls.ca_pem if thread.tls else None
        super().__init__(thread.url, app.settings.control_token, ca_pem=ca_pem or None)
        self._app, self._thread, self._owner = app, thread, os.getpid()

    def _exchange(self, method: str, target: str, data: bytes | None) -> tuple[int, bytes]:
        """As over HTTP; a forked process, to which the server's thread did not come along, goes that way."""
        if self._owner != os.getpid():
            return super()._exchange(method, target, data)
        path, _, query = target.partition("?")
        answering = self._app.operations.ask(method, unquote(path), query.encode(), data or b"")
        try:
            answered = asyncio.run_coroutine_threadsafe(answering, self._thread.loop)
        except RuntimeError as error:  # its loop is closed
            answering.close()
            raise self._unreachable(error) from None
        return self._result(answered)

    def _result(self, answered: Future[tuple[int, bytes]]) -> tuple[int, bytes]:
        for _ in range(int(TIMEOUT)):
            with suppress(TimeoutError):
                try:
                    return answered.result(1)
                except CancelledError as error:
                    raise self._unreachable(error) from None
            if not self._thread.is_running:
                break
        answered.cancel()
        raise self._unreachable(TimeoutError())

    def _unreachable(self, error: BaseException) -> Unreachable:
        return Unreachable(f"no mockserver answers at {self.url}: {error!r}")


class _Local(Steering):
    """Controls a server in a thread of this process."""

    def __init__(self, app: Mockserver, thread: ThreadServer) -> None:
        self.control = _LocalControl(app, thread)
        self.url = self.control.url


class Running:
    """A server in a thread: `url`, `port`, `app`, `steering`; stop it, or use it as a context manager."""

    def __init__(self, app: Mockserver, thread: ThreadServer) -> None:
        self.app = app
        self.thread = thread
        self.url = thread.url
        self.port = thread.port
        self.steering = _Local(app, thread)
        if not app.sandboxes.is_joined:
            asyncio.run_coroutine_threadsafe(app.sandboxes.join(), thread.loop).result()
        self._local = LocalServer(thread.port, lambda name: app.sandboxes.get(name) is not None, self._arms)
        local.add(self._local)

    def _arms(self) -> Arms:
        from mockserver.arming import LocalArms  # most tests arm no callable

        return LocalArms(self.app, self.thread.loop)

    def __repr__(self) -> str:
        return brief("Running", f"{self.url}:", "" if self.thread.is_running else "stopped,", ", ".join(self.app.apis))

    def sandbox(self, **wanted: Unpack[SandboxSettings]) -> SandboxHandle:
        """A new sandbox, closed at the end of its `with`; `Steering.sandbox` says what can be asked for."""
        return self.steering.sandbox(**wanted)

    @property
    def default(self) -> SandboxHandle:
        """The sandbox that is always there, with the published credentials."""
        return self.steering.default

    def foresee(self, method: str, url: str, patience: float | None, *, virtual: bool = False) -> Silence | None:
        """The silence a request would meet, if it outlasts `patience` or time is `virtual`: seconds, and whether the
        server does first what is asked, and answers at once; else the request counts as made.

        None: send it, to see. Call it from any thread but the server's.
        """
        from mockserver.app.delay_preview import foresee, may_be_silent

        path = unquote(urlsplit(url).path)
        if not may_be_silent(self.app.addresses, path):
            return None
        preview = foresee(self.app.addresses, method, path, patience, virtual=virtual)
        return asyncio.run_coroutine_threadsafe(preview, self.thread.loop).result(10)

    def stop(self) -> None:
        """End the server; may be called twice."""
        local.remove(self._local)
        self.steering.close()
        self.thread.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()


def start(
    contracts: Folders = (),
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seed: int | str = 0,
    clock: str | Json = "real",
    tls: Tls | None = None,
    webhook_allow: Collection[str] = (),
    insecure_webhooks: bool = False,
    webhook_ca: str | Path | None = None,
    control_token: str | None = None,
    cors: Collection[str] | bool | None = None,
    strict: bool = False,
    apis: Collection[str] = (),
    hosts: Mapping[str, str] | None = None,
) -> Running:
    """Serve all APIs in a thread; `contracts` are folders of further ones, `apis` names of the gallery's. Raises
    ContractError and UsageError.

    For receivers of webhooks on this machine: `insecure_webhooks` lets webhooks go to plain http where an API wants
    https, `webhook_ca` (PEM, or a Path to it) is trusted besides the system's authorities. `cors`: the origins whose
    pages a browser lets read the APIs, True for all, False for none; by default all of them where only this machine
    reaches the server, and else none. `strict` refuses files that are not what they are said to be. `hosts` are
    further hosts (`{"api.acme.example": "acme"}`) under which an API answers without its prefix.
    """
    check_exposure(host, control_token)
    served = contracts_in(contracts, apis)
    settings = Settings(
        seed=known_seed(seed), clock=clock_of(clock), webhook_allow=webhook_hosts(webhook_allow),
        control_token=known_token(control_token), hosts=known_hosts(hosts or {}, served),
        insecure_webhooks=insecure_webhooks, webhook_ca=trusted(webhook_ca), cors=origins(cors, host), strict=strict,
    )  # fmt: skip
    app = Mockserver(served, settings)
    thread = serve_in_thread(app, host, port, limits=Limits(refuse=app.refuse), tls=tls)
    app.listening(thread.url)
    return Running(app, thread)


def start_app(app: Mockserver) -> Running:
    """Serve an application that was made already, in a thread, on a free port of this machine."""
    thread = serve_in_thread(app, "127.0.0.1", 0, limits=Limits(refuse=app.refuse))
    app.listening(thread.url)
    return Running(app, thread)


def serve(
    app: Mockserver,
    sock: socket.socket,
    on_listening: Callable[[str], None],
    tls: Tls | None = None,
    prepare: Prepare | None = None,
    graceful: float = GRACEFUL_SECONDS,
) -> None:
    """Serve in the foreground until SIGINT or SIGTERM; `prepare` is awaited before anybody can connect.

    Answers under way have `graceful` seconds then.
    """

    def listening(url: str) -> None:
        app.listening(url)
        gc.set_threshold(10_000, 20, 20)  # requests leave many objects and no circles
        gc.freeze()  # contracts live as long as the process: collecting garbage must not walk them each time
        on_listening(url)

    async def prepared() -> None:
        if prepare is not None:
            await prepare()
        await app.sandboxes.join()

    limits = Limits(refuse=app.refuse)
    run(app, sock, on_listening=listening, limits=limits, tls=tls, prepare=prepared, graceful=graceful)


__all__ = [
    "Folders",
    "Running",
    "bind",
    "check_exposure",
    "clock_of",
    "contracts_in",
    "folders",
    "folders_of",
    "in_gallery",
    "origins",
    "serve",
    "start",
    "start_app",
    "trusted",
    "url_of",
    "webhook_hosts",
]
