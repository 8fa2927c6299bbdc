"""A word written wrong in a test fails it in a few lines, which name the word that was meant."""

from __future__ import annotations

import re
import textwrap

import pytest
from plugin_kit import Run

MOST = 8
WIDEST = 200
CALLS = [
    ('vidgen.fault("statsu")', "status"),
    ('vidgen.fault("Status")', "status"),
    ('vidgen.fault("status", tmies=3)', "times"),
    ('vidgen.fault("status", retry_after="secnods")', "seconds"),
    ('vidgen.fault("status", page="ngnix")', "nginx"),
    ('vidgen.fault("status", operation="getStatsu")', "getStatus"),
    ('vidgen.fault("status", operation="get_status")', "getStatus"),
    ('vidgen.fault("stuck", state="PROCESING")', "PROCESSING"),
    ('vidgen.next_job(outcome="COMPLETD")', "COMPLETED"),
    ('vidgen.next_job(outcome="completed")', "COMPLETED"),
    ('vidgen.next_job(resource="jbo")', "job"),
    ('vidgen.scenario("hapy")', "happy"),
    ('sandbox.api("mirrago").quirk("competedc")', "completedc"),
    ('sandbox.api("vidgne")', "vidgen"),
    ('vidgen.account(state="deactivate")', "deactivated"),
    ('mockserver.sandbox(clock={"mode": "manaul"})', "manual"),
    ('vidgen.clock.set("manaul")', "manual"),
    ('sandbox.tell("PUT", "limits", onn=True)', "on"),
    ('sandbox.ask("journal", api="vidgne")', "vidgen"),
    ('vidgen.answer("getStatsu", json={})', "getStatus"),
    ('vidgen.assert_requested("getStatsu")', "getStatus"),
    ('vidgen.requests.filter("getStatsu")', "getStatus"),
    ('mock("vidgen", secnario="slow")', "scenario"),
    ('mock("vidgen", conduct="fial")', "fail"),
    ('mock("vidgne").__enter__()', "vidgen"),
    ('mock("vidgen", scenario="hapy").__enter__()', "happy"),
    ('mock("vidgen", clock="manaul").__enter__()', "manual"),
]
MARKS = [
    ('scenari="slow"', "scenario"),
    ('scenario="hapy"', "happy"),
    ('scenario={"vidgen": "flacky"}', "flaky"),
    ('scenario={"vidgne": "flaky"}', "vidgen"),
    ('quirks={"competedc": False}', "completedc"),
    ('quirks={"mirrago": {"competedc": False}}', "completedc"),
    ('conduct="fial"', "fail"),
    ('clock="manaul"', "manual"),
    ('schedule=[{"api": "vidgen", "fault": "statsu"}]', "status"),
]


def _sections(out: str) -> dict[str, list[str]]:
    """The report of each failure by its title, without the lines that are empty at its end."""
    failures = re.split(r"^-+ mockserver: contract coverage|^=+ short test summary", out, flags=re.M)[0]
    parts = re.split(r"^_+ (.+?) _+$", failures, flags=re.M)
    return {
        title: text.removeprefix("\n").rstrip("= \n").splitlines()
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_a_call_with_a_typo_fails_in_a_few_lines_that_name_the_nearest_word(run: Run) -> None:
    tests = [f"def test_{n}({', '.join(_fixtures(call))}):\n    {call}\n" for n, (call, _) in enumerate(CALLS)]
    told = _sections(run("from mockserver import mock\n" + "\n".join(tests)).stdout.str())
    for n, (call, meant) in enumerate(CALLS):
        lines = told[f"test_{n}"]
        text = "\n".join(lines)
        assert f"did you mean {meant!r}?" in text, f"{call}\n{text}"
        assert f">       {call}" in text
        assert len(lines) <= MOST - 1 + len(_fixtures(call)), f"{call}\n{text}"
        assert max(map(len, lines)) <= WIDEST, f"{call}\n{text}"


def _fixtures(call: str) -> list[str]:
    """The fixtures that a call names; pytest writes a line of each."""
    return [name for name in ("mockserver", "sandbox", "vidgen") if re.search(rf"\b{name}\.", call)]


@pytest.mark.parametrize(("mark", "meant"), MARKS)
def test_a_marker_with_a_typo_says_so_in_a_few_lines_that_name_the_nearest_word(
    mark: str, meant: str, run: Run
) -> None:
    result = run(f"@pytest.mark.mockserver({mark})\ndef test_it(sandbox): ...", "-q")
    lines = [line for line in result.stdout.str().splitlines() + result.stderr.str().splitlines() if line.strip()]
    assert any(f"did you mean {meant!r}?" in line for line in lines), "\n".join(lines)
    assert len(lines) <= MOST
    assert max(map(len, lines)) <= WIDEST


def test_a_state_that_never_comes_is_told_with_the_one_that_was_meant(run: Run) -> None:
    source = """
        @pytest.mark.asyncio
        async def test_it(vidgen):
            job = submit(vidgen).json()["jobId"]
            await vidgen.clock.arun_until(job, "COMPLETD")
    """
    lines = _sections(run(textwrap.dedent(source)).stdout.str())["test_it"]
    report = lines[: next(n for n, line in enumerate(lines) if "mockserver journal" in line)]
    assert "did you mean 'COMPLETED'?" in "\n".join(report)
    assert len(report) <= MOST + 3, "the test has three lines more"


def test_an_error_that_is_our_own_mistake_is_shown_with_our_lines(run: Run) -> None:
    told = run("def test_it(vidgen):\n    vidgen.fault({1: {2}})").stdout.str()
    assert "connection.py" in told
