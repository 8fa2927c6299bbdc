"""Fuzzing a contract: sound servers pass, broken ones fail and say where, and the report tells it to people and CI."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

pytest.importorskip("schemathesis", reason="the extra `fuzz` is not installed")

from cli_kit import broken_promise

from mockserver import Running
from mockserver.cli import main
from mockserver.contract import Contract
from mockserver.errors import UsageError
from mockserver.fuzz import FuzzOptions, FuzzResult, exempted, fuzz, junit, replay, table
from mockserver.fuzz.found import FuzzFailure
from mockserver.loader import SHIPPED, load_folder

QUICK = ["--max-examples", "3"]


def contract(api: str = "miragic") -> Contract:
    found, findings = load_folder(SHIPPED / api)
    assert found is not None, findings
    return found


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["fuzz", *words])


def test_a_sound_contract_passes_in_all_phases() -> None:
    told: list[str] = []
    found = fuzz(contract(), FuzzOptions(max_examples=3), progress=told.append)
    assert found.is_good, (found.failures, found.complaints())
    assert set(found.phases) == {"journeys", "examples", "coverage", "fuzzing", "stateful"}
    assert len(told) == 5


def test_the_same_seed_asks_the_same_and_another_asks_otherwise() -> None:
    def answers(seed: int) -> Any:
        return fuzz(contract(), FuzzOptions(seed=seed, max_examples=10, phases=("fuzzing",))).answered

    assert answers(1) == answers(1) != answers(2)


def narrowed() -> Contract:
    found = contract()
    found.document["components"]["schemas"]["Job"]["properties"]["userId"] = {"type": "integer"}
    return found


def test_an_answer_that_breaks_the_contract_is_a_failure_with_a_command_and_a_replay() -> None:
    options = FuzzOptions(max_examples=3, phases=("coverage", "stateful"))
    found = fuzz(narrowed(), options)
    assert found.checks() == {"response_schema_conformance"}
    failure = next(iter(found.failures.values()))
    assert failure.operation == "getSpeedPaintingJob"
    assert "curl" in failure.command
    assert f" --phase {failure.phase} --seed 1" in replay(found, failure, options)


def test_a_replay_runs_what_the_engine_learned_from() -> None:
    failure = FuzzFailure("check", "createSpeedPainting", "fuzzing", "", "")
    few = FuzzOptions(phases=("journeys", "coverage", "fuzzing", "stateful"))
    assert replay(failed(), failure, few).startswith("mockserver fuzz miragic --phase coverage --phase fuzzing --seed")
    walked = FuzzFailure("check", "createSpeedPainting", "journeys", "", "")
    assert replay(failed(), walked, few).startswith("mockserver fuzz miragic --phase journeys --seed 1 --operation")


def test_a_journey_that_breaks_the_contract_is_a_failure() -> None:
    found = fuzz(narrowed(), FuzzOptions(phases=("journeys",)))
    assert ("other_type", "getSpeedPaintingJob/data/userId") in found.failures


def test_only_what_was_asked_for_is_fuzzed() -> None:
    found = fuzz(contract(), FuzzOptions(max_examples=2, phases=("coverage",), operations=("getSpeedPaintingJob",)))
    assert set(found.answered) == {"getSpeedPaintingJob"}
    with pytest.raises(UsageError, match="known: createSpeedPainting"):
        fuzz(contract(), FuzzOptions(operations=("nothing",)))


def test_an_operation_that_never_succeeded_is_a_complaint() -> None:
    found = fuzz(contract(), FuzzOptions(max_examples=1, phases=("coverage",), operations=("getSpeedPaintingJob",)))
    assert found.complaints() == ["getSpeedPaintingJob was never answered with success"]


def test_the_command_passes_and_writes_a_report(tmp_path: Path) -> None:
    result = run("miragic", *QUICK, "--junit", str(tmp_path / "report.xml"))
    assert result.exit_code == 0, result.output
    assert "miragic  getSpeedPaintingJob" in result.output
    suite = ET.parse(tmp_path / "report.xml").getroot()[0]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("miragic", "3", "0")


def test_the_command_asks_a_server_by_url(running: Running) -> None:
    words = ("--phase", "coverage", "--phase", "journeys", "--operation", "listAvatars")
    result = run("miraflow", "--url", f"{running.url}/miraflow", *words)
    assert result.exit_code == 0, result.output
    assert "200" in result.output


def test_a_mock_server_of_this_machine_lends_a_sandbox_without_limits(running: Running) -> None:
    before = len(running.app.sandboxes)
    words = ("--phase", "fuzzing", "--phase", "journeys", "--max-examples", "8")
    result = run("vidgen", "--url", f"{running.url}/vidgen", *words)
    assert result.exit_code == 0, result.output
    assert len(running.app.sandboxes) == before
    assert "429" not in result.output


@pytest.mark.parametrize("watched", [False, True])
def test_how_far_it_has_come_is_told_to_those_who_watch(monkeypatch: pytest.MonkeyPatch, watched: bool) -> None:
    monkeypatch.setattr("mockserver.cli.terminal.is_terminal", lambda: watched)
    result = run("vidgen", "--operation", "getHealth", "--phase", "coverage", "--max-examples", "1")
    assert result.exit_code == 0, result.output
    assert ("coverage done" in result.stderr) is watched
    assert "coverage done" not in result.stdout


def test_against_somebody_elses_machine_it_refuses() -> None:
    result = run("vidgen", "--url", "https://vendor.example")
    assert result.exit_code == 2
    assert "--i-own-this-account" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [(("nothing",), "known: miraflow"), (("--url", "http://127.0.0.1:1"), "name it")],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.output


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "schemathesis", None)
    monkeypatch.delitem(sys.modules, "mockserver.fuzz.engine", raising=False)
    with pytest.raises(UsageError, match=r"mockserver-kit\[fuzz\]"):
        fuzz(contract())


WITHOUT = """
import sys

for name in ("schemathesis", "hypothesis"):
    sys.modules[name] = None
from mockserver.cli import main

main(["fuzz", "vidgen"])
"""


def test_without_the_extra_the_command_could_not_run_and_says_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "Error: fuzzing needs schemathesis, which is not installed: pip install 'mockserver-kit[fuzz]'\n"
    )


def test_no_more_paid_jobs_are_created_than_allowed(running: Running) -> None:
    from mockserver.live import DEMO, live

    client = live(contract("mirrago"), f"{running.url}/mirrago", DEMO, max_jobs=2, is_paced=False)
    options = FuzzOptions(max_examples=5, phases=("examples", "fuzzing"), operations=("generateImage",))
    found = fuzz(contract("mirrago"), options, live=client)
    client.close()
    assert client.created == 2
    assert found.withheld > 0
    assert found.is_good, (found.failures, found.complaints())


def test_time_that_runs_out_stops_the_run_and_is_no_failure() -> None:
    found = fuzz(contract("miraflow"), FuzzOptions(max_examples=500, max_seconds=1, phases=("fuzzing",)))
    assert found.out_of_time
    assert found.is_good, (found.failures, found.complaints())


def test_a_run_with_time_to_spare_asks_no_more_than_one_without() -> None:
    def answers(seconds: int | None) -> Any:
        return fuzz(
            contract(), FuzzOptions(max_examples=3, max_seconds=seconds, phases=("fuzzing", "stateful"))
        ).answered

    assert answers(3000) == answers(None)


def failed() -> FuzzResult:
    found = FuzzResult(contract())
    found.answered["createSpeedPainting"][500] += 3
    found.failures[("check", "createSpeedPainting")] = FuzzFailure(
        "check", "createSpeedPainting", "fuzzing", "it said \x00 <no>\nmore", "curl http://x"
    )
    found.errors.append("the engine stopped")
    return found


def test_a_report_holds_failures_that_xml_cannot_write() -> None:
    root = ET.fromstring(junit([failed()], FuzzOptions()))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    failure = cases["createSpeedPainting"].find("failure")
    assert failure is not None
    assert "it said \\x00 <no>" in str(failure.text)
    assert cases["getSpeedPaintingJob"].find("skipped") is not None
    assert cases["the run"].find("failure") is not None


def test_what_was_not_counted_is_told_with_the_reason() -> None:
    found = failed()
    found.exempted["drawn_file"] += 2
    assert exempted(found).startswith("miragic: not counted, 2 × drawn_file: Now and then a file is drawn at random")


def test_the_table_says_what_failed() -> None:
    lines = table([failed()], FuzzOptions()).splitlines()
    assert lines[1].split() == ["miragic", "createSpeedPainting", "3", "500×3", "check"]


def test_failures_end_the_command_with_1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mockserver.fuzz.fuzz", lambda *_, **__: failed())
    result = run("miragic", "--max-time", "5")
    assert result.exit_code == 1
    assert "replay: mockserver fuzz miragic --phase examples --phase coverage --phase fuzzing" in result.output
    assert "the engine stopped" in result.output


def test_the_verify_command_tells_drift(running: Running, tmp_path: Path) -> None:
    report = tmp_path / "drift.json"
    words = ["verify", "vidgen", "--url", f"{running.url}/vidgen", "--operation", "getHealth", "--json", str(report)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert "vidgen: nothing differs" in result.output
    assert json.loads(report.read_text())["drift"] == []
    own = broken_promise(tmp_path)
    result = CliRunner().invoke(main, [*words[:2], "--contracts", str(own), *words[2:]])
    assert result.exit_code == 1
    assert "differ" in result.output


def test_verify_wants_a_url() -> None:
    result = CliRunner().invoke(main, ["verify", "vidgen"])
    assert "needs --url" in result.output
