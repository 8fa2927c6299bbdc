"""What a supervisor has of one worker: its process, and whether it is ready. Knows nothing of the others."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import Process
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any, Self

from mockserver.workers.seat import VARIABLE

LINE = 64 << 20
"""So long a line of what a worker tells may be."""
READY_SECONDS = 60.0
"""So long a worker may take to get ready: one that hangs would keep its place, or a renewal, for ever."""
OnMessage = Callable[["Member", int], None]
"""A worker asks what all tell of themselves; with a number for the answer."""


class Member:
    """One worker; see `begin`."""

    def __init__(
        self, number: int, process: Process, talk: tuple[StreamReader, StreamWriter], asked: OnMessage
    ) -> None:
        self.number = number
        self._process = process
        self._lines, self._talk = talk
        self._asked = asked
        self._ended = asyncio.ensure_future(process.wait())
        self.is_dismissed = False
        self._serves = False
        self._ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._telling: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count(1)
        self._hearing = asyncio.ensure_future(self._hear())

    @classmethod
    async def begin(
        cls, words: Sequence[str], environment: Mapping[str, str], listening: socket.socket, number: int,
        asked: OnMessage,
        **more: Any,
    ) -> Self:  # fmt: skip
        """Start one. It has a process group of its own: what a terminal says is for the supervisor."""
        talk, other = socket.socketpair()
        with other:
            told = {"talk": other.fileno(), "listening": listening.fileno(), "number": number, **more}
            process = await asyncio.create_subprocess_exec(
                *words, env={**environment, VARIABLE: json.dumps(told)}, stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(other.fileno(), listening.fileno()), process_group=0,
            )  # fmt: skip
        return cls(number, process, await asyncio.open_connection(sock=talk, limit=LINE), asked)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_there(self) -> bool:
        """Whether its process runs still."""
        return not self._ended.done()

    async def ready(self) -> Any:
        """What it tells when it is prepared, as JSON; None where it ended before, or was not in time and is killed."""
        waited: set[asyncio.Future[Any]] = {self._ready, self._ended}
        if not (await asyncio.wait(waited, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED))[0]:
            self.kill()
        return self._ready.result() if self._ready.done() else None

    async def tells(self, seconds: float) -> Any:
        """What it tells of itself; None where it does not in time, or does not serve yet: it would not listen."""
        if not self._serves:
            return None
        with self._answer_to("tell") as answer, suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await answer
        return None

    async def is_awake(self, seconds: float) -> bool:
        """Whether it answers within that time; one that does not serve yet is not asked."""
        if not self._serves:
            return True
        with self._answer_to("there") as answer:
            waited: set[asyncio.Future[Any]] = {answer, self._ended}
            return bool((await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED))[0])

    @contextmanager
    def _answer_to(self, what: str) -> Iterator[asyncio.Future[Any]]:
        """Its answer to a question, while that is waited for."""
        number = next(self._numbers)
        answer = self._telling[number] = asyncio.get_running_loop().create_future()
        self.say(**{what: number})
        try:
            yield answer
        finally:
            del self._telling[number]

    def kill(self) -> None:
        """End it, with all that it has started, without asking it."""
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)

    async def _hear(self) -> None:
        """Take in what it says, a line each, as long as it is there."""
        with suppress(OSError, ValueError):  # ValueError: a line longer than any that it says
            while line := await self._lines.readline():
                self._heard(json.loads(line))

    def _heard(self, words: Mapping[str, Any]) -> None:
        match words:
            case {"ready": told} if not self._ready.done():
                self._ready.set_result(told)
            case {"ask": number}:
                self._asked(self, number)
            case {"told": told, "number": number} if number in self._telling:
                self._telling[number].set_result(told)

    def say(self, **words: Any) -> None:
        """Tell it something, as JSON; one that does not listen hears nothing."""
        self._talk.write(json.dumps(words).encode() + b"\n")

    def go(self, number: int) -> None:
        """Let it serve in a place."""
        self._serves, self.number = True, number
        self.say(go=number)

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
                self._hearing.cancel()
                self._talk.close()

    async def dismissed(self, seconds: float) -> None:
        """Return when it has ended: by itself where it does so in time; at once where it has not begun to serve."""
        self.is_dismissed = True
        self.send(signal.SIGTERM if self._serves else signal.SIGKILL)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ended()
        if self.is_there:
            self.kill()
            await self.ended()
