"""`serve --store` and `--workers`: what goes along with them, and the process that starts the workers."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from mockserver.errors import UsageError
from mockserver.guarded import Guarded
from mockserver.stores import engines
from mockserver.stores.choice import is_shared, store_at
from mockserver.workers import Plan, Supervisor

Tell = Callable[[str], None]
ENDED = "the engine of these workers ended, and what they kept with it"


def check_options(store: str | None, workers: int, options: Mapping[str, Any]) -> None:
    """Raises UsageError for what does not go along with a state that several processes share."""
    if store is not None:
        store_at(store)
        if is_shared(store) and not options["public_url"]:
            raise UsageError(
                "servers on other hosts may share this store, at other addresses: say by --public-url what absolute "
                "URLs in answers begin with for all of them"
            )
    if options["reload"]:
        raise UsageError(
            "--reload is for a server of one process: where several share a state, start them anew with what was edited"
        )
    if workers > 1 and options["tls_self_signed"]:
        raise UsageError("workers have one certificate: give them --tls-cert in the place of --tls-self-signed")
    if workers > 1 and sys.platform == "win32":  # pragma: no cover
        raise UsageError("--workers is for Linux and macOS: elsewhere start several servers with one --store")


def supervise(sock: socket.socket, workers: int, store: str | None, tell: Tell) -> int:
    """Serve with so many workers at a bound socket until a signal; gives the exit code. Raises UsageError."""
    with ExitStack() as stack:
        engine = None
        if store is None:
            engine = stack.enter_context(_private_engine())
            store = engines.url(engine.folder)
        plan = Plan((sys.executable, "-m", "mockserver", *sys.argv[1:]), workers, os.environ, {"store": store})

        def announce(told: Any) -> None:
            for line in told["lines"]:
                tell(line)
            kept = f"an engine of their own, {engines.named()}" if engine is not None else "the store"
            tell(f"  {workers} workers share their state by {kept}.")

        return asyncio.run(_supervised(Supervisor(plan, sock, tell, announce), engine))


async def _supervised(supervisor: Supervisor, engine: Guarded | None) -> int:
    is_gone: list[bool] = []
    if engine is not None:

        def gone() -> None:
            asyncio.get_running_loop().remove_reader(engine.fileno())
            is_gone.append(True)
            supervisor.stop()

        asyncio.get_running_loop().add_reader(engine.fileno(), gone)
    code = await supervisor.run()
    if is_gone:
        raise UsageError(ENDED)
    return code


@contextmanager
def _private_engine() -> Iterator[Guarded]:
    """An engine that nobody else uses, and of which nothing is left. Raises UsageError."""
    program = engines.program()
    if program is None:
        raise UsageError(engines.MISSING)
    silent = os.open(os.devnull, os.O_RDWR)
    try:
        with Guarded(silent) as guarded:
            guarded.begin(engines.command(program, guarded.folder), os.environ)
            yield guarded
    finally:
        os.close(silent)
