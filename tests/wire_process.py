"""Runs wire_program.py and talks to it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wire_kit import PATIENCE, read_to_end

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Program:
    """A running server: its process, and the port it listens on."""

    process: subprocess.Popen[str]
    port: int

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def dial(self, seconds: float = PATIENCE) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def get(self, path: str, seconds: float = PATIENCE) -> bytes:
        with self.dial(seconds) as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            return read_to_end(sock).partition(b"\r\n\r\n")[2]

    def ended(self, number: int, seconds: float = PATIENCE) -> tuple[int, str, str]:
        """Exit code, output and errors after this signal."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, err


@contextlib.contextmanager
def program(
    http: str, loop: str, graceful: float = 1.5, descriptors: str = "", linger: float | None = None
) -> Iterator[Program]:
    command = [sys.executable, str(HERE / "wire_program.py"), http, loop, str(graceful), descriptors, str(linger or "")]
    path = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, **pipes) as process:
        try:
            assert process.stdout is not None
            yield Program(process, int(process.stdout.readline().rpartition(":")[2]))
        finally:
            process.kill()
