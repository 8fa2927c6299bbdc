"""`serve --store` and `--workers`: where the state is, and what goes along with it."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mockserver.cli.joined import without_effect
from mockserver.errors import UsageError
from mockserver.stores.choice import check_url, is_shared, shown, store_at
from mockserver.wire.server import Prepare
from mockserver.workers import VARIABLE, Seat

if TYPE_CHECKING:
    from mockserver.app import Mockserver
    from mockserver.cli.terminal import LinePrinter
    from mockserver.contract import Contract
    from mockserver.control.measured import Everywhere
    from mockserver.state.store_port import Store

GRACEFUL_SECONDS = 8.0
"""So long answers under way have where another server takes this one's place: nobody is to notice. Less than a
supervisor waits for."""


@dataclass(frozen=True, slots=True)
class SharedOptions:
    """A state that is shared at `url` (None: at an engine that is still to be started) by `workers` of this server.

    `seat` is that of a worker; None in the process that starts them, and in one that serves without any.
    """

    url: str | None
    workers: int
    seat: Seat | None

    @property
    def is_supervised(self) -> bool:
        """Whether this process starts workers."""
        return self.seat is None and self.workers > 1

    @property
    def _is_first(self) -> bool:
        """Whether this process speaks for all of its server."""
        return self.seat is None or self.seat.number == 1

    def store(self, contracts: Sequence[Contract]) -> Store | None:
        """This process as one that keeps its state there; None for one that serves nothing itself."""
        if self.is_supervised or self.url is None:
            return None
        made = store_at(self.url, fingerprint(contracts))
        if self.seat is not None:
            made.wait()
        return made

    def supervise(self, sock: socket.socket, tell: LinePrinter, word: Callable[[str], str]) -> int:
        """Have workers serve at a bound socket; gives the exit code. Raises UsageError."""
        from mockserver.cli.supervised import supervise

        return supervise(sock, self.workers, self.url, tell, word)

    def joining(
        self, app: Mockserver, prepare: Prepare, names: Collection[str], note: Callable[[str], None],
        noticed: Callable[[str], None],
    ) -> Prepare:  # fmt: skip
        """Prepared is a server that has found the sandbox that all know.

        `note` hears what is to be told at the start: where the state is (unless who starts the workers tells that),
        and which of the options `names` change nothing in that sandbox. `noticed` hears later that the
        store is away, and that it is back: in one of the workers.
        """

        async def join() -> None:
            await prepare()
            own = app.sandboxes.default
            await app.sandboxes.join()
            default = app.sandboxes.default
            await default.refresh()  # its clock goes from now on for others, too
            if self.seat is None and self.url is not None:
                note(f"the state is kept at the store {shown(self.url)}")
            if app.store is not None:
                app.store.noticed = lambda sentence: noticed(sentence) if self._is_first else None
            if default is not own and (sentence := await without_effect(own, default, names)):
                note(sentence)

        return join

    def seated(
        self, app: Mockserver, prepare: Prepare, url: str, lines: Callable[[Mockserver, str], Iterable[str]]
    ) -> Prepare:
        """A worker says that it is prepared, and what is to be printed, and waits until it may serve."""
        seat = self.seat
        assert seat is not None, "it is a worker's"

        async def ready() -> None:
            await prepare()
            app.listening(url)
            seat.tells, app.everywhere = app.meter.measured, _of_all(seat)
            await seat.ready({"lines": [*lines(app, url)]})
            if app.store is not None:
                app.store.serve()

        return ready


def fingerprint(contracts: Iterable[Contract]) -> str:
    """What tells whether two servers answer alike: the same for the same documents, whatever their files look like."""
    texts = sorted(
        [json.dumps([contract.name, contract.document, contract.behavior], sort_keys=True) for contract in contracts]
    )
    return sha256("\n".join(texts).encode()).hexdigest()


def _of_all(seat: Seat) -> Everywhere:
    """Asks for what is measured of all workers. One that does not answer, or is being replaced, is left out."""
    from mockserver.control.measured import Measured

    async def everywhere(own: Measured) -> Mapping[str, Measured]:
        measured = {str(seat.number): own}
        with suppress(TimeoutError):
            measured |= {number: Measured.read(figures) for number, figures in (await seat.ask_all()).items()}
        return dict(sorted(measured.items()))

    return everywhere


def shared_by(options: Mapping[str, Any]) -> SharedOptions | None:
    """What options say of a shared state; None where this process keeps it alone. Raises UsageError."""
    url, workers, is_worker = options["store"], options["workers"], VARIABLE in os.environ
    if url is None and workers == 1 and not is_worker:
        return None
    _check(url, workers, options)
    seat = Seat.taken() if is_worker else None
    return SharedOptions(url if seat is None else seat.given["store"], workers, seat)


def _check(url: str | None, workers: int, options: Mapping[str, Any]) -> None:
    if url is not None:
        check_url(url)
        if is_shared(url) and not options["public_url"]:
            raise UsageError(
                "servers on other hosts may share this store, at other addresses: say by --public-url what absolute "
                "URLs in answers begin with for all of them"
            )
    for option, why in _ALONE.items():
        if options[option]:
            raise UsageError(f"--{option.replace('_', '-')} is for a server that keeps its state alone: {why}")
    if workers > 1 and options["tls_self_signed"]:
        raise UsageError("workers have one certificate: give them --tls-cert in the place of --tls-self-signed")
    if workers > 1 and sys.platform == "win32":  # pragma: no cover
        raise UsageError("--workers is for Linux and macOS: elsewhere start several servers with one --store")


_ALONE = {
    "reload": "start those that share one anew, with what was edited",
    "snapshot": "make a sandbox of it where one is shared (POST /_mock/sandboxes)",
}
