"""One run of a command in any language under a schedule: a server and a guardian of its own. Judges nothing."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from mockserver.errors import UsageError
from mockserver.faults import CATALOGUE, fault_of
from mockserver.guarded import Guarded
from mockserver.launch import Running
from mockserver.proxy import intercepted
from mockserver.proxy.variables import GRACE, TIMED
from mockserver.schedules import Event, Schedule, apply
from mockserver.steering import ControlError, SandboxHandle
from mockserver.steering.records import Entry, Finding

STARTING = 60.0  # real seconds that a program may take before its first request, beyond its limit
LAST_SECONDS = 10.0  # for what is still to be read of a command that has ended
TAIL = 16_384  # bytes of what a command prints that are kept
ENDING = frozenset(
    (signal.SIGINT, signal.SIGTERM, *(getattr(signal, name, signal.SIGTERM) for name in ("SIGHUP", "SIGQUIT")))
)
"""Signals by which somebody means us, and not the command alone."""
ENDING_SECONDS = 5.0  # that a command has to end after somebody meant us: it may ignore the signal
KILLED = 137  # 128 and the number of SIGKILL, which ends a command at its limit

StartServer = Callable[[Callable[[], None]], Running]


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """One run: its exit code, the real seconds after which it had to be stopped, if it had, what it printed last, and
    what the server saw of it. `is_timed`: its own time went faster, too.
    """

    code: int
    stopped_after: float | None
    output: str
    entries: Sequence[Entry]
    jobs: int
    conduct: Sequence[Finding]
    refused: Collection[str] = ()
    is_timed: bool = True


class Command:
    """A command that is run again and again, each time against a new server that `serve` starts; what that is given is
    called at every request.

    Time goes faster by `rate`; a run may take so many `seconds` of that time.
    """

    def __init__(
        self, words: Sequence[str], api: str, serve: StartServer, *, rate: float, seconds: float,
        passthrough: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.words = words
        self.runs = 0
        self._api = api
        self._serve = serve
        self._rate = rate
        self._seconds = seconds
        self._passthrough = passthrough

    def run(self, schedule: Schedule) -> CommandOutcome:
        """Raises NotRun, UsageError for what is no schedule, and KeyboardInterrupt where somebody means to end us."""
        self.runs += 1
        with (
            _Output() as output,
            Guarded(output.writer) as guarded,
            _Limit(self._seconds / self._rate, guarded.end) as limit,
            self._serve(limit.begin) as running,
        ):
            self._disturb(schedule, running.default)
            with intercepted(running, self._passthrough, guarded.folder, self._rate) as environment:
                code = guarded.run(self.words, environment, ENDING, ENDING_SECONDS)
                if not ENDING.isdisjoint(guarded.handed_on):
                    raise KeyboardInterrupt
                api = running.default.api(self._api)
                seen = api.journal.filter(), len(api.jobs), api.conduct, [*environment.traffic.refused]
                is_timed = self._rate == 1 or (guarded.folder / TIMED).exists()
        stopped = self._seconds / self._rate if limit.is_over and code == KILLED else None
        return CommandOutcome(code, stopped, output.text, *seen, is_timed)

    def _disturb(self, schedule: Schedule, sandbox: SandboxHandle) -> None:
        try:
            apply([paced(event, self._rate) for event in schedule], sandbox)
        except ControlError as error:
            raise UsageError(f"a schedule that cannot come true: {error}") from None


class _Limit:
    """Ends a command that runs for too long: so many real seconds from its first request on, or as many and those that
    a program may take to start on a slow machine.
    """

    def __init__(self, seconds: float, end: Callable[[], None]) -> None:
        self._seconds = seconds
        self._end = end
        self._timer = self._after(seconds + STARTING)
        self._has_begun = False
        self.is_over = False

    def _after(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._over)
        timer.daemon = True
        return timer

    def _over(self) -> None:
        self.is_over = True
        self._end()

    def begin(self) -> None:
        """A request was made: time begins with the first."""
        if not self._has_begun:
            self._has_begun = True
            self._timer.cancel()
            self._timer = self._after(self._seconds)
            self._timer.start()

    def __enter__(self) -> _Limit:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._has_begun = True
        self._timer.cancel()


def paced(event: Event, rate: float) -> Event:
    """An event for programs whose time goes faster: a late answer is as late to them, and time goes on before it."""
    if rate == 1 or "fault" not in event or CATALOGUE[event["fault"]].category != "pace":
        return event
    silence = fault_of({name: value for name, value in event.items() if name != "api"})[0].silence_seconds
    if silence is None or silence in (0, float("inf")):
        return event
    return {**event, "seconds": round(GRACE / 1000 + silence / rate, 3)}


class _Output:
    """A pipe, of which the last bytes are kept; `writer` is the end to write to, until the block is left."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        self._kept = b""
        self._thread = threading.Thread(target=self._read, name="mockserver:output", daemon=True)

    @property
    def text(self) -> str:
        """What was printed last."""
        return self._kept.decode("utf-8", "replace")

    def _read(self) -> None:
        with suppress(OSError):
            while data := os.read(self._reader, 65_536):
                self._kept = (self._kept + data)[-TAIL:]

    def __enter__(self) -> _Output:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.writer)
        self._thread.join(LAST_SECONDS)  # whoever else could write has ended with the guardian, but for macOS
        if not self._thread.is_alive():
            os.close(self._reader)
