"""The comparison of two commits runs, and measures what it says; how fast anything is, no test asserts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def against(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "bench" / "against.py"), *words, "--pairs=2", "--requests=16"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_a_checkout_is_compared_with_this_checkout() -> None:
    done = against(str(ROOT), "--without-sockets")
    assert done.returncode == 0, done.stderr
    figures = re.findall(r"^(GET|POST), connections: (\d) +\d+\.\d\d \[", done.stdout, re.MULTILINE)
    assert figures == [("GET", "1"), ("GET", "8"), ("POST", "1"), ("POST", "8")] * 2


def test_what_is_no_commit_is_named() -> None:
    done = against("no-such-commit")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == "no-such-commit is neither a commit of this repository nor a checkout of it"
