"""Servers as processes over one engine, each with a client, and what befalls them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from api_kit import Receiver
from engine_kit import Engine

from mockserver.clock import monotonic, sleep

TESTS = Path(__file__).parent
CONTROL = "/_mock/sandboxes/default"
PATIENCE = 30.0
FILES = {
    "image": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png"),
    "audio": ("a.mp3", b"ID3" + bytes(64), "audio/mpeg"),
}


class Process:
    """One server, and a client of it; its machine's clock may be so many seconds wrong."""

    def __init__(self, url: str, wrong: float = 0.0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(TESTS / "store_program.py"), url, str(wrong)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(TESTS)},
        )  # fmt: skip
        assert self.process.stdout is not None
        self.client = httpx.Client(base_url=self.process.stdout.readline().strip(), trust_env=False, timeout=10)

    def account(self) -> str:
        """The key of a new account: one has one job at a time."""
        answer = self.client.post(f"{CONTROL}/accounts", json={"api": "vidgen"})
        return str(answer.json()["api_key"])

    def submit(self, key: str, hook: str) -> str | None:
        """A job, where it was acknowledged."""
        try:
            answer = self.client.post(
                "/vidgen/api/jobs", data={"webhookUrl": hook}, files=FILES, headers={"X-API-Key": key}
            )
        except httpx.HTTPError:
            return None
        return str(answer.json()["jobId"]) if answer.status_code == 201 else None

    def has(self, job: str, key: str) -> bool:
        return self.client.get(f"/vidgen/api/status/{job}", headers={"X-API-Key": key}).status_code == 200

    def end(self) -> None:
        self.client.close()
        self.process.kill()
        self.process.communicate()


@contextmanager
def processes(engine: Engine) -> Iterator[tuple[Process, Process]]:
    """Two over one engine."""
    with ExitStack() as stack:
        made = Process(engine.url), Process(engine.url)
        for each in made:
            stack.callback(each.end)
        yield made


def wait_for(receiver: Receiver, jobs: Sequence[str]) -> Counter[str]:
    """How often each job's end was told, once all were."""
    until = monotonic() + PATIENCE
    while True:
        told = Counter(str(each.json["jobId"]) for each in [*receiver.got])
        if all(told[job] for job in jobs) or monotonic() > until:
            return told
        sleep(0.05)
