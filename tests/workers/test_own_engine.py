"""The engine of `serve --workers`, where it cannot be had: what is said, and at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from serve_kit import ROOT


def refusal(**environment: str) -> str:
    """What a start says that ends with the exit code of a mistake."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--workers", "2"]
    ended = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    return ended.stderr


def program(folder: Path) -> str:
    """A PATH by which the engine is a program that ends at once."""
    made = folder / "valkey-server"
    made.write_text("#!/bin/sh\nexit 1\n")
    made.chmod(0o700)
    return os.pathsep.join([str(folder), os.environ["PATH"]])


def test_an_engine_that_ends_at_once_is_told_of(tmp_path: Path) -> None:
    told = f"an engine was started for the workers ({tmp_path / 'valkey-server'}), and ended at once"
    assert told in refusal(PATH=program(tmp_path))


def test_a_folder_whose_name_is_too_long_for_a_socket_is_named(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 30)
    long.mkdir()
    said = refusal(TMPDIR=str(long), PATH=program(tmp_path))
    assert "no socket may have so long a name as" in said
    assert str(long) in said
