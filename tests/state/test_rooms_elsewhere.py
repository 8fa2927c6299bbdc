"""Rooms of this suite over a home on an engine: what they hold of a server holds there as well."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from engine_kit import found, running_engine

ROOT = Path(__file__).parents[2]
ENGINES = found()
ROOMS = (
    "tests/apis/test_short_way_posts.py",
    "tests/apis/test_vidgen_webhooks.py",
    "tests/language/test_idempotency.py",
    "tests/control/test_control_sides.py",
    "tests/control/test_control_webhooks.py",
    "tests/control/test_control_moves.py",
    "tests/control/test_control_run_until.py",
    "tests/control/test_control_sandboxes.py",
    "tests/control/watched",
)
INSIDE = {
    "tests/apis/test_short_way_posts.py::test_a_job_made_on_either_way_goes_on_alike": "looks at all jobs at once",
    "tests/apis/test_vidgen_webhooks.py::test_a_webhook_that_is_due_meanwhile_is_delivered_when_a_clock_is_switched":
        "sets the clock of this process",
    "tests/language/test_idempotency.py::test_a_key_is_kept_in_a_snapshot": "takes a snapshot of this process's home",
    "tests/language/test_idempotency.py::test_while_the_first_request_is_in_work_a_second_one_is_refused":
        "claims a key in this process",
    "tests/control/test_control_sides.py::test_a_plan_without_resource_waits_for_one_that_can_fulfil_it":
        "looks at the orders of this process",
    "tests/control/test_control_run_until.py::test_a_reset_meanwhile_is_told": "holds a delivery of this process",
    "tests/control/test_control_sandboxes.py::test_time_ends_before_dates_do": "moves the clock of this process",
    "tests/control/watched/test_control_events.py::"
    "test_a_fault_is_told_of_when_it_is_armed_takes_effect_and_is_used_up": "watches what faults did in this process",
    "tests/control/watched/test_control_events.py::test_when_the_last_reader_has_left_for_a_while_nobody_watches":
        "looks for who watches the journal of this process",
    "tests/control/watched/test_control_events.py::test_more_than_one_event_tells_is_counted":
        "writes into the journal of this process",
}  # fmt: skip
"""Tests that reach into the home in this process, which is another one here, and how."""


@pytest.mark.parametrize(
    "engine",
    [pytest.param(each, marks=pytest.mark.slow if n == 0 else pytest.mark.long) for n, each in enumerate(ENGINES)],
)
def test_rooms_of_this_suite_go_alike_on_an_engine(engine: str) -> None:
    left = [word for test in INSIDE for word in ("--deselect", test)]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider"]
    with running_engine(ENGINES[engine]) as made:
        environment = {**os.environ, "MOCKSERVER_HOME": made.url}
        done = subprocess.run(
            [*command, *left, *ROOMS], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1200,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
