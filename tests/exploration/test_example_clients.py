"""Exploring finds what is wrong with the naive example client, each in one or two events; the careful one passes."""

from __future__ import annotations

import gc
import time
import warnings

import pytest
from exploration_kit import CAREFUL, careful, exploration, naive, session_of

from mockserver import Running
from pytest_plugin.exploration.explorer import Exploration


@pytest.fixture(scope="module")
def explored(running: Running) -> Exploration:
    found = exploration(200, RuntimeError)
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


@pytest.mark.parametrize("seed", range(4))  # a thousand examples, in parts that workers can share
def test_the_careful_client_passes(running: Running, seed: int) -> None:
    found = exploration(250, CAREFUL.VideoError, seconds=1500, seed=seed)
    found.run(session_of(running), careful)
    assert not found.found, found.report()
    assert found.examples == 250


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(1, 6))
def test_the_careful_client_passes_thousands_more(running: Running, seed: int) -> None:
    found = exploration(2000, CAREFUL.VideoError, seconds=1500, seed=seed, webhooks=True)
    found.run(session_of(running), careful)
    assert not found.found, found.report()


@pytest.mark.soak
def test_an_example_costs_less_than_30_ms_of_the_processor(running: Running) -> None:
    began = time.process_time()
    exploration(300, CAREFUL.VideoError, seconds=1500).run(session_of(running), careful)
    assert (time.process_time() - began) / 300 < 0.030


@pytest.mark.soak
def test_the_naive_client_is_found_out_in_ten_seconds_of_the_processor(running: Running) -> None:
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        exploration(200, RuntimeError).run(session_of(running), naive)
        gc.collect()
    assert time.process_time() - began < 10
