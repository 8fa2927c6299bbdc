"""Two processes over one engine, of which one is killed, or stopped for a while: nothing that was promised is lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from api_kit import receiving
from engine_kit import Engine, found, running_engine
from process_kit import CONTROL, Process, processes, wait_for

ENGINES = found()
JOBS = 24


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
