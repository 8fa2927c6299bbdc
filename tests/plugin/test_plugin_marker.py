"""The marker `mockserver`, ini options: what they set, how they merge, and what stops the collection."""

from __future__ import annotations

import pytest
from plugin_kit import Run


def test_markers_of_module_class_and_test_are_merged_key_by_key(run: Run) -> None:
    result = run("""
pytestmark = pytest.mark.mockserver(clock="step:5", quirks={"completedc": False, "error_object": False})

@pytest.mark.mockserver(seed="of the class")
class TestIt:
    @pytest.mark.mockserver(scenario="failing", quirks={"completedc": True})
    def test_it(self, sandbox):
        assert sandbox.seed == "of the class"
        told = sandbox.ask()
        assert told["clock"]["mode"] == "step" and told["clock"]["step"] == 5
        assert {api["scenario"] for api in told["apis"].values()} == {"failing"}
        assert told["apis"]["mirrago"]["quirks"]["completedc"] is True
        assert told["apis"]["miragic"]["quirks"]["error_object"] is False
""")
    result.assert_outcomes(passed=1)


def test_scenarios_and_quirks_may_be_named_by_api(run: Run) -> None:
    result = run("""
@pytest.mark.mockserver(scenario={"vidgen": "slow"}, quirks={"mirrago": {"completedc": False}})
def test_it(sandbox):
    told = sandbox.ask()["apis"]
    assert (told["vidgen"]["scenario"], told["mirrago"]["scenario"]) == ("slow", "happy")
    assert told["mirrago"]["quirks"]["completedc"] is False
""")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        ('scenari="failing"', "has no 'scenari'; it knows: scenario, seed, clock, quirks, hosts, schedule, *"),
        ('"failing"', "takes keywords only; *"),
        ('conduct="loud"', "conduct is one of fail, warn, off, not 'loud'"),
        ('quirks="completedc"', "quirks is a mapping, not 'completedc'"),
    ],
)
def test_a_marker_that_says_nothing_known_stops_the_collection(run: Run, marker: str, sentence: str) -> None:
    result = run(f"@pytest.mark.mockserver({marker})\ndef test_it(): pass\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*test_it.py::test_it: *{sentence}"])


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        ('scenario="nowhere"', "*has no scenario 'nowhere'*"),
        ('quirks={"nothing": True}', "*has no quirk 'nothing'*"),
        ('clock="sundial"', "*'sundial' is no clock; use real, x60, manual or step:5*"),
        ('clock="xinf"', "*'xinf' is no clock; use real, x60, manual or step:5*"),
        ('scenario={"other": "happy"}', "*no API 'other'*"),
    ],
)
def test_a_wish_that_cannot_come_true_is_an_error_that_says_why(run: Run, marker: str, sentence: str) -> None:
    result = run(f"@pytest.mark.mockserver({marker})\ndef test_it(sandbox): pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"mockserver: {sentence}"])


def test_an_ini_value_that_is_no_mode_is_refused(run: Run) -> None:
    result = run("def test_it(sandbox): pass\n", ini="mockserver_conduct = loud\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*mockserver_conduct is one of fail, warn, off, not 'loud'*"])


def test_the_marker_is_known_under_strict_markers(run: Run) -> None:
    result = run("@pytest.mark.mockserver(seed=1)\ndef test_it(): pass\n", "--strict-markers", "-W", "error")
    result.assert_outcomes(passed=1)
