"""A worker's seat: the socket at which it serves, its number, and the line to the process that started it.

That line is read by a thread of its own: a worker ends with the one that started it, even one that hangs.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from itertools import count
from typing import Any, Self

from mockserver.clock import sleep

VARIABLE = "MOCKSERVER_SEAT"
ANSWER_SECONDS = 1.5
"""So long a supervisor waits for what workers tell of themselves: longer than they wait for a silent engine."""
LEAVE_SECONDS = 5.0
"""So long a worker may take to end by itself where nobody is there any more to end it."""


class Seat:
    """`number` counts from 1, and is that of the place once the worker may serve, 0 while it waits for one.

    `is_first` says that nobody has served yet, so that what all share is to be prepared.

    `listening` is the socket, `given` what the supervisor says to all workers. `tells` gives what a worker tells of
    itself, as JSON, when another one asks.
    """

    def __init__(self, talk: socket.socket, listening: socket.socket, number: int, first: bool, given: Any) -> None:
        self.listening, self.number, self.is_first, self.given = listening, number, first, given
        self.tells: Callable[[], Awaitable[Any]] = _nothing
        self._talk = talk
        self._loop: asyncio.AbstractEventLoop | None = None
        self._go = asyncio.Event()
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = count(1)
        self._telling: set[asyncio.Task[None]] = set()
        threading.Thread(target=self._listen, name="mockserver:seat", daemon=True).start()

    @classmethod
    def taken(cls, environment: MutableMapping[str, str] = os.environ) -> Self | None:
        """That of this process; None where nobody has started it as a worker. To be asked once."""
        said = environment.pop(VARIABLE, "")
        if not said:
            return None
        told = json.loads(said)
        talk, listening = (socket.socket(fileno=told[name]) for name in ("talk", "listening"))
        for each in (talk, listening):
            each.set_inheritable(False)
        return cls(talk, listening, told["number"], told["first"], told["given"])

    async def ready(self, told: Mapping[str, Any]) -> None:
        """Say that everything is prepared, and return when the worker may serve; the first one's words are heard."""
        self._loop = asyncio.get_running_loop()
        self._say(ready=told)
        await self._go.wait()

    async def ask_all(self) -> dict[str, Any]:
        """What each worker tells of itself, by its number; one that does not answer in time is left out."""
        number, answer = next(self._numbers), asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        self._say(ask=number)
        try:
            async with asyncio.timeout(2 * ANSWER_SECONDS):
                told: dict[str, Any] = await answer
                return told
        finally:
            del self._asked[number]

    def _say(self, **words: Any) -> None:
        with suppress(OSError):
            self._talk.sendall(json.dumps(words).encode() + b"\n")

    def _heard(self, words: Mapping[str, Any]) -> None:
        match words:
            case {"go": number}:
                self.number = number
                self._go.set()
            case {"there": number}:
                self._say(told=True, number=number)
            case {"tell": number}:
                task = asyncio.ensure_future(self._tell(number))
                self._telling.add(task)
                task.add_done_callback(self._telling.discard)
            case {"all": told, "asked": number} if number in self._asked:
                self._asked[number].set_result(told)

    async def _tell(self, number: int) -> None:
        self._say(told=await self.tells(), number=number)

    def _listen(self) -> None:
        with suppress(OSError, RuntimeError), self._talk.makefile("rb") as lines:
            for line in lines:
                assert self._loop is not None, "nothing is said to one that is not ready"
                self._loop.call_soon_threadsafe(self._heard, json.loads(line))
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.kill(os.getpid(), number)
            sleep(LEAVE_SECONDS)


async def _nothing() -> Any:
    return None
