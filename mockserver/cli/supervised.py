"""The process that starts the workers of `serve --workers`, and an engine for them."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from mockserver.cli.terminal import LinePrinter
from mockserver.clock import monotonic
from mockserver.errors import UsageError
from mockserver.guarded import Guarded
from mockserver.stores import engines
from mockserver.stores.choice import shown
from mockserver.workers import Supervisor, WorkerPlan

START_SECONDS = 10.0
LONGEST = 103
"""So many bytes the name of a socket has at most, wherever there are sockets with names."""
OPTION = "--store"
ENDED = "the engine of these workers ended, and what they kept with it"


def supervise(
    sock: socket.socket, workers: int, store: str | None, tell: LinePrinter, word: Callable[[str], str]
) -> int:
    """Serve with so many workers at a bound socket until a signal; gives the exit code. Raises UsageError.

    `tell` prints lines; `word` makes a line of a sentence. Workers print by themselves, so they wait for the first
    lines: the URL comes before any request.
    """
    with ExitStack() as stack:
        engine, own = None, engines.program() if store is None else None
        if store is None:
            engine = stack.enter_context(_private_engine(own))
            store = engines.url(engine.folder)
        words = (sys.executable, "-m", "mockserver", *without_store(sys.argv[1:]))
        plan = WorkerPlan(words, workers, os.environ, {"store": store})

        def announce(start: Any) -> None:
            for line in start["lines"]:
                tell(line)
            where = f"the store {shown(store)}" if own is None else f"an engine of their own ({own})"
            tell(word(f"{workers} workers share their state at {where}"))
            tell.wait()

        return asyncio.run(_supervised(Supervisor(plan, sock, lambda sentence: tell(word(sentence)), announce), engine))


def without_store(words: Sequence[str]) -> Iterator[str]:
    """The words of a command without the store's URL: everybody sees those of a process, and workers need none."""
    remaining = iter(words)
    for word in remaining:
        if word == OPTION:
            next(remaining, None)
        elif not word.startswith(f"{OPTION}="):
            yield word


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
def _private_engine(program: str | None) -> Iterator[Guarded]:
    """An engine that nobody else uses, which answers, and of which nothing is left. Raises UsageError."""
    if program is None:
        raise UsageError(engines.MISSING)
    silent = os.open(os.devnull, os.O_RDWR)
    try:
        with Guarded(silent) as guarded:
            path = guarded.folder / engines.SOCKET
            if len(os.fsencode(path)) > LONGEST:
                raise UsageError(f"no socket may have so long a name as {path}: let TMPDIR name another folder")
            guarded.begin(engines.command(program, guarded.folder), os.environ)
            _wait_for(path, guarded, program)
            yield guarded
    finally:
        os.close(silent)


def _wait_for(path: Path, engine: Guarded, program: str) -> None:
    """Return when the engine takes connections at a socket. Raises UsageError."""
    until = monotonic() + START_SECONDS
    while True:
        with socket.socket(socket.AF_UNIX) as asking, suppress(OSError):
            asking.connect(str(path))
            return
        if select.select([engine], (), (), 0.01)[0]:
            raise UsageError(f"an engine was started for the workers ({program}), and ended at once")
        if monotonic() > until:
            raise UsageError(f"an engine was started for the workers, and does not answer within {START_SECONDS:g} s")
