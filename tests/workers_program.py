"""A worker for the tests of supervisors: answers with its number and its process, or does what its words say.

`python workers_program.py FOLDER [mishap …]`; a file there, named by number and process, says that one may serve;
one named `waits` that one waits for a place.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from mockserver.wire import Limits, Server, WireSettings
from mockserver.workers import Seat


class App:
    """`/` says who answers; `/held` is answered when the file `go` is there."""

    def __init__(self, seat: Seat, folder: Path) -> None:
        self.seat, self.folder = seat, folder

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["path"] == "/held":
            (self.folder / f"held-{os.getpid()}").touch()
            while not (self.folder / "go").exists():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        told = await self.seat.ask_all() if scope["path"] == "/all" else ""
        body = f"{self.seat.number} {os.getpid()} {self.seat.given} {told}".strip().encode()
        head = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})


def main(folder: Path, *mishaps: str) -> None:
    seat = Seat.taken()
    assert seat is not None
    if f"fails{seat.number}" in mishaps:
        sys.exit(3)
    if "fails later" in mishaps and len([*folder.glob("begun-*")]) == 2:
        (folder / f"failed-{os.getpid()}").touch()
        sys.exit(4)

    is_late = "gets ready later" in mishaps and seat.number and len([*folder.glob("begun-*")]) >= 2

    async def own() -> str:
        return f"worker {seat.number}"

    seat.tells = own

    async def prepare() -> None:
        if "hangs" in mishaps:
            threading.Event().wait()
        if not seat.number:
            (folder / f"waits-{os.getpid()}").touch()
        if is_late:
            (folder / f"comes-{os.getpid()}").touch()
            while not (folder / "go").exists():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await seat.ready({"lines": [f"first is {seat.number}" if seat.is_first else "no"]})
        (folder / f"begun-{seat.number}-{os.getpid()}").touch()

    if "ignores" in mishaps:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Server(WireSettings(App(seat, folder), limits=Limits()), prepare=prepare).run([seat.listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
