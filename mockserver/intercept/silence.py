"""A server that will not answer, known beforehand: the time passes on the sandbox's clock instead of the wall's."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from mockserver.virtual_time import ClockRanAway, SandboxTime, active
from mockserver.virtual_time.frames import place
from mockserver.virtual_time.loops import in_thread

__tracebackhide__ = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the server will do: stay silent for `silence` seconds (for ever by default), then answer.

    `is_done`: it does first what it was asked, and holds back the answer alone.
    """

    silence: float = math.inf
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """The seconds a call is going to wait, whether the client loses its patience then, and whether after the deed."""

    seconds: float = 0.0
    is_late: bool = False
    is_done: bool = False


NO_PAUSE = Pause()
BeforeSend = Callable[[str, str, str, float | None], Outcome | None]
"""Asked before each request that reaches this machine: client (`httpx`, `httpx2`, `urllib3`, `aiohttp` or
`http.client`), method, the URL at the sandbox, and the client's time-out in seconds while it waits for the answer
(None: it has none)."""


class SilencePasser:
    """Lets a silence pass, and tells whether the client lost its patience meanwhile."""

    def __init__(self, before_send: BeforeSend | None, time: SandboxTime | None) -> None:
        self._before_send = before_send
        self._time = time

    def call(self) -> AbstractContextManager[None]:
        """While a client waits for a real answer, virtual time stands."""
        forward = active()
        return nullcontext() if forward is None else forward.call()

    def foretell(self, client: str, method: str, url: str, timeout: float | None) -> Pause:
        """How long the call will wait in silence."""
        outcome = self._before_send(client, method, url, timeout) if self._before_send is not None else None
        if outcome is None:
            return NO_PAUSE
        patience = math.inf if timeout is None else timeout
        return Pause(min(outcome.silence, patience), outcome.silence >= patience, outcome.is_done)

    def ends_in_timeout(self, pause: Pause, *, done: bool = False) -> bool:
        """Let a pause pass, before sending or once it is `done`; True when the client must raise its time-out.

        Raises ClockRanAway when a client without a time-out would wait for ever.
        """
        if not pause.seconds or pause.is_done != done:
            return False
        forward = active()
        if forward is not None:
            forward.sleep(pause.seconds, place())
        elif self._time is not None:
            self._time.advance(_finite(pause.seconds))
        return pause.is_late

    async def aends_in_timeout(self, pause: Pause, *, done: bool = False) -> bool:
        """As `ends_in_timeout`; the loop goes on turning while the time passes."""
        if not pause.seconds or pause.is_done != done:
            return False
        forward = active()
        if forward is not None:
            await forward.asleep(pause.seconds, place())
        elif self._time is not None:
            await in_thread(self._time.advance, _finite(pause.seconds))
        return pause.is_late


def _finite(seconds: float) -> float:
    if math.isinf(seconds):
        why = "this call has no time-out, and the sandbox never answers it: it would wait for ever"
        raise ClockRanAway(f"{place()}: {why}")
    return seconds
