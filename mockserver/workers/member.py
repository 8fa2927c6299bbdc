"""What a supervisor has of one worker: its process, and whether it is ready. Knows nothing of the others."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

from mockserver.workers.seat import VARIABLE


class Member:
    """One worker; see `begin`."""

    def __init__(self, number: int, process: asyncio.subprocess.Process, talk: socket.socket) -> None:
        self.number = number
        self._process = process
        self._talk = talk
        self._ended = asyncio.ensure_future(process.wait())
        self.is_dismissed = False
        self._serves = False

    @classmethod
    async def begin(
        cls, words: Sequence[str], environment: Mapping[str, str], listening: socket.socket, number: int, **more: Any
    ) -> Self:
        """Start one. It has a process group of its own: what a terminal says is for the supervisor."""
        talk, other = socket.socketpair()
        with other:
            told = {"talk": other.fileno(), "listening": listening.fileno(), "number": number, **more}
            process = await asyncio.create_subprocess_exec(
                *words, env={**environment, VARIABLE: json.dumps(told)}, stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(other.fileno(), listening.fileno()), process_group=0,
            )  # fmt: skip
        talk.setblocking(False)
        return cls(number, process, talk)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_there(self) -> bool:
        """Whether its process runs still."""
        return not self._ended.done()

    async def ready(self) -> Any:
        """What it tells when it is prepared, as JSON; None where it ended before."""
        hearing = asyncio.ensure_future(self._heard())
        await asyncio.wait({hearing, self._ended}, return_when=asyncio.FIRST_COMPLETED)
        if not hearing.done():
            hearing.cancel()
            return None
        return json.loads(hearing.result() or b"null")

    async def _heard(self) -> bytes:
        """One line; none where nobody is there to say it."""
        loop, line = asyncio.get_running_loop(), b""
        with suppress(OSError):
            while not line.endswith(b"\n") and (more := await loop.sock_recv(self._talk, 65536)):
                line += more
        return line if line.endswith(b"\n") else b""

    def go(self) -> None:
        """Let it serve."""
        self._serves = True
        with suppress(OSError):
            self._talk.send(b"{}\n")

    def send(self, number: int) -> None:
        """Send it a signal, if it is there."""
        if self.is_there:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def ended(self) -> int:
        """Its exit code when it has ended; that of a signal is negative."""
        try:
            return await asyncio.shield(self._ended)
        finally:
            if self._ended.done():
                self._talk.close()

    async def dismissed(self, seconds: float) -> None:
        """Return when it has ended: by itself where it does so in time; at once where it has not begun to serve."""
        self.is_dismissed = True
        self.send(signal.SIGTERM if self._serves else signal.SIGKILL)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ended()
        if self.is_there:
            with suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)
            await self.ended()
