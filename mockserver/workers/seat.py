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
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import Any, Self

from mockserver.clock import sleep

VARIABLE = "MOCKSERVER_SEAT"
LEAVE_SECONDS = 5.0
"""So long a worker may take to end by itself where nobody is there any more to end it."""


class Seat:
    """`number` counts from 1; `is_first` says that nobody has served yet, so that what all share is to be prepared.

    `listening` is the socket, `given` what the supervisor says to all workers.
    """

    def __init__(self, talk: socket.socket, listening: socket.socket, number: int, first: bool, given: Any) -> None:
        self.listening, self.number, self.is_first, self.given = listening, number, first, given
        self._talk = talk
        self._go = threading.Event()
        self._called: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
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
        self._called = asyncio.get_running_loop(), asyncio.Event()
        self._talk.sendall(json.dumps(told).encode() + b"\n")
        if not self._go.is_set():
            await self._called[1].wait()

    def _listen(self) -> None:
        with suppress(OSError), self._talk.makefile("rb") as lines:
            for _ in lines:  # there is one thing to be told
                self._go.set()
                if self._called is not None:
                    self._called[0].call_soon_threadsafe(self._called[1].set)
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.kill(os.getpid(), number)
            sleep(LEAVE_SECONDS)
