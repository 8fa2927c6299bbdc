"""Ends a run of tests that stands still, after showing what each of its processes does. Knows no pytest.

A time-out of a test cannot end what does not come back to Python, nor what ended while it held others up.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mockserver.guarded.guardian import descendants

SECONDS = 1200.0
"""Without a line of output; longer than any test may take, see `faulthandler_timeout`."""
GRACE_SECONDS = 5.0  # to say what they do
PROC = Path("/proc")


class Watch:
    """Ends a process and all that it has started when `heard` has not been called for so many seconds."""

    def __init__(self, process: subprocess.Popen[str], seconds: float = SECONDS) -> None:
        self._process, self._seconds = process, seconds
        self._heard = threading.Event()
        self._is_over = False

    def heard(self) -> None:
        """It still says something."""
        self._heard.set()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """For as long as somebody listens to the process."""
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._is_over = True
            self._heard.set()
            thread.join()

    def _watch(self) -> None:
        while self._heard.wait(self._seconds):
            if self._is_over:
                return
            self._heard.clear()
        print(f"no line of output for {self._seconds:g} s; this is where it stands, and ends:", flush=True)
        end(self._process.pid)


def end(pid: int) -> None:
    """Show a process and all that descend from it, then kill them; Pythons with a fault handler say what they do."""
    pids = [pid, *descendants(pid)]
    for each in pids:
        print(shown(each), flush=True)
    _signal(pids, signal.SIGABRT)
    _signal(pids, signal.SIGCONT)
    time.sleep(GRACE_SECONDS)
    _signal(pids, signal.SIGKILL)


def _signal(pids: list[int], number: int) -> None:
    for each in reversed(pids):
        with suppress(OSError):
            os.kill(each, number)


def shown(pid: int) -> str:
    """Its number, state (S sleeps, R runs, T is stopped, D waits for the system), where it waits, and its words."""
    words = " ".join(_read(pid, "cmdline").replace("\0", " ").split())
    state = _read(pid, "stat").rpartition(")")[2].split()[:1]
    return f"{pid} {''.join(state) or '?'} {_read(pid, 'wchan') or '?'} {words:.200}"


def _read(pid: int, name: str) -> str:
    with suppress(OSError):
        return (PROC / str(pid) / name).read_text(errors="replace")
    return ""
