"""A vendor: a server in a process of its own, asked at an address that no command takes for this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mockserver.steering import Entry, SandboxHandle, Steering

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "mockserver"]
KEY = {"MOCKSERVER_API_KEY": "demo-key"}
CLIENT = {"MOCKSERVER_CLIENT_ID": "demo-client", "MOCKSERVER_CLIENT_SECRET": "demo-secret"}
MINE = "--i-own-this-account"


@dataclass(frozen=True, slots=True)
class Vendor:
    """`sandbox` is the vendor's own side, to look at what came and to spoil what is answered."""

    port: int
    sandbox: SandboxHandle

    def url(self, api: str) -> str:
        """Where an API is, by an address that is not known as this machine's, and where the system finds it anyway."""
        return f"http://0.0.0.0:{self.port}/{api}"

    def asked(self) -> list[Entry]:
        """All requests to APIs that came."""
        return self.sandbox.journal.filter(kind="request")


@contextmanager
def vendor(*words: str) -> Iterator[Vendor]:
    """`mockserver serve` with these words, ended afterwards."""
    command = [*COMMAND, "serve", "--port", "0", "--quiet", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            with Steering(url) as steering:
                yield Vendor(int(url.rpartition(":")[2]), steering.default)
        finally:
            process.terminate()


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command line of ours as somebody types it."""
    env = {name: value for name, value in os.environ.items() if name not in {**KEY, **CLIENT}} | environment
    return subprocess.run(
        [*COMMAND, *words], cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=500
    )
