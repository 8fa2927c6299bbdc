"""A server with the proxy before it, for as long as a block runs. Knows no command line."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Unpack

from mockserver.errors import UsageError
from mockserver.guarded import Guarded
from mockserver.launch import Running, start
from mockserver.loopback import plain_host
from mockserver.proxy.authority import Authority, roots
from mockserver.proxy.listener import Listener
from mockserver.proxy.settings import StartSettings
from mockserver.proxy.traffic import Traffic
from mockserver.proxy.variables import Way, variables

_HOST = re.compile(r"\*|(?:\*\.)?[\w-]+(?:\.[\w-]+)*\.?|\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*\]?")


class Environment(dict[str, str]):
    """A whole environment for a program, by which its calls are led into the mock; `running` is the server, `traffic`
    the hosts that were asked for.
    """

    def __init__(self, variables: Mapping[str, str], running: Running, traffic: Traffic) -> None:
        super().__init__(variables)
        self.running = running
        self.traffic = traffic


@contextmanager
def intercepting(passthrough: Collection[str] = (), **settings: Unpack[StartSettings]) -> Iterator[Environment]:
    """Serve as `mockserver.start` does, and lead the calls of programs that get this environment into the mock.

    Hosts of the contracts are mocked over TLS by certificates of this run's own authority; those in `passthrough`
    (`name` or `*.name`) and this machine are let through, all others refused. Raises UsageError and ContractError.
    """
    with start(**settings) as running, intercepted(running, passthrough) as environment:
        yield environment


@contextmanager
def intercepted(
    running: Running, passthrough: Collection[str] = (), folder: Path | None = None, rate: float = 1.0
) -> Iterator[Environment]:
    """The same before a server that runs; its files go to `folder`, by default one that is removed at the end. Time of
    programs in Node and Python goes faster by `rate`; others are told of it.
    """
    hosts = {
        plain_host(name.decode()): f"{running.url}/{api.contract.name}"
        for name, api in running.app.addresses.hosts.items()
    }
    through = known(passthrough, hosts)
    authority, traffic = Authority(hosts), Traffic()
    listener = Listener(running.thread, hosts, through, authority, traffic)
    listener.start()
    try:
        with nullcontext(folder) if folder else temporary() as place:
            way = Way(
                listener.port, listener.tls_port, [*hosts], through, authority.pem, roots(os.environ), running.url,
                rate,
            )  # fmt: skip
            yield Environment(variables(os.environ, way, place), running, traffic)
    finally:
        listener.stop()


def known(passthrough: Collection[str], held: Collection[str] = ()) -> list[str]:
    """Hosts, or `*.name`, in their one spelling. Raises UsageError for what no host is like, and for what is `held`."""
    named = [passthrough] if isinstance(passthrough, str) else passthrough
    for host in named:
        if not _HOST.fullmatch(host):
            raise UsageError(
                f"{host!r} is no host to let through; write pypi.org, *.pypi.org or *, with no scheme or port"
            )
    plain = [plain_host(host) for host in named]
    for host in plain:
        if host in held:
            raise UsageError(f"{host!r} cannot be let through: its calls are answered here, or recorded")
    return plain


def temporary() -> AbstractContextManager[Path]:
    """A folder that a guardian removes however this process ends, where there is one."""
    return _plain_folder() if sys.platform == "win32" else _guarded_folder()


@contextmanager
def _guarded_folder() -> Iterator[Path]:
    with Guarded() as guarded:
        yield guarded.folder


@contextmanager
def _plain_folder() -> Iterator[Path]:  # pragma: no cover - Windows
    folder = tempfile.mkdtemp(prefix="mockserver-")
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
