"""Failures that explain themselves: broken contracts, the journal of a failing test, JUnit, late requests."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from plugin_kit import Run

from mockserver import start
from mockserver.testing.findings import Findings
from mockserver.testing.report import coverage_lines

SWALLOWS = """
def careless(vidgen):
    httpx.post(f"{vidgen.url}/api/jobs", files={"image": IMAGE}, headers={"X-API-Key": vidgen.api_key})
"""


def test_a_request_that_breaks_the_contract_fails_the_test_though_the_client_swallowed_the_400(run: Run) -> None:
    result = run(SWALLOWS + "def test_it(vidgen): careless(vidgen)\n")
    result.assert_outcomes(failed=1)  # in the call phase: no error of setup or teardown
    result.stdout.fnmatch_lines(["*A request broke the contract:", "*vidgen createJob (POST /api/jobs) /audio: *"])
    result.stdout.no_fnmatch_line("*judgement.py*")


@pytest.mark.parametrize(
    "call",
    [
        'httpx.get(vidgen.url + "/api/nowhere")',
        'httpx.put(vidgen.url + "/api/jobs", headers={"X-API-Key": vidgen.api_key})',
        'httpx.post(vidgen.url + "/api/jobs", json={}, headers={"X-API-Key": vidgen.api_key})',
        'httpx.get(vidgen.url + "/api/jobs?limit=0", headers={"X-API-Key": vidgen.api_key})',
    ],
)
def test_paths_methods_media_types_and_parameters_are_the_contracts(run: Run, call: str) -> None:
    result = run(f"def test_it(vidgen): {call}\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*A request broke the contract:", "*vidgen *"])


@pytest.mark.parametrize(
    "call",
    [
        'httpx.get(vidgen.url + "/api/jobs")',
        'httpx.get(vidgen.url + "/api/jobs", headers={"X-API-Key": "nobody"})',
        'httpx.get(vidgen.url + "/api/status/nothing", headers={"X-API-Key": vidgen.api_key})',
        "submit(vidgen), submit(vidgen)",
    ],
)
def test_credentials_existence_and_state_are_no_violations(run: Run, call: str) -> None:
    run(f"def test_it(vidgen): {call}\n").assert_outcomes(passed=1)


def test_violations_may_be_meant(run: Run) -> None:
    result = run(
        SWALLOWS
        + """
def test_one_call(vidgen):
    with vidgen.violations.off():
        careless(vidgen)
    assert [v.pointer for v in vidgen.violations] == ["/audio"]

def test_only_that_call(vidgen):
    with vidgen.violations.off():
        careless(vidgen)
    careless(vidgen)

@pytest.mark.mockserver(contract_violations="off")
def test_marked(vidgen):
    careless(vidgen)

@pytest.mark.mockserver(contract_violations="off")
def test_marked_but_for_one(vidgen):
    careless(vidgen)
    with vidgen.violations.fail():
        careless(vidgen)

def test_another_apis_context_does_not_count(vidgen, mirrago):
    with mirrago.violations.off():
        careless(vidgen)
""",
        "-v",
    )
    result.assert_outcomes(passed=2, failed=3)
    result.stdout.fnmatch_lines(
        [
            "*::test_one_call PASSED*",
            "*::test_only_that_call FAILED*",
            "*::test_marked PASSED*",
            "*::test_marked_but_for_one FAILED*",
            "*::test_another_apis_context_does_not_count FAILED*",
        ]
    )


def test_violations_may_warn(run: Run) -> None:
    result = run(SWALLOWS + "def test_it(vidgen): careless(vidgen)\n", ini="mockserver_contract_violations = warn\n")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*MockserverWarning: A request broke the contract:", "*/audio: *"])


def test_a_violation_turns_an_expected_failure_into_one(run: Run) -> None:
    result = run(SWALLOWS + "@pytest.mark.xfail(strict=True)\ndef test_it(vidgen): careless(vidgen)\n")
    result.assert_outcomes(xfailed=1)


def test_a_failing_test_shows_the_journal_and_what_replays_it(run: Run) -> None:
    result = run("""
def test_it(vidgen):
    job = submit(vidgen).json()["jobId"]
    vidgen.clock.advance(3)
    assert look(vidgen, job)["status"] == "LOST"

def test_fine(vidgen):
    submit(vidgen)
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*Captured stdout mockserver journal*",
            "sandbox s-*, clock 1000000003.000",
            "seed 'test_it.py::test_it'; to replay: pytest 'test_it.py::test_it'",
            "   1 1000000000.000 vidgen.createJob  POST /api/jobs  201 PENDING",
            "   2 1000000003.000 vidgen.getStatus  GET /api/status/*  200 *",
        ]
    )
    assert str(result.stdout).count("Captured stdout mockserver journal") == 1


@pytest.mark.parametrize("logging", ["no", "system-out", "all"])
def test_junit_gets_the_journal_once(run: Run, pytester: pytest.Pytester, logging: str) -> None:
    source = "def test_it(vidgen):\n    submit(vidgen)\n    print('said')\n    assert 0\n"
    run(source, "--junitxml=out.xml", ini=f"junit_logging = {logging}\n").assert_outcomes(failed=1)
    outputs = [e.text or "" for e in ElementTree.parse(pytester.path / "out.xml").iter("system-out")]
    assert len(outputs) == 1
    assert outputs[0].count("vidgen.createJob") == 1
    assert ("said" in outputs[0]) == (logging != "no")


def test_a_poller_that_outlives_its_test_is_answered_410_and_named(run: Run) -> None:
    result = run("""
left = []

def test_leaves_a_poller(vidgen):
    left.append(vidgen)

def test_after_it(vidgen):
    for _ in range(3):
        answer = httpx.get(f"{left[0].url}/api/status/x", headers={"X-API-Key": left[0].api_key})
        assert answer.status_code == 410
""")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*requests after their test had ended*",
            "test_it.py::test_leaves_a_poller: GET /vidgen/api/status/x (3 times) *410*",
        ]
    )


def test_bad_conduct_is_told_where_the_server_judges_it(run: Run) -> None:
    source = """
from mockserver.steering import SandboxHandle

FOUND = [{"rule": "no_backoff", "sentence": "5 requests in a second", "api": "vidgen"}]
real = SandboxHandle.ask_if_known
SandboxHandle.ask_if_known = lambda self, *path: FOUND if path == ("conduct",) else real(self, *path)

def test_it(vidgen):
    assert [f.rule for f in vidgen.conduct] == ["no_backoff"]

def teardown_module():
    SandboxHandle.ask_if_known = real
"""
    run(source).assert_outcomes(passed=1)
    result = run(source, ini="mockserver_conduct = fail\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*The client behaved badly:", "*vidgen no_backoff: 5 requests in a second"])
    run(source, ini="mockserver_conduct = warn\n").assert_outcomes(passed=1, warnings=1)


def test_coverage_is_summed_up_as_the_report_counts_it(run: Run) -> None:
    result = run(
        """
import subprocess, sys

def test_it(vidgen, mockserver):
    job = submit(vidgen).json()["jobId"]
    httpx.get(f"{vidgen.url}/api/status/{job}", headers={"X-API-Key": vidgen.api_key})
    command = [sys.executable, "-m", "mockserver", "report", mockserver.url]
    print(subprocess.run(command, capture_output=True, text=True).stdout)
""",
        "-s",
    )
    result.assert_outcomes(passed=1)
    reported, summed = [line for line in result.outlines if line.startswith("vidgen: ")]
    assert "2 of 7 operations called" in reported
    counted, never = summed.split("; never: ")
    assert (counted, never.startswith("getStatus 200 PROCESSING, ")) == (reported, True)
    result.stdout.no_fnmatch_line("mirrago: *")


def test_what_two_servers_of_a_run_have_seen_is_one_count() -> None:
    row = {"api": "a", "operation": "get", "example": "ok", "status": 200, "kind": "state", "evidence": "assumed"}
    one, other = Findings(), Findings()
    one.add_coverage(
        [{**row, "answers": 0, "needs": "operation"}, {**row, "example": "b", "answers": 1, "needs": "nothing"}]
    )
    other.add_coverage(
        [{**row, "answers": 2, "needs": "nothing"}, {**row, "example": "b", "answers": 0, "needs": "operation"}]
    )
    one.add(other.told())
    assert [*coverage_lines(one)] == ["a: 100 % seen of what its calls can meet (2 of 2); 1 of 1 operations called"]


CONTROLS = """
def test_it(vidgen):
    for code in ("%EF%BF%BE", "%EF%BF%BF", "%EF%B7%90", "%C2%9B", "%E2%80%AE", "%E2%80%A8", "%C2%85"):
        httpx.get(f"{vidgen.url}/api/{code}")
        httpx.get(f"{vidgen.url}/api/status/{code}", headers={"X-API-Key": vidgen.api_key})
    httpx.post(f"{vidgen.url}/api/jobs", json={"\\uffff\\x1b": "\\x9b"}, headers={"X-API-Key": vidgen.api_key})
    vidgen.journal.wait_for(99, timeout=0)
"""


@pytest.mark.parametrize("logging", ["no", "all"])
def test_junit_and_terminal_hold_no_controls_that_a_client_sent(
    run: Run, pytester: pytest.Pytester, logging: str
) -> None:
    result = run(CONTROLS, "--junitxml=out.xml", ini=f"junit_logging = {logging}\n")
    result.assert_outcomes(failed=1)
    report = pytester.path / "out.xml"
    ElementTree.parse(report)
    for text in (result.stdout.str(), report.read_text("utf-8")):
        assert "\\u202e" in text
        assert not set(text) & set("\ufffe\uffff\ufdd0\x9b\u202e\u2028\x85\x1b")


CLOSES = """
def test_quietly(sandbox, vidgen, webhook_inbox, fast_forward, intercept): sandbox.close()

def test_by_another_hand(mockserver, sandbox): mockserver.control.request("DELETE", "sandboxes", sandbox.name)

def test_after_a_breach(sandbox, vidgen):
    careless(vidgen)
    sandbox.close()
"""


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_a_test_that_closes_its_own_sandbox_is_judged_by_what_was_before(run: Run, is_elsewhere: bool) -> None:
    with start() as server:
        result = run(SWALLOWS + CLOSES, *([f"--mockserver-url={server.url}"] if is_elsewhere else []))
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*A request broke the contract:", "*createJob*POST /api/jobs*400*"])
