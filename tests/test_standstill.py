"""A run of tests that stands still is ended, and says where it stood."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
import standstill
from standstill import Watch

HANGS = """
import faulthandler, subprocess, sys, threading
faulthandler.enable(sys.stdout)
if sys.argv[1:]:
    print("ready", flush=True)
    def hang_here(): threading.Event().wait()
    hang_here()
subprocess.run([sys.executable, "-c", SOURCE, "child"])
threading.Event().wait()  # it does not end by itself although the other has
"""


def started(source: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", f"SOURCE = {source!r}\n{source}"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.skipif(sys.platform != "linux", reason="what has started what is read from /proc")
def test_a_run_that_stands_still_is_ended_with_all_it_has_started(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standstill, "GRACE_SECONDS", 0.3)
    with started(HANGS) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with Watch(process, seconds=0.01).watching():
            said = process.stdout.read()  # to its end: nobody is left who could write
    assert process.returncode == -signal.SIGABRT
    assert "hang_here" in said
    table = capfd.readouterr().out.splitlines()[1:]
    assert [line.split()[1] for line in table] == ["S", "S"]
    assert table[0].startswith(f"{process.pid} S ")


def test_a_run_that_goes_on_is_left_alone() -> None:
    with started("for n in range(50): print(n, flush=True)") as process:
        watch = Watch(process)
        assert process.stdout is not None
        with watch.watching():
            for _ in process.stdout:
                watch.heard()
    assert process.returncode == 0
