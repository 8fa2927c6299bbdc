"""Runs a tier of the suite (`test`, `ci`, `full`): prints its name, what it cost, and last pytest's own summary line.

    python tests/run_tier.py test -n 3 -k webhook

Needs the standard library and this project. The Python that runs it has pytest, and what that needs.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from standstill import Watch

ROOT = Path(__file__).resolve().parent.parent
SELECTED = {"test": "not soak and not long and not slow", "ci": "not soak and not long", "full": "not soak"}
TOLD = {
    "test": "tier test of test, ci, full: without coverage, soak and what is marked slow or long",
    "ci": "tier ci of test, ci, full: with coverage but for what it slows most, without soak and what is marked long",
    "full": "tier full of test, ci, full: everything, soak and other Pythons too",
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
COVERED = "95"
COVERAGE = (sys.executable, "-m", "coverage")
Run = Callable[[str, Sequence[str]], tuple[int, list[str]]]
"""(tier, options of pytest) → status and what is to be said at the end."""


def main(tier: str, *options: str) -> int:
    """Run a tier; the rest of the command line goes to pytest."""
    began = time.monotonic()
    summaries, status = [], 0
    print(TOLD[tier], flush=True)
    runs: dict[str, list[Run]] = {
        "test": [suite],
        "ci": [divided],
        "full": [divided, soaked, on_other_pythons],
    }
    for run in runs[tier]:
        failed, said = run(tier, options)
        summaries += said
        status = status or failed
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{time.monotonic() - began:.0f} s, {children.ru_utime + children.ru_stime:.0f} s of the processor")
    print("\n".join(sorted(summaries, key=lambda line: line.startswith("="))))  # pytest's own last
    return status


def suite(tier: str, options: Sequence[str], python: str = sys.executable) -> tuple[int, list[str]]:
    """The suite, without coverage."""
    return shown([python, "-m", "pytest", *selected(SELECTED[tier]), *options], tier)


def untraced(tier: str, options: Sequence[str]) -> tuple[int, list[str]]:
    """What is left of it to run without coverage."""
    return shown([sys.executable, "-m", "pytest", *selected(f"{SELECTED[tier]} and untraced"), *options], tier)


def divided(tier: str, options: Sequence[str]) -> tuple[int, list[str]]:
    """The suite in two parts; what the first one covered is summed up beside the second, as that takes one processor
    half a minute."""
    failed, summaries = covered(tier, options)
    with ThreadPoolExecutor(1) as beside:
        summed = None if failed else beside.submit(summed_up)
        bare, more = untraced(tier, options)
    status, report = summed.result() if summed else (failed, "")
    print(report, end="")
    return failed or status or bare, [*summaries, *more]


def covered(tier: str, options: Sequence[str]) -> tuple[int, list[str]]:
    """The suite under coverage, which begins before pytest does: pytest loads this project's own plugin early.

    Without files that take long and reach hardly a line that others do not.
    """
    for old in ROOT.glob(".coverage*"):
        old.unlink()
    command = [*COVERAGE, "run", "-m", "pytest", *selected(f"{SELECTED[tier]} and not untraced"), *options]
    return shown(command, tier)


def summed_up() -> tuple[int, str]:
    """What was covered: whether it is enough, and the report."""
    limit = os.environ.get("COVERED", COVERED)
    said = ""
    for words in (["combine", "--quiet"], ["report", f"--fail-under={limit}"]):
        command = [*COVERAGE, *words]
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        said += done.stdout
        if done.returncode:
            return done.returncode, said
    return 0, said


def soaked(tier: str, _: Sequence[str]) -> tuple[int, list[str]]:
    """What measures time and memory, by itself."""
    options = ["-m", "soak", "-n", "0", "-s", "-v", "--durations=10", "-o", "faulthandler_timeout=0"]
    return shown([sys.executable, "-m", "pytest", *options], tier)


def on_other_pythons(tier: str, options: Sequence[str]) -> tuple[int, list[str]]:
    """The tier `test` under every other Python that this machine has; which it has not is said."""
    summaries, status = [], 0
    for version in PYTHONS:
        if version == f"{sys.version_info.major}.{sys.version_info.minor}":
            continue
        with tempfile.TemporaryDirectory() as folder:
            python = installed(version, Path(folder))
            if python is None:
                summaries.append(f"Python {version}: not found on this machine, not run")
                continue
            print(f"Python {version}", flush=True)
            failed, said = suite("test", options, python)
            summaries += said
            status = status or failed
    return status, summaries


def installed(version: str, folder: Path) -> str | None:
    """A Python of this version in an environment of its own with all that the suite needs; None without one."""
    found = next((python for python in candidates(version) if runs(python, version)), None)
    if found is None:
        return None
    subprocess.run([found, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--upgrade", "pip>=25.1"], check=True)
    subprocess.run([*pip, "--editable", ".[fuzz,ui,tls,pytest]", "--group", "dev"], cwd=ROOT, check=True)
    return python


def candidates(version: str) -> Iterator[str]:
    """Where one may be: on the path, or put there by pyenv or uv."""
    yield from filter(None, [shutil.which(f"python{version}")])
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"), reverse=True))
    if uv := shutil.which("uv"):
        words = [uv, "python", "find", "--no-python-downloads", version]
        yield from subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()


def runs(python: str, version: str) -> bool:
    """Whether it is one: a shim of a version manager may stand there for a Python that is not installed."""
    asked = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    return told.stdout.strip() == version


def selected(marks: str) -> list[str]:
    """Options for these marks, by files; a worker that dies ends all: those left may wait for its work for ever."""
    by_files = ["--dist=loadfile", "--no-loadscope-reorder", "--max-worker-restart=0"]
    return ["-m", marks, "--durations=10", *by_files]


def shown(command: Sequence[str], tier: str) -> tuple[int, list[str]]:
    """Run pytest, show what it prints, and give its exit status and its last line, its summary."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env |= {"MOCKSERVER_TIER": tier, "PYTHONUNBUFFERED": "1"}
    last = ""
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        watch = Watch(process)
        with watch.watching():
            for line in process.stdout:
                watch.heard()
                print(line, end="", flush=True)
                last = line.strip() or last
    return process.returncode, [last]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
