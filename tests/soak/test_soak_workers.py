"""How long it takes until another worker serves in the place of one that was killed, with figures printed (`-s`)."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import httpx
import pytest
from engine_kit import found, running_engine
from serve_kit import Served, serving
from until_kit import until

from mockserver.guarded.guardian import descendants

pytestmark = pytest.mark.soak
ENGINES = found()
TIMES = 5
WORKER = re.compile(r'mockserver_store_latency_seconds\{worker="(\d+)"\}')


def workers(served: Served) -> set[int]:
    """The two that serve: what waits for a place has begun last."""
    pids = descendants(served.process.pid)
    return {*sorted(pid for pid in pids if b"serve\0" in Path(f"/proc/{pid}/cmdline").read_bytes())[:2]}


def both_serve(served: Served, killed: int) -> bool:
    """Whether there are two again, and each tells of itself."""
    there = workers(served)
    if killed in there or len(there) != 2:
        return False
    return len(set(WORKER.findall(httpx.get(f"{served.url}/_mock/metrics", timeout=60).text))) == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_another_worker_serves_in_the_place_of_one_that_was_killed(engine: str) -> None:
    took = []
    with running_engine(ENGINES[engine]) as made, serving("--store", made.url, "--workers", "2", "--quiet") as served:
        for _ in range(TIMES):
            until(lambda: both_serve(served, 0) and made.asked(b"ZCARD ms1:{workers}:beats\r\n") == b":3\r\n")
            killed, begun = min(workers(served)), time.perf_counter()
            os.kill(killed, signal.SIGKILL)
            assert httpx.get(f"{served.url}/_mock/health", timeout=60).status_code == 200, "the other one serves"
            until(lambda: both_serve(served, killed))  # noqa: B023
            took.append(time.perf_counter() - begun)  # the one that waited is ready when it says that it is there
    print(f"\n{engine}: another worker served after {min(took):.2f} to {max(took):.2f} s, of {TIMES} killed")
