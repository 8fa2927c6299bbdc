"""Where a recording cannot be written is said before the command runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli.record import record
from mockserver.errors import UsageError


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def access(path: Path, mode: int) -> bool:  # whoever runs the tests may write everywhere
        asked.append(path)
        return not mode & os.W_OK

    monkeypatch.setattr(os, "access", access)
    ran = CliRunner().invoke(
        record, ["--upstream", "https://a.example", "--out", str(tmp_path / "a.har"), "--", "no-such-command"]
    )
    assert isinstance(ran.exception, UsageError)
    assert "cannot be written" in str(ran.exception)
    assert asked == [tmp_path.resolve()]
