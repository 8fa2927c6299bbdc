"""`mockserver completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_kit import call
from click.testing import CliRunner
from serve_kit import ROOT

from mockserver.cli import COMMANDS, main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed_for_each_shell(shell: str) -> None:
    result = call("completion", shell)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"_MOCKSERVER_COMPLETE={shell}_complete" in result.stdout


@pytest.mark.parametrize(("words", "found"), [("mockserver ", set(COMMANDS)), ("mockserver serve --lo", {"--log"}),
                                              ("mockserver serve --log ", {"text", "json"})])  # fmt: skip
def test_commands_options_and_their_words_are_completed(words: str, found: set[str]) -> None:
    parts = words.split(" ")
    environment = {"_MOCKSERVER_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(parts) - 1)}
    lines = _completed(environment).splitlines()
    assert {line.partition(",")[2] for line in lines} == found


def _completed(environment: dict[str, str]) -> str:
    return CliRunner(env=environment).invoke(main, prog_name="mockserver").output


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not there")
def test_bash_completes_by_the_script(tmp_path: Path) -> None:
    command = tmp_path / "mockserver"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m mockserver "$@"\n')
    command.chmod(0o755)
    asked = 'COMP_WORDS=(mockserver com); COMP_CWORD=1; _mockserver_completion mockserver; echo "${COMPREPLY[@]}"'
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    shell = ["bash", "-c", f"{call('completion', 'bash').stdout}\n{asked}"]
    done = subprocess.run(shell, capture_output=True, text=True, env=environment, timeout=300)
    assert (done.stdout, done.stderr) == ("completion\n", "")
