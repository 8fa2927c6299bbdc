"""`mockserver serve` as users start it: a process of its own, its URL read from its output."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wire_kit import PATIENCE

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Served:
    """A running command."""

    process: subprocess.Popen[str]
    url: str

    def dial(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", int(self.url.rpartition(":")[2])), timeout=PATIENCE)

    def ended(self, number: int) -> tuple[int, str]:
        """Exit code and errors after this signal."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err


@contextlib.contextmanager
def serving(
    *options: str, env: Mapping[str, str] | None = None, limits: Mapping[int, int] | None = None
) -> Iterator[Served]:
    """A server on a free port, under limits of the system (`resource.RLIMIT_…`); killed at the end if it runs still."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *options]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **(env or {})}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    if limits:
        pipes["preexec_fn"] = lambda: [resource.setrlimit(kind, (most, most)) for kind, most in limits.items()]
    with subprocess.Popen(command, env=environment, **pipes) as process:
        try:
            assert process.stdout is not None
            found = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stdout)))
            yield Served(process, found[0])
        finally:
            process.kill()
