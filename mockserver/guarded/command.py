"""A command that runs while this process does, under a guardian that leaves nothing of it behind. Knows no proxy."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from mockserver.errors import UsageError
from mockserver.guarded import guardian

CANNOT_RUN, NOT_FOUND = 126, 127
"""Exit codes where the command was not run, as `env` and `timeout` have them."""
SIGNALLED = 128  # and the signal's number
END_SECONDS = 15.0
HANDED_ON = guardian.HANDED_ON


class Guarded:
    """A guardian: its `folder`, and one command. A context manager that ends what is left of both.

    With `output`, a descriptor, the command writes there and has nothing to read; without, it has what this process
    has. `handed_on` are the signals that came while it ran. Raises UsageError where the system has no process groups.
    """

    def __init__(self, output: int | None = None) -> None:
        if sys.platform == "win32":  # pragma: no cover
            raise UsageError("Commands are run on Linux and macOS alone: here, start `mockserver serve` beside yours.")
        self._talk, other = socket.socketpair()
        with other:
            other.set_inheritable(True)
            words = [sys.executable, "-I", "-S", guardian.__file__, str(other.fileno())]
            given = None if output is None else subprocess.DEVNULL
            self._process = subprocess.Popen(
                words, close_fds=False, process_group=0, stdin=given, stdout=output, stderr=output
            )
        self._lines = self._talk.makefile("rb")
        self.folder = Path()
        self.handed_on: list[int] = []
        try:
            said = self._heard("folder", "refused")
            if "refused" in said:
                raise UsageError(f"there is no folder for the files of a run: {said['why']}")
        except BaseException:
            self.close()
            raise
        self.folder = Path(said["folder"])

    def run(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        ending: frozenset[int] = frozenset(),
        seconds: float = 0.0,
    ) -> int:
        """The command's exit code; signals that this process gets meanwhile go to it. To be called in the main thread.

        After one of the signals `ending` it is ended once it has had so many `seconds` to do so itself.
        Raises UsageError, with the exit code for it, where the command cannot be run.
        """
        with self._signals(ending, seconds):
            self.begin(words, environment)
            while "ended" not in (said := self._heard("ended", "stopped")):
                os.killpg(0, signal.SIGSTOP)  # as the command was: whoever waits for us shall know
                self._tell(resume=True)
        status = int(said["ended"])
        return status if status >= 0 else SIGNALLED - status

    def begin(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the command without waiting for it; `fileno` is readable when it has ended. Raises as `run` does."""
        self._tell(run=[*words], environment={**environment})
        said = self._heard("started", "refused")
        if "refused" in said:
            raise NotRun(words[0], said)

    def fileno(self) -> int:
        """The line to the guardian, which says nothing else of a command that was begun than that it ended."""
        return self._talk.fileno()

    def end(self) -> None:
        """Have the command end at once, from another thread than the one that waits for it."""
        self._tell(signal=signal.SIGKILL)

    @contextmanager
    def _signals(self, ending: frozenset[int], seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self.end)
        timer.daemon = True

        def hand_on(number: int, _frame: FrameType | None) -> None:
            if number in ending and ending.isdisjoint(self.handed_on):
                timer.start()
            self.handed_on.append(number)
            self._tell(signal=number)

        before = {}
        for name in HANDED_ON:
            number = getattr(signal, name)
            if signal.getsignal(number) != signal.SIG_IGN:
                before[number] = signal.signal(number, hand_on)
        try:
            yield
        finally:
            timer.cancel()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _tell(self, **said: Any) -> None:
        with suppress(OSError):  # that it is gone is noticed when it is listened to
            self._talk.sendall(json.dumps(said).encode() + b"\n")

    def _heard(self, *kinds: str) -> dict[str, Any]:
        for line in self._lines:
            said: dict[str, Any] = json.loads(line)
            if not said.keys().isdisjoint(kinds):
                return said
        raise UsageError("the process that watches over the command was killed, and the command with it")

    def close(self) -> None:
        """Return when everything has ended."""
        self._lines.close()
        self._talk.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:  # pragma: no cover - it waits for processes that the kernel does not end
            self._process.kill()
            self._process.wait()
        if self.folder.name:
            shutil.rmtree(self.folder, ignore_errors=True)  # a guardian that was killed has not

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class NotRun(UsageError):
    """A command that cannot be run; `exit_code` says so to a shell."""

    def __init__(self, name: str, said: Mapping[str, Any]) -> None:
        super().__init__(f"{name!r} cannot be run: {said['why']}")
        self.exit_code = NOT_FOUND if said["refused"] == 2 else CANNOT_RUN
