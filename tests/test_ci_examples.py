"""What stands in the examples for CI and in the container's files is what the commands and the server understand."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

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
    assert {words[1] for words in used} == {"fuzz", "serve", "report"}
    for words in used:
        if words[1] in COMMANDS:
            assert {word for word in words if word.startswith("--")} <= options_of(words[1])


def test_github_runs_two_jobs_with_limits() -> None:
    jobs: dict[str, Any] = yaml.safe_load(CI[0].read_text())["jobs"]
    assert set(jobs) == {"contracts", "consumer"}
    assert all(job["timeout-minutes"] <= 15 for job in jobs.values())


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
        words = [sys.executable, option, program.replace("127.0.0.1:8000", f"127.0.0.1:{port}")]
        return subprocess.run(words, capture_output=True, timeout=300).returncode

    with start(control_token="choose-one") as server:
        assert check(server.port) == 0
    assert check(server.port) == 1


def test_the_server_in_the_image_is_started_with_options_that_there_are() -> None:
    words = json.loads(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.M)[-1])
    assert {word for word in words if word.startswith("--")} <= options_of(words[0])


def test_compose_publishes_to_this_machine_alone_and_wants_a_token() -> None:
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["mockserver"]
    assert service["ports"] == ["127.0.0.1:8000:8000"]
    assert ":?" in service["environment"]["MOCKSERVER_CONTROL_TOKEN"]
