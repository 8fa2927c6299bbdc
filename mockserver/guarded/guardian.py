"""A process that outlives whoever starts it by a moment, to leave nothing behind. Run by its path, it knows no module.

It makes a folder, runs a command in a process group of its own, hands signals on, and ends when its starter does, in
whatever way: then every process of the command is killed and the folder is removed. It talks over the socket whose
number is its argument, an object of JSON a line: `run` (words, environment), `signal`, `resume`; it answers `folder`,
`started`, `refused`, `stopped`, `ended`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from typing import Any

GRACE_SECONDS = 1.0
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
TERMINAL = 0
HANDED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")


def control(option: int, value: int) -> None:
    """Ask the kernel of Linux for what no module offers."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


class Guardian:
    """Runs one command at most."""

    def __init__(self, talk: socket.socket) -> None:
        self._talk = talk
        self._starter = os.getppid()
        self._group = os.getpgid(self._starter)
        self._folder = tempfile.mkdtemp(prefix="mockserver-")
        self._command = 0
        self._early: list[int] = []  # signals that came before the command was there
        self._read = b""
        self._woken, waker = os.pipe()
        for end in (self._woken, waker):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        numbers = [getattr(signal, name) for name in HANDED_ON]
        self._ignored = [number for number in numbers if signal.getsignal(number) == signal.SIG_IGN]
        for number in numbers:
            signal.signal(number, lambda *_: None)  # not ignored: the command would inherit that
        control(PR_SET_CHILD_SUBREAPER, 1)

    def serve(self) -> None:
        """Until the starter hangs up or dies."""
        try:
            self._tell(folder=self._folder)
            while self._turn():
                pass
        finally:
            self._end_all(signal.SIGKILL)
            shutil.rmtree(self._folder, ignore_errors=True)

    def _tell(self, **said: Any) -> None:
        with contextlib.suppress(OSError):
            self._talk.sendall(json.dumps(said).encode() + b"\n")

    def _turn(self) -> bool:
        both: list[Any] = [self._talk, self._woken]
        ready, _, _ = select.select(both, [], [])
        if self._woken in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._woken, 4096)
            self._reap()
        if self._talk not in ready:
            return True
        try:
            data = self._talk.recv(65536)
        except OSError:
            return False
        *lines, self._read = (self._read + data).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))
        return bool(data)

    def _obey(self, said: dict[str, Any]) -> None:
        if "run" in said:
            self._run(said["run"], said["environment"])
        elif "signal" in said:
            self._hand_on(said["signal"])
        elif "resume" in said and self._command:
            self._give_terminal(self._group, self._command)
            self._hand_on(signal.SIGCONT)

    def _hand_on(self, number: int) -> None:
        if not self._command:
            self._early.append(number)
            return
        with contextlib.suppress(OSError):
            os.killpg(self._command, number)

    def _run(self, words: list[str], environment: dict[str, str]) -> None:
        def begin() -> None:
            control(PR_SET_PDEATHSIG, signal.SIGKILL)
            self._give_terminal(self._group, os.getpgrp())
            for number in self._ignored:  # as by `nohup`
                signal.signal(number, signal.SIG_IGN)

        try:
            made = subprocess.Popen(words, env=environment, close_fds=False, process_group=0, preexec_fn=begin)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            self._tell(refused=getattr(error, "errno", None) or 0, why=str(error))
            return
        self._command = made.pid
        made.returncode = 0  # it is reaped below
        self._tell(started=made.pid)
        for number in self._early:
            self._hand_on(number)

    def _give_terminal(self, before: int, group: int) -> bool:
        """Let a process group have the terminal, if there is one and the group `before` has it."""
        masked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
        try:
            if os.tcgetpgrp(TERMINAL) != before:
                return False
            os.tcsetpgrp(TERMINAL, group)
        except OSError:
            return False
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        return True

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG | os.WUNTRACED))[0]:
                pid, status = found
                if pid == self._command:
                    self._noted(status)

    def _noted(self, status: int) -> None:
        """The command stopped, or ended. One that was stopped by somebody else than its terminal is theirs."""
        had_terminal = self._give_terminal(self._command, self._group)
        if os.WIFSTOPPED(status):
            if had_terminal:
                self._tell(stopped=True)
            return
        self._end_all(signal.SIGTERM)
        self._command = 0
        self._tell(ended=os.waitstatus_to_exitcode(status))

    def _end_all(self, number: int) -> None:
        """End what the command left behind: its group, and on Linux every process that descends from it."""
        if number == signal.SIGTERM:
            self._signal_all(number)
            self._wait_for_all(GRACE_SECONDS)
        for _ in range(100):  # a process that makes others while it is killed
            if not self._signal_all(signal.SIGKILL):
                break
            self._wait_for_all(GRACE_SECONDS)

    def _signal_all(self, number: int) -> bool:
        """Whether there was anybody to signal."""
        pids = descendants(os.getpid())
        if self._command:
            with contextlib.suppress(OSError):
                os.killpg(self._command, number)
        for pid in pids:
            with contextlib.suppress(OSError):
                os.kill(pid, number)
        return bool(pids)

    def _wait_for_all(self, seconds: float) -> None:
        """Reap children until none is left, or none ends for so long."""
        with contextlib.suppress(ChildProcessError):
            while True:
                if not os.waitpid(-1, os.WNOHANG)[0]:
                    if not select.select([self._woken], [], [], seconds)[0]:
                        return
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._woken, 4096)


def descendants(pid: int) -> list[int]:
    """Every process that a process and its children started, as far as the system tells."""
    parents: dict[int, list[int]] = {}
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):
            if name.isdigit() and (parent := parent_of(name)):
                parents.setdefault(parent, []).append(int(name))
    found = [*parents.get(pid, ())]
    for each in found:  # grows while it is walked
        found += parents.get(each, ())
    return found


def parent_of(pid: str) -> int:
    """Of a process that lives; 0 for one that ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            state, parent = file.read().rpartition(b")")[2].split()[:2]
    except (OSError, ValueError):
        return 0
    return 0 if state in (b"Z", b"X") else int(parent)


if __name__ == "__main__":
    inherited = int(sys.argv[1])
    low = os.dup(inherited)  # `select` takes none above 1023, and a starter may have opened as many
    os.close(inherited)
    with socket.socket(fileno=low) as talk:
        try:
            guardian = Guardian(talk)
        except OSError as error:  # there is no room for the folder, or no place
            talk.sendall(json.dumps({"refused": error.errno, "why": str(error)}).encode() + b"\n")
        else:
            guardian.serve()
