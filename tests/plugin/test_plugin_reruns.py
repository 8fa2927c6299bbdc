"""Reruns by pytest-rerunfailures itself: a new sandbox with the same seed each time, judged and shown anew."""

from __future__ import annotations

import pytest
from plugin_kit import Run

pytest.importorskip("pytest_rerunfailures")

TWICE = ("-p", "rerunfailures", "--reruns=2")
FLAKY = """
NAMES, JOBS = [], []

def test_flaky(vidgen, sandbox):
    NAMES.append(sandbox.name)
    JOBS.append(submit(vidgen).json()["jobId"])
    if len(JOBS) < 3:
        httpx.get(vidgen.url + "/nowhere")
    assert [job.id for job in vidgen.jobs] == JOBS[-1:]

def test_after_it(vidgen):
    assert len(set(NAMES)) == 3
    assert len(set(JOBS)) == 1  # drawn from the same seed
    assert list(vidgen.journal) == []
"""
OWN = """
RUNS = []

def test_flaky(mockserver):
    RUNS.append(1)
    with mockserver.sandbox() as world:
        if len(RUNS) < 3:
            httpx.get(world.api("vidgen").url + "/nowhere")
"""
ALWAYS = "def test_it(vidgen):\n    httpx.get(vidgen.url + '/nowhere')\n"


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    return result.parseoutcomes()


def test_a_test_that_broke_the_contract_is_run_again_in_a_new_sandbox(run: Run) -> None:
    result = run(FLAKY, *TWICE, subprocess=True)
    assert outcomes(result) == {"passed": 2, "rerun": 2}


def test_the_same_for_sandboxes_of_its_own(run: Run) -> None:
    assert outcomes(run(OWN, *TWICE, subprocess=True)) == {"passed": 1, "rerun": 2}


def test_one_that_fails_each_time_shows_its_journal_and_fails(run: Run) -> None:
    result = run(ALWAYS, *TWICE, subprocess=True)
    assert outcomes(result) == {"failed": 1, "rerun": 2}
    result.stdout.fnmatch_lines(["A request broke the contract:", "*GET /nowhere*", "*mockserver journal*", "*404 *"])


def test_a_rerun_in_virtual_time_begins_at_the_beginning(run: Run) -> None:
    result = run(
        """
import time

SEEN = []

def test_flaky(vidgen, fast_forward, webhook_inbox, intercept):
    SEEN.append(time.time())
    time.sleep(600)
    assert fast_forward.elapsed == 600
    assert len(SEEN) == 3
    assert set(SEEN) == {1_000_000_000.0}
""",
        *TWICE,
        subprocess=True,
    )
    assert outcomes(result) == {"passed": 1, "rerun": 2}


def test_with_workers_and_in_random_order(run: Run) -> None:
    many = (
        FLAKY.replace("def test_after_it", "def not_asked")
        + """
@pytest.mark.parametrize("n", range(12))
def test_sound(vidgen, n):
    vidgen.clock.run_until(submit(vidgen).json()["jobId"], "COMPLETED")
"""
    )
    result = run(many, *TWICE, "-n", "2", "-p", "randomly", "--randomly-seed=3", subprocess=True)
    assert outcomes(result) == {"passed": 13, "rerun": 2}
    result.stdout.fnmatch_lines(["vidgen: * % seen of what its calls can meet (* of *); * operations called*"])
