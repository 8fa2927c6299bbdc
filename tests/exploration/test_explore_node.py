"""`mockserver explore` finds what is wrong with the naive client in Node, within sixty runs; the careful one passes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from proxy_kit import Tool
from serve_kit import ROOT

CLIENTS = ROOT / "examples" / "node"


def explored(client: str, *words: str, code: int) -> dict[str, Any]:
    """What is told as JSON; a run may take five minutes of the client's time, which are five seconds."""
    command = [sys.executable, "-m", "mockserver", "explore", "miragic", "--format", "json", "--time-limit", "300"]
    command += [*words, "--", Tool("node", "nodejs").path, str(CLIENTS / f"{client}.mjs")]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PATIENCE": "120"}
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


PLANTED = {
    "submitted_twice": "answer_lost",  # it submits again when no answer comes
    "ignored_retry_after": "status",  # it asks again at once
    "never_ended": "stuck",  # it polls without an end
    "content_too_soon": "",  # it takes any other state for done
    "took_half": "short_media",  # it takes a download that breaks off for a whole one
}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_five_bugs_of_the_naive_client_are_found_within_sixty_runs() -> None:
    told = explored("naive", "--runs", "30", code=1)
    assert told["runs"] <= 60
    found = {each["rule"]: each for each in told["found"]}
    assert found.keys() >= PLANTED.keys(), found.keys()
    for rule, fault in PLANTED.items():
        (event,) = found[rule]["schedule"]
        assert event.get("fault") == fault or not fault, found[rule]
        assert "--replay" in found[rule]["replay"]


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("words", [["--fails-with", "3"], []], ids=["fails with 3", "any failure"])
def test_the_careful_client_passes_all_runs(words: list[str]) -> None:
    told = explored("careful", *words, "--seed", "1", "--runs", "60" if words else "30", code=0)
    assert told["found"] == []


def test_a_replay_brings_a_failure_about_again() -> None:
    lost = '[{"fault": "answer_lost", "operation": "createSpeedPainting", "times": 1}]'
    told = explored("naive", "--replay", lost, code=1)
    assert [each["rule"] for each in told["found"]] == ["submitted_twice"]
    assert explored("careful", "--fails-with", "3", "--replay", lost, code=0)["found"] == []
