"""Clients under test against two processes over one state, as users run them: pytest names the server by its URL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_kit import found, running_engine
from serve_kit import ROOT, Served, serving

pytestmark = pytest.mark.slow
PROGRAMS = found()
TESTS = """
import careful
import naive
import pytest
from mockserver import samples
from pytest_plugin import explore

IMAGE, AUDIO = samples.path("portrait.png").read_bytes(), samples.path("voice.mp3").read_bytes()


@explore("vidgen", max_examples=8, raises=(careful.VideoError,))
def test_careful(vidgen):
    careful.make_video(vidgen.url, vidgen.api_key, IMAGE, AUDIO)


@explore("vidgen", max_examples=8, raises=(RuntimeError,))
def test_naive(vidgen):
    naive.make_video(vidgen.url, vidgen.api_key, IMAGE, AUDIO)


def test_in_virtual_time(vidgen, fast_forward):
    vidgen.next_job(queued=5, running=600)
    assert careful.make_video(vidgen.url, vidgen.api_key, IMAGE, AUDIO, patience=3600)
    assert vidgen.clock.now() > 1e9 + 600
"""


@pytest.fixture(scope="module", params=sorted(PROGRAMS)[:1])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with (
        running_engine(PROGRAMS[request.param]) as engine,
        serving("--store", engine.url, "--workers", "2", "--quiet") as running,
    ):
        yield running


def test_clients_are_explored_over_two_workers_as_over_one(served: Served, tmp_path: Path) -> None:
    (tmp_path / "test_clients.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=short"]
    path = os.pathsep.join([str(ROOT), str(ROOT / "examples" / "clients"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*command, f"--mockserver-url={served.url}", "test_clients.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "1 failed, 2 passed" in done.stdout.splitlines()[-1], done.stdout[-3000:]
    assert "kinds of failure in 8" in done.stdout, "the naive one is broken by several things"
