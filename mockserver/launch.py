"""Starting a server: in a thread for scripts and fixtures, in the foreground for the command line."""

from __future__ import annotations

import asyncio
import gc
import re
import socket
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from mockserver.app import ANY, Mockserver, Settings, known_origin
from mockserver.clock import Clock, clock_settings
from mockserver.contract import Contract
from mockserver.errors import Finding, UsageError
from mockserver.loader import SHIPPED, in_gallery, load_all
from mockserver.loopback import is_loopback
from mockserver.silence import Silence
from mockserver.steering import SandboxHandle, Steering
from mockserver.wire import Limits, ThreadServer, Tls, bind, run, serve_in_thread


def clock_of(words: str | Mapping[str, Any]) -> Clock:
    """A clock, by its words or as the control API has it. Raises ClockError as `clock_settings` does."""
    return Clock(**clock_settings(words))


def contracts_in(folders: Iterable[Path] = (), apis: Iterable[str] = ()) -> Sequence[Contract]:
    """The shipped contracts, those of the gallery that are named, and those in `folders`, which go before the others
    of the same name.

    Raises ContractError: what `check` refuses does not start. What is as it was shipped was checked then.
    """
    return load_all([SHIPPED, *map(in_gallery, apis), *folders], _wrong)


def _wrong(contract: Contract) -> list[Finding]:
    from mockserver.check import check_contract
    from mockserver.trial import tried

    return check_contract(contract) or tried(contract)


def origins(cors: Collection[str] | bool | None, host: str) -> frozenset[str]:
    """The origins whose pages may read the APIs of a server on `host`. Raises UsageError."""
    if cors is None:
        cors = is_loopback(host)
    if isinstance(cors, bool):
        return frozenset((ANY,)) if cors else frozenset()
    return frozenset(map(known_origin, (cors,) if isinstance(cors, str) else cors))


def trusted(ca: str | Path | None) -> str | None:
    """The PEM of certificates that webhooks shall trust, itself or the path of its file. Raises UsageError."""
    if ca is None:
        return None
    from mockserver.webhooks.trust import certificates, certificates_in

    return certificates_in(ca) if isinstance(ca, Path) else certificates(ca)


def webhook_hosts(named: Collection[str]) -> frozenset[str]:
    """The hosts beyond this machine that webhooks may be sent to. Raises UsageError for what is no host."""
    hosts = (named,) if isinstance(named, str) else named
    for host in hosts:
        if not re.fullmatch(r"[\w.-]+|\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?", host):
            raise UsageError(f"{host!r} is no host; write app.example or 192.0.2.7, without scheme, port or path")
    return frozenset(hosts)


def check_exposure(host: str, control_token: str | None) -> None:
    """Raises UsageError when a server would let strangers steer it."""
    if not is_loopback(host) and not control_token:
        raise UsageError(
            f"{host} can be reached from other machines: set --control-token or MOCKSERVER_CONTROL_TOKEN first"
        )


class Running:
    """A server in a thread: `url`, `port`, `app`, `steering`; stop it, or use it as a context manager."""

    def __init__(self, app: Mockserver, thread: ThreadServer) -> None:
        self.app = app
        self.thread = thread
        self.url = thread.url
        self.port = thread.port
        ca_pem = thread.tls.ca_pem if thread.tls else None
        self.steering = Steering(thread.url, app.settings.control_token, ca_pem=ca_pem or None)

    def sandbox(self, *, seed: int | str = 0, clock: str | Mapping[str, Any] = "manual", **more: Any) -> SandboxHandle:
        """A new sandbox, closed at the end of its `with`; `Steering.sandbox` says what more can be asked for."""
        return self.steering.sandbox(seed=seed, clock=clock, **more)

    @property
    def default(self) -> SandboxHandle:
        """The sandbox that is always there, with the published credentials."""
        return self.steering.default

    def foresee(self, method: str, url: str, patience: float | None, *, virtual: bool = False) -> Silence | None:
        """The silence a request would meet, if it outlasts `patience` or time is `virtual`: seconds, and whether the
        server does first what is asked, and answers at once; else the request counts as made.

        None: send it, to see. Call it from any thread but the server's.
        """
        from mockserver.app.foresight import foresee, may_be_silent

        path = unquote(urlsplit(url).path)
        if not may_be_silent(self.app, path):
            return None
        asked = foresee(self.app, method, path, patience, virtual=virtual)
        return asyncio.run_coroutine_threadsafe(asked, self.thread.loop).result(10)

    def stop(self) -> None:
        """End the server; may be called twice."""
        self.steering.close()
        self.thread.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()


def start(
    contracts: Collection[str | Path] = (),
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seed: int | str = 0,
    clock: str | Mapping[str, Any] = "real",
    tls: Tls | None = None,
    webhook_allow: Collection[str] = (),
    insecure_webhooks: bool = False,
    webhook_ca: str | Path | None = None,
    control_token: str | None = None,
    cors: Collection[str] | bool | None = None,
    strict: bool = False,
    apis: Collection[str] = (),
) -> Running:
    """Serve all APIs in a thread; `contracts` are folders of further ones, `apis` names of the gallery's. Raises
    ContractError and UsageError.

    For receivers of webhooks on this machine: `insecure_webhooks` lets webhooks go to plain http where an API wants
    https, `webhook_ca` (PEM, or a Path to it) is trusted besides the system's authorities. `cors`: the origins whose
    pages a browser lets read the APIs, True for all, False for none; by default all of them where only this machine
    reaches the server, and else none. `strict` refuses files that are not what they are said to be.
    """
    check_exposure(host, control_token)
    settings = Settings(
        seed=str(seed), clock=clock_of(clock), webhook_allow=webhook_hosts(webhook_allow), control_token=control_token,
        insecure_webhooks=insecure_webhooks, webhook_ca=trusted(webhook_ca), cors=origins(cors, host), strict=strict,
    )  # fmt: skip
    app = Mockserver(contracts_in(map(Path, contracts), apis), settings)
    thread = serve_in_thread(app, host, port, limits=Limits(refuse=app.refuse), tls=tls)
    app.listening(thread.url)
    return Running(app, thread)


def start_app(app: Mockserver) -> Running:
    """Serve an application that was made already, in a thread, on a free port of this machine."""
    thread = serve_in_thread(app, "127.0.0.1", 0, limits=Limits(refuse=app.refuse))
    app.listening(thread.url)
    return Running(app, thread)


def serve(app: Mockserver, sock: socket.socket, on_listening: Callable[[str], None], tls: Tls | None = None) -> None:
    """Serve in the foreground until SIGINT or SIGTERM."""

    def listening(url: str) -> None:
        app.listening(url)
        gc.set_threshold(10_000, 20, 20)  # requests leave many objects and no circles
        gc.freeze()  # contracts live as long as the process: collecting garbage must not walk them each time
        on_listening(url)

    run(app, sock, on_listening=listening, limits=Limits(refuse=app.refuse), tls=tls)


__all__ = [
    "Running", "bind", "check_exposure", "clock_of", "contracts_in", "in_gallery", "serve", "start", "start_app",
    "trusted",
]  # fmt: skip
