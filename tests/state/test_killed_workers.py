"""Two processes over one engine, of which one is killed, or stopped for a while: nothing that was promised is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from api_kit import Receiver, receiving
from engine_kit import Engine, found, running_engine

from mockserver.clock import monotonic, sleep

TESTS = Path(__file__).parents[1]
CONTROL = "/_mock/sandboxes/default"
ENGINES = found()
JOBS = 24
PATIENCE = 30.0
FILES = {
    "image": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png"),
    "audio": ("a.mp3", b"ID3" + bytes(64), "audio/mpeg"),
}


class Process:
    """One server, and a client of it."""

    def __init__(self, engine: Engine) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(TESTS / "store_program.py"), engine.url],
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
    with ExitStack() as stack:
        made = Process(engine), Process(engine)
        for each in made:
            stack.callback(each.end)
        yield made


def submitted(both: Sequence[Process], keys: Sequence[str], hook: str, at: int, then: int) -> dict[str, str]:
    """The jobs that were acknowledged, with the keys of their accounts; after `at` of them something befalls one."""
    jobs: dict[str, str] = {}
    with ThreadPoolExecutor(4) as pool:
        waiting = []
        for n, key in enumerate(keys):
            if n == at:
                both[0].process.send_signal(then)
            waiting.append((key, pool.submit(both[n % 2 if n < at else 1].submit, key, hook)))
        for key, each in waiting:
            if (job := each.result()) is not None:
                jobs[job] = key
    return jobs


def wait_for(receiver: Receiver, jobs: Sequence[str]) -> Counter[str]:
    """How often each job's end was told, once all were."""
    until = monotonic() + PATIENCE
    while True:
        told = Counter(str(each.json["jobId"]) for each in [*receiver.got])
        if all(told[job] for job in jobs) or monotonic() > until:
            return told
        sleep(0.05)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with running_engine(ENGINES[request.param]) as made:
        yield made


@pytest.mark.parametrize("then", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_no_acknowledged_job_and_no_webhook_is_lost_with_a_worker(engine: Engine, then: int) -> None:
    with receiving() as receiver, processes(engine) as both:
        keys = [both[n % 2].account() for n in range(JOBS)]
        jobs = submitted(both, keys, receiver.url, JOBS // 2, then)
        assert len(jobs) >= JOBS // 2
        assert [job for job, key in jobs.items() if not both[1].has(job, key)] == []
        told = wait_for(receiver, [*jobs])
        assert [job for job in jobs if not told[job]] == [], "each is told of at least once"
        if then == signal.SIGSTOP:
            both[0].process.send_signal(signal.SIGCONT)
            assert [job for job, key in jobs.items() if not both[0].has(job, key)] == []
        owed = both[1].client.get(f"{CONTROL}/webhooks").json()
        assert {each["outcome"] for each in owed if each["job"] in jobs} == {"delivered"}
        assert len({each["id"] for each in owed}) == len(owed), "each has its own id, whoever tells"


def test_of_many_submits_at_once_over_both_workers_one_is_taken(engine: Engine) -> None:
    with receiving() as receiver, processes(engine) as both, ThreadPoolExecutor(16) as pool:
        assert both[0].client.put(f"{CONTROL}/clock", json={"mode": "manual"}).status_code == 200
        assert both[1].client.put(f"{CONTROL}/limits", json={"on": False}).status_code == 200
        key = both[0].account()
        taken = [*pool.map(lambda n: both[n % 2].submit(key, receiver.url), range(200))]
        assert len([each for each in taken if each is not None]) == 1
