"""Schedules in a test suite: a marker replays one, and `explore` makes a test."""

from __future__ import annotations

from plugin_kit import Run

REPLAY = """
@pytest.mark.mockserver(seed="explore", schedule=[
    {"api": "vidgen", "fault": "status", "operation": "getStatus", "status": 502, "times": 1},
    {"api": "vidgen", "plan": {"outcome": "FAILED"}},
])
def test_replayed(vidgen):
    job = submit(vidgen).json()["jobId"]
    assert httpx.get(f"{vidgen.url}/api/status/{job}", headers={"X-API-Key": vidgen.api_key}).status_code == 502
    vidgen.clock.advance(60)
    assert look(vidgen, job)["status"] == "FAILED"
"""
EXPLORED = """
from pytest_plugin import explore

@explore("vidgen", max_examples=4, raises=httpx.HTTPError)
def test_explored(vidgen, tmp_path):
    assert tmp_path.is_dir()
    submit(vidgen).raise_for_status()

@explore("vidgen", max_examples=1)
def test_crashes(vidgen):
    raise KeyError("gone")
"""


def test_a_marker_replays_a_schedule(run: Run) -> None:
    run(REPLAY).assert_outcomes(passed=1)


def test_what_is_no_schedule_fails_the_test_with_a_sentence(run: Run) -> None:
    result = run(REPLAY.replace('"fault": "status"', '"fault": "stratus"'))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*there is no fault 'stratus'*"])


def test_explore_makes_tests_with_fixtures(run: Run) -> None:
    result = run(EXPLORED)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*raised_KeyError*", "*@pytest.mark.mockserver(seed='explore', schedule=[[]])*"])
