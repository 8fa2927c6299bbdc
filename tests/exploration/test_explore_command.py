"""`mockserver explore`, as users call it: clients that are a line of shell, in processes of their own."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_kit import call
from serve_kit import ROOT
from wire_kit import PATIENCE

from mockserver.cli.explored import Explored, tell_explored

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing: apt-get install curl")
LOOK = 'curl -sf -H "X-API-Key: demo-key" "$MOCKSERVER_URL/vidgen/api/status/none" > /dev/null || true'
HEALTH = 'curl -sSf "$MOCKSERVER_URL/vidgen/api/health"'
BUSY = '[{"fault": "status", "operation": "getHealth", "times": 1}]'


def client(script: str) -> tuple[str, ...]:
    return ("--", "sh", "-c", script)


def test_a_client_in_which_nothing_was_found_has_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    tell_explored(Explored("vidgen", 3, [], ((), ()), is_hopeless=False, was_interrupted=False), "text")
    assert capsys.readouterr().out == "3 runs of a client of vidgen: no failure\n"


def explored(*words: str, code: int = 0) -> dict[str, Any]:
    """What is told as JSON."""
    result = call("explore", "vidgen", "--format", "json", *words)
    assert result.exit_code == code, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_a_client_that_survives_everything_ends_with_0() -> None:
    told = explored("--runs", "4", *client(LOOK))
    assert told == {"api": "vidgen", "runs": 4, "interrupted": False, "found": []}


def test_a_failure_is_told_with_the_line_that_replays_it() -> None:
    script = f"{HEALTH} || kill -SEGV $$"
    told = explored("--replay", BUSY, *client(script), code=1)
    (found,) = told["found"]
    assert found["rule"] == "killed"
    assert found["sentence"] == "the command was ended by signal 11"
    assert any("getHealth" in line and "503" in line for line in found["evidence"])
    words = shlex.split(found["replay"])
    assert words[:2] == ["mockserver", "explore"]
    again = call("explore", *words[2:])
    assert again.exit_code == 1
    assert "killed: the command was ended by signal 11" in again.output
    assert f"replay: {found['replay']}" in again.output
    assert "3 runs of a client of vidgen: 1 kind of failure" in again.output  # nothing, and the replay, twice


def test_a_replay_repeats_the_options_that_matter() -> None:
    words = ("--seed", "7", "--clock", "x100", "--time-limit", "500", "--fails-with", "3", "--submits", "2")
    more = ("--map", "api.acme.example=vidgen", "--ignore", "took_half")
    told = explored(*words, *more, "--replay", BUSY, *client(f"{HEALTH} || exit 9"), code=1)
    (found,) = told["found"]
    assert found["rule"] == "crashed"
    for name, value in zip([*words, *more][::2], [*words, *more][1::2], strict=True):
        assert f"{name} {value} " in found["replay"]


def test_a_client_that_says_that_it_failed_is_let_off() -> None:
    assert explored("--fails-with", "3", "--replay", BUSY, *client(f"{HEALTH} || exit 3"))["found"] == []


def test_what_a_client_prints_is_shown_and_kept_from_standard_output() -> None:
    told = explored("--replay", BUSY, *client(f"{HEALTH} || {{ echo its last words >&2; kill -9 $$; }}"), code=1)
    assert "> its last words" in told["found"][0]["evidence"]


def test_a_client_that_never_ends_is_stopped_and_nothing_is_left_of_it(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"echo $$ >> {pids}; {HEALTH} || {{ setsid sleep 10000 & echo $! >> {pids}; sleep 10000; }}"
    told = explored("--clock", "x1000", "--replay", BUSY, *client(script), code=1)
    assert told["found"][0]["rule"] == "never_ended"
    assert told["found"][0]["where"] == "getHealth"
    assert "its own time goes no faster" in told["found"][0]["sentence"]
    for pid in pids.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_a_client_with_nothing_to_read_does_not_wait_for_input() -> None:
    assert explored("--runs", "1", *client(f"cat; {LOOK}"))["runs"] == 1


SLEEPER = """
import os, sys, time, urllib.request
time.sleep(600)
urllib.request.urlopen(os.environ["MOCKSERVER_URL"] + "/vidgen/api/health", timeout=30).close()
time.sleep(1e6 if "hang" in sys.argv else 600 * (os.environ["MOCKSERVER_RATE"] == "1000"))
"""


def test_time_of_a_client_in_python_goes_faster_too() -> None:
    told = explored("--runs", "1", "--clock", "x1000", "--time-limit", "200000", "--", sys.executable, "-c", SLEEPER)
    assert told["found"] == []
    told = explored("--clock", "x1000", "--", sys.executable, "-c", SLEEPER, "hang", code=1)
    assert [each["rule"] for each in told["found"]] == ["never_ended"]
    assert "its own time" not in told["found"][0]["sentence"]


def test_annotations_name_what_was_found() -> None:
    result = call("explore", "vidgen", "--format", "github", "--replay", BUSY, *client(f"{HEALTH} || kill -9 $$"))
    assert result.exit_code == 1
    assert "::error title=vidgen%3A killed::the command was ended by signal 9%0Areplay: mockserver" in result.output


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nix", "--", "true"], 2, "there is no API 'nix'"),
        (["vidgen"], 2, "Missing argument"),
        (["vidgen", "--clock", "manual", "true"], 2, "goes by itself"),
        (["vidgen", "--clock", "sundial", "true"], 2, "sundial"),
        (["vidgen", "--ignore", "took_hlf", "true"], 2, "took_half"),
        (["vidgen", "--fails-with", "0", "true"], 2, "1<=x<=125"),
        (["vidgen", "--map", "a.example", "true"], 2, "HOST=API"),
        (["vidgen", "--passthrough", "https://x.example", "true"], 2, "is no host to let through"),
        (["vidgen", "--replay", "stuck", "true"], 2, "a list of events"),
        (["vidgen", "--replay", "3", "true"], 2, "a list of events"),
        (["vidgen", "--replay", "[3]", "true"], 2, "which API"),
        (["vidgen", "--replay", '[{"fault": "stuk"}]', "true"], 2, "there is no fault 'stuk'"),
        (["vidgen", "--replay", '[{"api": "miraflow", "fault": "stuck"}]', "true"], 2, "another API"),
        (["vidgen", "--replay", '[{"fault": "status", "operation": "nix"}]', "true"], 2, "nix"),
        (["vidgen", "--time-limit", "nan", "true"], 2, "a number of seconds"),
        (["vidgen", "--time-limit", "inf", "true"], 2, "1<=x<=1000000"),
        (["vidgen", "--replay", '[{"plan": {"outcome": "NOWHERE"}}]', *client(LOOK)], 2, "cannot come true"),
        (["vidgen", "true"], 2, "made no request to vidgen"),
        (["vidgen", "/no/such/command"], 127, "cannot be run"),
        (["vidgen", "/etc/passwd"], 126, "cannot be run"),
    ],
)
def test_what_cannot_be_explored_ends_in_a_sentence(words: list[str], code: int, said: str) -> None:
    result = call("explore", *words)
    assert result.exit_code == code, result.output
    assert said in result.output
    assert "Traceback" not in result.output


# A run of tests in the background ignores SIGINT, and whatever it starts would inherit that.
COMMAND = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from mockserver.exploring import command
command.ENDING_SECONDS = 0.05
from mockserver.cli import main
main()
"""


@pytest.mark.parametrize("deaf", ["", "trap '' INT TERM; "], ids=["listens", "ignores signals"])
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 2), (signal.SIGTERM, 2)]
)
def test_whoever_ends_it_leaves_no_process_and_no_file(
    tmp_path: Path, number: signal.Signals, code: int, deaf: str
) -> None:
    begun, files = tmp_path / "begun", tmp_path / "files"
    os.mkfifo(begun)
    files.mkdir()
    script = f"{deaf}echo $$ > {begun}; exec sleep 10000"
    words = [sys.executable, "-c", COMMAND, "explore", "vidgen", "--", "sh", "-c", script]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(files), "GITHUB_ACTIONS": ""}
    reading, writing = os.pipe()  # everybody who is started holds its end: it is closed when all have ended
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "pass_fds": [writing], "text": True}
    with subprocess.Popen(words, env=env, **pipes) as process, os.fdopen(reading, "rb") as held:  # type: ignore[call-overload]
        os.close(writing)
        client = int(begun.read_text())
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE * 5)
        assert held.read() == b""
    assert process.returncode == code, errors
    assert [*files.iterdir()] == []
    with pytest.raises(ProcessLookupError):
        os.kill(client, 0)
    assert ("interrupted" in errors) == (number != signal.SIGKILL)
