"""`mockserver exec`, as users call it: a process of its own, around a command that knows nothing of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from check_kit import good, write
from cli_kit import call
from proxy_kit import Tool
from serve_kit import ROOT
from wire_kit import PATIENCE

from mockserver.live import LiveReply

VIDGEN = ("--map", "api.acme.example=vidgen")


def run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What comes of it."""
    command = [sys.executable, "-m", "mockserver", "exec", *words]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "GITHUB_ACTIONS": "", **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE * 5)


CLIENT = """
curl -sS -o /dev/null https://api.acme.example/api/health || exit 3
curl -sS -o /dev/null https://api.acme.example/api/nothing || exit 4
curl -sS https://elsewhere.example/ 2> /dev/null && exit 5
curl -sSf $MOCKSERVER_URL/_mock/health
"""


def test_a_run_is_told_of_at_its_end_and_fails_on_what_is_wished(tmp_path: Path) -> None:
    assert Tool("curl", "curl").path
    file = tmp_path / "report.json"
    done = run(*VIDGEN, "--fail-on", "violations", "--report", file, "--", "sh", "-c", CLIENT, TMPDIR=str(tmp_path))
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == "ok"
    for told in ("Mocked: api.acme.example (2)", "Refused: elsewhere.example:443 (1)", "1 request broke a contract",
                 "Conduct: nothing", "operations called"):  # fmt: skip
        assert told in done.stderr, done.stderr
    report = json.loads(file.read_text())
    assert report["exit_code"] == 0
    assert report["hosts"]["mocked"] == {"api.acme.example": 2}
    assert [each["api"] for each in report["violations"]] == ["vidgen"]
    assert report["coverage"]["vidgen"]["called"]
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


def test_an_exit_code_of_the_command_goes_before_what_is_wished() -> None:
    done = run("--fail-on", "unmocked", "--fail-on", "conduct", "sh", "-c", "curl -s https://elsewhere.example; exit 7")
    assert done.returncode == 7
    assert "no host of a contract was asked for" in done.stderr


def test_the_suite_of_the_example_in_node_passes() -> None:
    suite = ROOT / "examples" / "node" / "miragic.test.mjs"
    judged = ("--fail-on", "violations", "--fail-on", "unmocked")
    done = run("--clock", "x600", *judged, "--", Tool("node", "nodejs").path, "--test", suite)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 3" in done.stdout
    assert "Mocked: backend.miragic.ai (" in done.stderr


def test_the_suite_of_the_example_in_go_passes(tmp_path: Path) -> None:
    suite = f"cd {ROOT / 'examples' / 'go'} && {Tool('go', 'golang-go').path} test -count=1 -v ./..."
    judged = ("--fail-on", "violations", "--fail-on", "unmocked")
    done = run("--clock", "x600", *judged, "--", "sh", "-c", suite, GOCACHE=str(tmp_path), GOPROXY="off")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("--- PASS") == 3
    assert "Mocked: backend.miragic.ai (" in done.stderr


def test_a_killed_run_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "mockserver", "exec", "--", "sh", "-c", "setsid sleep 10000 & echo $! $$; wait"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        (folder,) = tmp_path.iterdir()
        assert "PRIVATE KEY" not in "".join(each.read_text("latin-1") for each in folder.rglob("*") if each.is_file())
        assert folder.stat().st_mode & 0o777 == 0o700
        process.kill()
        process.communicate(timeout=PATIENCE * 5)
    assert process.returncode == -signal.SIGKILL
    assert [*tmp_path.iterdir()] == []
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_run_whose_input_and_output_are_closed_ends_as_its_command() -> None:
    command = [sys.executable, "-m", "mockserver", "exec", "sh", "-c", "exit 7"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    closed = subprocess.run(["sh", "-c", 'exec "$@" <&- >&-', "sh", *command], env=env, timeout=PATIENCE * 5)
    assert closed.returncode == 7


def test_a_reader_of_the_report_who_left_does_not_change_the_exit_code() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "mockserver", "exec", "sh", "-c", "exit 7"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    try:
        assert subprocess.run(command, env=env, stderr=writing, timeout=PATIENCE * 5).returncode == 7
    finally:
        os.close(writing)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--clock", "sundial", "true"], "sundial"),
        (["--no-such-option", "true"], "No such option"),
        ([], "Missing argument"),
        (["--map", "a.example", "true"], "HOST=API"),
        (["--map", "a.example=nix", "true"], "there is no API 'nix'"),
        (["--map", "http://a.example=vidgen", "true"], "is no host"),
        (["--passthrough", "https://pypi.org", "true"], "is no host to let through"),
        (["--scenario", "nix=slow", "true"], "there is no API 'nix'"),
        (["--fail-on", "rain", "true"], "rain"),
        (["--report", "/nonexistent/x.json", "true"], "there is no folder"),
    ],
)
def test_a_failure_of_ours_ends_with_125(words: list[str], said: str) -> None:
    result = call("exec", *words)
    assert result.exit_code == 125, result.output
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_command_that_is_not_there_ends_with_127(tmp_path: Path) -> None:
    contract = write(tmp_path / "acme", good())
    result = call("exec", "--contracts", contract, "--", "/no/such/command", "--help")
    assert result.exit_code == 127
    assert "'/no/such/command' cannot be run" in result.output


@pytest.mark.parametrize(
    ("wanted", "ended", "code"),
    [([], 7, 7), ([], 0, 0), (["--fail-on", "violations"], 0, 125), (["--fail-on", "conduct"], 7, 7),
     (["--fail-on", "unmocked"], 0, 0)],
)  # fmt: skip
def test_a_server_that_does_not_tell_takes_no_exit_code_and_nothing_from_the_rest(
    wanted: list[str], ended: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    def silent(*_: object, timeout: float, **__: object) -> LiveReply:
        waited.append(timeout)
        return LiveReply(0, {}, b"timed out")

    monkeypatch.setattr("mockserver.cli.report.fetch", silent)
    result = call("exec", *wanted, "--", "sh", "-c", f"exit {ended}")
    assert result.exit_code == code, result.output
    assert f"ended with {ended}" in result.output
    assert "no host of a contract was asked for" in result.output
    assert "how the client behaved cannot be told: http://127.0.0.1:" in result.output
    assert "timed out" in result.output
    assert "Conduct: nothing" not in result.output
    assert waited == [300.0]


def test_what_a_server_does_not_tell_is_no_whole_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.cli.report.fetch", lambda *_, **__: LiveReply(0, {}, b"timed out"))
    file = tmp_path / "report.json"
    result = call("exec", "--report", file, "--", "sh", "-c", "exit 0")
    assert result.exit_code == 125, result.output
    report = json.loads(file.read_text())
    assert report["exit_code"] == 0
    assert "timed out" in report["untold"]
