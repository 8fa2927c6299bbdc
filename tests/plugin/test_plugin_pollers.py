"""A poller in a background thread that a finished test left running: answered 410, and named after its test."""

from __future__ import annotations

import pytest
from plugin_kit import Run

from mockserver import start

POLLER = """
import threading

STATUSES, JOBS, LOOKED = [], [], threading.Event()

def poll(api, job):
    with httpx.Client(headers={"X-API-Key": api.api_key}) as client:
        while not STATUSES or STATUSES[-1] == 200:
            STATUSES.append(client.get(f"{api.url}/api/status/{job}").status_code)
            LOOKED.set()

THREADS = []

def test_that_leaves_a_poller(vidgen):
    vidgen.next_job(queued=60)
    JOBS.append(submit(vidgen).json()["jobId"])
    THREADS.append(threading.Thread(target=poll, args=(vidgen, JOBS[0])))
    THREADS[0].start()
    assert LOOKED.wait(10)

def test_that_comes_after_it(vidgen):
    THREADS[0].join(10)
    assert not THREADS[0].is_alive()
    assert STATUSES[0] == 200 and STATUSES[-1] == 410 and set(STATUSES) == {200, 410}
    assert [job.id for job in vidgen.jobs] == [] and list(vidgen.journal) == []
"""
NAMED = (
    "test_it.py::test_that_leaves_a_poller: GET /vidgen/api/status/{} was answered 410: something it began still runs"
)


def line_of(result: pytest.RunResult) -> str:
    """What the summary says of late requests, the job's id left out."""
    lines = result.outlines
    begin = next(n for n, line in enumerate(lines) if "requests after their test had ended" in line)
    before, _, after = lines[begin + 1].partition("/status/")
    return f"{before}/status/{{}} {after.partition(' ')[2]}"


def test_a_thread_that_still_polls_is_answered_410_and_its_test_is_named(run: Run) -> None:
    result = run(POLLER)
    result.assert_outcomes(passed=2)
    assert line_of(result) == NAMED


def test_the_same_over_a_server_elsewhere(run: Run) -> None:
    with start() as server:
        result = run(POLLER, f"--mockserver-url={server.url}")
    result.assert_outcomes(passed=2)
    assert line_of(result) == NAMED


def test_the_same_from_a_worker_of_xdist(run: Run) -> None:
    result = run(POLLER, "-n", "1", subprocess=True)
    result.assert_outcomes(passed=2)
    assert line_of(result) == NAMED


def test_a_thread_that_ends_with_its_test_is_not_named(run: Run) -> None:
    result = run("""
import threading

def test_it(vidgen):
    job = submit(vidgen).json()["jobId"]
    thread = threading.Thread(target=look, args=(vidgen, job))
    thread.start()
    thread.join(10)
    assert vidgen.journal.count("getStatus") == 1
""")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*requests after their test had ended*")
