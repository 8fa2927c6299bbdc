"""The built wheel in a fresh virtual environment: the plugin registers itself, and the contracts are there."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from plugin_kit import INI, QUIET, ROOT, SUBMIT

SOURCE = """
from submit_kit import *
import time
import mockserver.samples, pytest_plugin

def test_it(pytestconfig, vidgen, webhook_inbox, fast_forward, intercept):
    assert "site-packages" in mockserver.__file__ and "site-packages" in pytest_plugin.__file__
    assert pytestconfig.pluginmanager.has_plugin("mockserver")
    vidgen.next_job(queued=60, running=540)
    job = submit(vidgen, webhookUrl=webhook_inbox.url).json()["jobId"]
    while look(vidgen, job)["status"] != "COMPLETED":
        time.sleep(60)
    assert fast_forward.elapsed == 600
    assert webhook_inbox.wait(1)[0].verified
    assert all(mockserver.samples.path(name).exists() for name in mockserver.samples.NAMES)

def test_broken(vidgen):
    httpx.get(vidgen.url + "/nowhere")
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the wheel, and for the rest the packages of this environment."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=500)
    venv.create(folder / "venv", symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder / "venv")}))
    zipfile.ZipFile(next(folder.glob("*.whl"))).extractall(site)
    # Packages found through a .pth file of their own, as editable ones are, stay behind: only folders are shared.
    (site / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "venv" / "bin" / "python"


@pytest.mark.slow
def test_the_wheel_alone_is_enough(python: Path, tmp_path: Path) -> None:
    (tmp_path / "submit_kit.py").write_text(SUBMIT)
    (tmp_path / "test_it.py").write_text(SOURCE)
    (tmp_path / "pytest.ini").write_text(INI.replace("default\n", "error\n"))
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTEST_ADDOPTS")}
    done = subprocess.run(
        [str(python), "-m", "pytest", *QUIET, "-p", "no:randomly", "--strict-markers"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "vidgen (GET /nowhere): there is no " in done.stdout
