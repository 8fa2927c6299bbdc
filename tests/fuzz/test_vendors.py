"""`fuzz` and `verify` against somebody else's server: a process of its own that keeps a journal of all it saw."""

from __future__ import annotations

import json
import re
import shlex
import socket
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from vendor_kit import CLIENT, KEY, MINE, Vendor, run, vendor

pytest.importorskip("schemathesis", reason="the extra `fuzz` is not installed")

from mockserver.cli import main


@pytest.fixture(scope="module")
def shared() -> Iterator[Vendor]:
    with vendor() as started:
        yield started


@pytest.fixture
def server(shared: Vendor) -> Iterator[Vendor]:
    shared.sandbox.tell("POST", "reset")
    shared.sandbox.tell("PUT", "limits", on=False)
    yield shared
    shared.sandbox.tell("POST", "reset")


def asked(*words: str, **environment: str) -> tuple[int, str]:
    """A command line of ours in this process, which is faster: its exit code, and all it said."""
    result = CliRunner().invoke(main, words, env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


# Nothing is sent that was not allowed -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["fuzz", "verify"])
def test_without_a_word_that_the_account_is_ones_own_nothing_is_sent(server: Vendor, command: str) -> None:
    code, said = asked(command, "vidgen", "--url", server.url("vidgen"), **KEY)
    assert code == 2
    assert MINE in said
    assert [(e.method, e.path, e.status) for e in server.asked()] == []


@pytest.mark.parametrize("command", ["fuzz", "verify"])
def test_without_credentials_nothing_is_sent(server: Vendor, command: str) -> None:
    code, said = asked(command, "vidgen", "--url", server.url("vidgen"), MINE)
    assert code == 2
    assert "wants an API key: give --api-key or set MOCKSERVER_API_KEY" in said
    assert [(e.method, e.path, e.status) for e in server.asked()] == []


@pytest.mark.parametrize("command", ["fuzz", "verify"])
@pytest.mark.parametrize(
    ("api", "words", "said"),
    [
        ("vidgen", ["--api-key", "wrong"], "refuses these credentials: GET /api/jobs was answered 401"),
        ("mirrago", ["--client-id", "wrong", "--client-secret", "x"], "gave no token: 401"),
        ("mirrago", ["--token", "wrong"], "refuses these credentials: GET"),
    ],
)
def test_wrong_credentials_are_told_after_one_request(
    server: Vendor, command: str, api: str, words: list[str], said: str
) -> None:
    code, told = asked(command, api, "--url", server.url(api), MINE, *words)
    assert code == 2
    assert said in told
    assert len(server.asked()) == 1


@pytest.mark.parametrize("command", ["fuzz", "verify"])
@pytest.mark.parametrize("api", ["vidgen", "mirrago"])
def test_a_server_that_is_not_there_is_told_at_once(command: str, api: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        code, said = asked(command, api, "--url", f"http://127.0.0.1:{taken.getsockname()[1]}/{api}")
    assert code == 2
    assert "does not answer: ConnectionRefusedError" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fuzz", "vidgen", "--url", "vendor.example"], "is no URL of a server; write https://host"),
        (["verify", "vidgen", "--url", "vendor.example"], "is no URL of a server; write https://host"),
        (["verify", "vidgen"], "verify needs --url: where vidgen is"),
        (["verify", "vidgen", "--url", "http://127.0.0.1:1", "--operation", "no"], "has no operation 'no'; "),
        (["fuzz", "vidgen", "--junit", "no/such/report.xml"], "there is no folder no/such"),
        (["verify", "vidgen", "--url", "http://127.0.0.1:1", "--json", "no/such/x.json"], "there is no folder no/such"),
        (["fuzz", "vidgen", "--phase", "examples", "--operation", "getHealth"], "nothing was asked"),
    ],
)
def test_wrong_words_are_told_with_the_remedy(words: list[str], said: str) -> None:
    code, told = asked(*words)
    assert code == 2
    assert said in told


@pytest.mark.parametrize("command", ["fuzz", "verify"])
def test_the_help_names_the_environment_and_the_price(command: str) -> None:
    _, said = asked(command, "--help")
    assert "MOCKSERVER_API_KEY" in said
    assert re.search(r"at the\s+account's cost", said)
    assert said.index("--url") < said.index("--max-jobs")


# Never more paid jobs ---------------------------------------------------------------------------------------------

IMAGES = ("--operation", "generateImage", "--max-examples", "6")


def jobs(server: Vendor) -> int:
    return len(server.sandbox.api("mirrago").jobs)


def test_no_more_jobs_are_paid_than_allowed(server: Vendor) -> None:
    words = ("mirrago", "--url", server.url("mirrago"), MINE, "--max-jobs", "2", *IMAGES)
    code, said = asked("fuzz", *words, **CLIENT)
    assert code == 0, said
    assert "requests withheld: --max-jobs was reached" in said
    assert jobs(server) == 2


def test_a_job_whose_answer_was_lost_is_counted(server: Vendor) -> None:
    server.sandbox.api("mirrago").fault("answer_lost", operation="generateImage")
    words = ("mirrago", "--url", server.url("mirrago"), MINE, "--max-jobs", "1", *IMAGES)
    _, said = asked("fuzz", *words, "--phase", "examples", "--phase", "coverage", **CLIENT)
    assert "requests withheld" in said
    assert jobs(server) == 1


def test_verify_pays_no_more_either(server: Vendor) -> None:
    code, said = asked("verify", "miragic", "--url", server.url("miragic"), MINE, "--max-jobs", "0", **KEY)
    assert code == 0, said
    assert "not walked: 0 paid jobs were created; --max-jobs allows no more" in said
    assert server.sandbox.api("miragic").jobs == []


# Pace, time, reports ----------------------------------------------------------------------------------------------


@pytest.fixture
def narrow(tmp_path: Path) -> Path:
    """A contract that allows three requests a second."""
    assert asked("new", "acme", "--into", str(tmp_path))[0] == 0
    file = tmp_path / "acme" / "behavior.json"
    behavior = json.loads(file.read_text())
    behavior["limits"] = [{"name": "requests", "per": "account", "operations": "*", "limit": 3, "window": 1}]
    file.write_text(json.dumps(behavior))
    return tmp_path / "acme"


def test_the_pace_is_the_one_that_rate_limit_headers_ask_for(narrow: Path) -> None:
    with vendor("--contracts", str(narrow)) as server:
        words = ("acme", "--contracts", str(narrow), "--url", server.url("acme"), MINE)
        code, said = asked("fuzz", *words, "--phase", "examples", "--max-examples", "4", **KEY)
        entries = server.asked()
    assert code == 0, said
    assert len(entries) > 3  # more than one window has
    assert 429 not in {entry.status for entry in entries}


@pytest.mark.parametrize("phase", ["fuzzing", "journeys"])
def test_time_that_is_over_ends_a_run(server: Vendor, phase: str) -> None:
    server.sandbox.tell("PUT", "scenario", api="miragic", scenario="slow")
    words = ("miragic", "--url", server.url("miragic"), MINE, "--max-examples", "5000", "--max-time", "2")
    code, said = asked("fuzz", *words, "--phase", phase, **KEY)
    assert code == 0, said
    assert "miragic: stopped by --max-time" in said


@pytest.fixture
def broken(server: Vendor) -> Vendor:
    server.sandbox.api("miragic").fault("status", operation="getSpeedPaintingJob", status=500)
    return server


def test_the_line_that_replays_a_failure_finds_it_again_when_it_is_pasted(broken: Vendor, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    words = ("miragic", "--url", broken.url("miragic"), MINE, "--max-jobs", "4", "--max-examples", "2")
    code, said = asked("fuzz", *words, "--phase", "coverage", "--junit", str(report), **KEY)
    assert code == 1
    line = next(each for each in said.splitlines() if each.startswith("replay: "))
    again = run(*shlex.split(line.removeprefix("replay: "))[1:], **KEY)
    failure = "miragic getSpeedPaintingJob, not_a_server_error (coverage)"
    assert failure in said
    assert failure in again.stdout
    assert again.returncode == 1
    failures = {case.get("name"): case.find("failure") for case in ET.parse(report).getroot().iter("testcase")}
    told = failures["getSpeedPaintingJob"]
    assert told is not None
    assert line.removeprefix("replay: ") in str(told.text)
    assert failures["createSpeedPainting"] is None
