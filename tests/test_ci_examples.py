"""What stands in the examples for CI and in the container's files is what the commands and the server understand."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from mockserver import start
from mockserver.cli import COMMANDS, main

yaml = pytest.importorskip("yaml", reason="it comes with the extra `fuzz`")

ROOT = Path(__file__).resolve().parent.parent
CI = [ROOT / "examples" / "ci" / name for name in ("github-actions.yml", "gitlab-ci.yml")]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def commands(path: Path) -> Iterator[list[str]]:
    """Every command line of ours in a file, in words."""
    for line in path.read_text().splitlines():
        found = re.match(r"\s*(?:- |run: |- run: )*(mockserver .*?)&?$", line)
        if found:
            yield shlex.split(found[1])


def options_of(command: str) -> set[str]:
    found = main.get_command(click.Context(main), command)  # type: ignore[attr-defined]
    return {word for parameter in found.params for word in parameter.opts}


@pytest.mark.parametrize("path", CI, ids=lambda path: path.name)
def test_a_pipeline_runs_commands_that_there_are(path: Path) -> None:
    assert yaml.safe_load(path.read_text())
    used = list(commands(path))
    assert {words[1] for words in used} == {"fuzz", "serve", "report", "exec"}
    for words in used:
        if words[1] in COMMANDS:
            own = words[: words.index("--")] if "--" in words else words
            assert {word for word in own if word.startswith("--")} <= options_of(words[1])


def gate(path: Path) -> list[str]:
    """The words of the command that holds the coverage, without the server's address."""
    words = next(words for words in commands(path) if words[1] == "report")
    return [word for word in words[1:] if "://" not in word]


@pytest.mark.slow
def test_the_gate_of_the_examples_is_green_on_the_example_clients() -> None:
    tests = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider"]
    with start() as server:
        there = [f"--mockserver-url={server.url}", str(ROOT / "examples" / "clients")]
        done = subprocess.run([*tests, *there], cwd=ROOT, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout
        for path in CI:
            result = CliRunner().invoke(main, [*gate(path), server.url])
            assert result.exit_code == 0, result.output


def test_github_runs_three_jobs_with_limits() -> None:
    jobs: dict[str, Any] = yaml.safe_load(CI[0].read_text())["jobs"]
    assert set(jobs) == {"contracts", "consumer", "any-language"}
    assert all(job["timeout-minutes"] <= 15 for job in jobs.values())


ACTION = ROOT / "action.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"


def test_the_action_checks_the_contracts_that_it_is_told_of(tmp_path: Path) -> None:
    """Its last step, as a runner of GitHub starts it: a bash that ends at the first failure."""
    action = yaml.safe_load(ACTION.read_text())
    assert action["runs"]["using"] == "composite"
    *_, check = action["runs"]["steps"]
    assert check["env"] == {"CONTRACTS": "${{ inputs.contracts }}"}
    command = tmp_path / "mockserver"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m mockserver "$@"\n')
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}

    def run(contracts: str) -> subprocess.CompletedProcess[str]:
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", check["run"]]
        there = {**environment, "CONTRACTS": contracts}
        return subprocess.run(words, env=there, cwd=ROOT, capture_output=True, text=True, timeout=300)

    assert run("contracts").returncode == 0
    (tmp_path / "acme").mkdir()
    for name in ("openapi.json", "behavior.json"):
        (tmp_path / "acme" / name).write_text("{")
    found = run(f"contracts {tmp_path / 'acme'}")
    assert found.returncode == 1
    assert f"::error file={tmp_path.as_posix()}/acme/openapi.json,line=1," in found.stdout


def test_every_input_of_the_action_is_used_and_every_used_one_declared() -> None:
    text = ACTION.read_text()
    declared = set(yaml.safe_load(text)["inputs"])
    assert set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", text)) == declared


def test_the_hook_is_called_with_files_that_the_command_takes() -> None:
    (hook,) = yaml.safe_load(HOOKS.read_text())
    assert {"id", "name", "entry", "language"} <= hook.keys()
    wanted = re.compile(hook["files"])
    files = [*ROOT.glob("contracts/*/*.json"), ROOT / "contracts" / "behavior.schema.json"]
    chosen = [str(file) for file in files if wanted.search(file.relative_to(ROOT).as_posix())]
    assert len(chosen) == 2 * len(list(ROOT.glob("contracts/*/openapi.json")))
    result = CliRunner().invoke(main, [*shlex.split(hook["entry"])[1:], *chosen])
    assert result.exit_code == 0, result.output


def test_the_image_runs_as_nobody_and_knows_its_health() -> None:
    assert re.search(r"^USER (?!0|root)\S+$", DOCKERFILE, re.M)
    assert "slim" in DOCKERFILE
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.M)
    assert all((ROOT / name).exists() for line in copied for name in line.split() if name != "README.md")
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert all(f"!{name}" in ignored for line in copied for name in line.split())


def test_the_health_check_tells_a_server_that_answers_from_one_that_is_gone() -> None:
    found = re.search(r"^  CMD (\[.*\])$", DOCKERFILE, re.M)
    assert found is not None
    _, option, program = json.loads(found[1])

    def check(port: int) -> int:
        environment = {**os.environ, "MOCKSERVER_PORT": str(port)}
        return subprocess.run(
            [sys.executable, option, program], env=environment, capture_output=True, timeout=300
        ).returncode

    with start(control_token="choose-one") as server:
        assert check(server.port) == 0
    assert check(server.port) == 1


def test_the_server_in_the_image_is_set_up_by_variables_that_others_go_before() -> None:
    assert json.loads(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.M)[-1]) == ["serve"]
    said = re.findall(r"(MOCKSERVER_\w+)=", "".join(re.findall(r"^ENV .*$", DOCKERFILE, re.M)))
    assert {"MOCKSERVER_HOST", "MOCKSERVER_PORT", "MOCKSERVER_PUBLIC_URL"} == {*said}
    assert {f"--{name.removeprefix('MOCKSERVER_').lower().replace('_', '-')}" for name in said} <= options_of("serve")


def test_compose_publishes_to_this_machine_alone_and_wants_a_token() -> None:
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["mockserver"]
    assert service["ports"] == ["127.0.0.1:8000:8000"]
    assert ":?" in service["environment"]["MOCKSERVER_CONTROL_TOKEN"]
