"""The tutorial of contracts/README.md, step by step: its commands print what it shows, and its test passes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from asking_kit import is_like
from check_kit import put
from click.testing import CliRunner
from tutorial_kit import BLOCK, tutorial

from mockserver.app import Mockserver, Settings
from mockserver.cli import main
from mockserver.clock import Clock
from mockserver.launch import start_app
from mockserver.loader import load_folder

INI = """[pytest]
mockserver_contracts = acme
addopts = -p no:schemathesis -p no:randomly -p no:xdist
"""
URL = "http://127.0.0.1:8000"


def test_its_commands_print_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    printed = ""
    with Server(tmp_path) as server:
        for language, where, text in BLOCK.findall(tutorial()):
            if language == "json":
                file, _, pointer = where.strip().partition(" ")
                _edit(tmp_path / "acme" / file, pointer, json.loads(text))
                server.close()
            elif language == "sh" and "serve " not in text:
                printed = _run(text, tmp_path, server)
            elif language == "text":
                assert is_like(" ".join(printed.split()), " ".join(text.split())), f"{printed}\nis not like\n{text}"
            elif language == "python":
                _tested(text, tmp_path)


class Server(ExitStack):
    """Serves the folder's contract, from the first request on until it is edited."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder, self.url = folder, ""

    def started(self) -> str:
        if not self.url:
            contract, found = load_folder(self.folder / "acme")
            assert contract is not None, found
            app = Mockserver([contract], Settings(clock=Clock("manual")))
            self.url = self.enter_context(start_app(app)).url
        return self.url

    def close(self) -> None:
        super().close()
        self.url = ""


def _edit(file: Path, pointer: str, value: object) -> None:
    document = json.loads(file.read_text())
    put(document, pointer, value)
    file.write_text(json.dumps(document))


def _run(script: str, folder: Path, server: Server) -> str:
    """What the commands of a block print."""
    if script.startswith("mockserver "):
        lines = [line.removesuffix(" || true").split()[1:] for line in script.splitlines()]
        return "".join(CliRunner().invoke(main, words).output for words in lines)
    url = server.started()
    command = ["bash", "-euc", script.replace(URL, url)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(url, URL)


def _tested(text: str, folder: Path) -> None:
    (folder / "test_acme.py").write_text(text)
    (folder / "pytest.ini").write_text(
        "[pytest]\nmockserver_contracts = acme\naddopts = -p no:schemathesis -p no:randomly -p no:xdist\n"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MOCKSERVER_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-q", "test_acme.py"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
