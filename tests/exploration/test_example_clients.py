"""Exploring finds what is wrong with the naive example client, each in one or two events; the careful one passes."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from exploration_kit import CAREFUL, Client, careful, exploration, naive, session_of
from tier_kit import scaled

from mockserver import Running
from pytest_plugin.exploration.explorer import Exploration


@pytest.fixture(scope="module")
def explored(running: Running) -> Exploration:
    found = exploration(scaled("schedules for the naive client", test=100, ci=200, full=200), RuntimeError)
    with warnings.catch_warnings():  # the naive client leaves answers open, too
        warnings.simplefilter("ignore", ResourceWarning)
        found.run(session_of(running), naive)
        gc.collect()
    return found


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("resubmitted", "answer_lost"),
        ("never_ended", "stuck"),
        ("raised_JSONDecodeError", "status"),
        ("raised_KeyError", "missing_field"),
        ("took_half", "short_media"),
    ],
)
def test_the_naive_client_is_found_out(explored: Exploration, rule: str, fault: str) -> None:
    faults = [
        {event.get("fault") for event in small} for broken, small, _ in explored.found.values() if broken.rule == rule
    ]
    assert any(fault in each for each in faults), explored.report()


def test_the_page_of_a_gateway_is_named(explored: Exploration) -> None:
    crashes = [small for broken, small, _ in explored.found.values() if broken.rule == "raised_JSONDecodeError"]
    assert any("page" in event for small in crashes for event in small), explored.report()


def test_every_failure_shrinks_to_two_events_at_most(explored: Exploration) -> None:
    assert {len(small) for _, small, _ in explored.found.values()} <= {1, 2}


def test_the_report_replays_each_failure(explored: Exploration) -> None:
    report = explored.report()
    assert "@pytest.mark.mockserver(seed='explore', schedule=[\n" in report
    assert '    {"api": "vidgen", "fault": "stuck"},\n' in report
    assert "vidgen.createJob  POST /api/jobs  201 PENDING" in report


def test_the_careful_client_passes(running: Running) -> None:
    found = exploration(50, CAREFUL.VideoError, seconds=1500)
    found.run(session_of(running), careful)
    assert not found.found, found.report()
    assert found.examples == 50


FIVE_HUNDRED = """
import sys
from exploration_kit import CAREFUL, careful, exploration, session_of
from mockserver import start

with start() as running:
    found = exploration(500, CAREFUL.VideoError, seconds=1500, seed=int(sys.argv[1]))
    found.run(session_of(running), careful)
    print(found.examples, found.report() if found.found else "clean")
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_careful_client_passes_a_thousand(seed: int) -> None:
    """In processes of their own, without coverage: under it they take three times as long, and it learns nothing."""
    here = Path(__file__).parent
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    env["PYTHONPATH"] = os.pathsep.join([str(here), str(here.parent), *sys.path])
    told = subprocess.run(
        [sys.executable, "-c", FIVE_HUNDRED, str(seed)], env=env, capture_output=True, text=True, check=False
    )
    assert told.stdout == "500 clean\n", told.stdout + told.stderr


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(1, 6))
def test_the_careful_client_passes_thousands_more(running: Running, seed: int) -> None:
    found = exploration(2000, CAREFUL.VideoError, seconds=1500, seed=seed, webhooks=True)
    found.run(session_of(running), careful)
    assert not found.found, found.report()


def cost_of(run: Callable[[], object]) -> float:
    """Seconds of the processor."""
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        run()
        gc.collect()
    return time.process_time() - began


def cost_undisturbed(running: Running, client: Client) -> float:
    """Seconds of the processor of a run in which nothing happens."""
    session, calm = session_of(running), exploration(1)
    return cost_of(lambda: [calm._try(session, client, []) for _ in range(100)]) / 100


@pytest.mark.soak
def test_an_example_costs_less_than_three_undisturbed_runs(running: Running) -> None:
    floor = cost_undisturbed(running, careful)
    found = exploration(300, CAREFUL.VideoError, seconds=1500)
    assert cost_of(lambda: found.run(session_of(running), careful)) / 300 < 3 * floor


@pytest.mark.soak
def test_the_naive_client_is_found_out_at_the_cost_of_700_undisturbed_runs(running: Running) -> None:
    floor = cost_undisturbed(running, naive)
    found = exploration(200, RuntimeError)
    assert cost_of(lambda: found.run(session_of(running), naive)) < 700 * floor
