"""What the pytest plugin costs: fixtures, a thousand tests, and what two hundred servers leave behind.

Each figure is taken in a process of its own. CPU time stands beside wall time: on a busy machine it says more.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).parent.parent
RUNS, TESTS, SERVERS = 7, 1000, 200

TIMED = """
import sys, time
import pytest

TAKEN = {}

@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef, request):
    wall, cpu = time.perf_counter(), time.process_time()
    made = yield
    found = TAKEN.setdefault(request.node.nodeid if request.scope == "function" else "session", [0.0, 0.0])
    found[0] += time.perf_counter() - wall
    found[1] += time.process_time() - cpu
    if fixturedef.argname == "_mockserver_session":
        stop = made.running.stop
        def timed():
            began = time.perf_counter()
            stop()
            TAKEN["stop"] = [time.perf_counter() - began, 0.0]
        made.running.stop = timed
    return made

def pytest_unconfigure(config):
    session, first, *later = TAKEN.pop("session"), *(TAKEN[key] for key in TAKEN if key not in ("session", "stop"))
    later = sorted(wall for wall, _ in later)
    print("FIGURES", session[0] + first[0], session[1] + first[1], later[len(later) // 2], TAKEN["stop"][0])
"""
FIXTURES = """
import pytest

@pytest.mark.parametrize("n", range(50))
def test_it(vidgen, n):
    pass
"""
MANY = """

import httpx
import pytest

CLIENT = httpx.Client()
IMAGE = ("a.png", b"\\x89PNG\\r\\n\\x1a\\n" + bytes(64), "image/png")
SOUND = ("a.mp3", b"ID3" + bytes(64), "audio/mpeg")

@pytest.mark.parametrize("n", range({tests}))
def test_it(vidgen, n):
    key = {{"X-API-Key": vidgen.api_key}}
    made = CLIENT.post(vidgen.url + "/api/jobs", files={{"image": IMAGE, "audio": SOUND}}, headers=key)
    job = made.json()["jobId"]
    vidgen.clock.advance(60)
    told = CLIENT.get(f"{{vidgen.url}}/api/status/{{job}}", headers=key).json()
    assert told["status"] == "COMPLETED"
    assert CLIENT.get(told["outputVideo"]).content[4:8] == b"ftyp"
"""
SEQUENCE = """
import os, threading, time
from mockserver import start

def descriptors():
    return len(os.listdir("/proc/self/fd"))

with start() as server:
    server.sandbox().close()
before, began, stops = (threading.active_count(), descriptors()), time.perf_counter(), []
for n in range({servers}):
    server = start()
    server.sandbox().close()
    stopping = time.perf_counter()
    server.stop()
    stops.append(time.perf_counter() - stopping)
taken = time.perf_counter() - began
after = threading.active_count(), descriptors()
print("FIGURES", after[0] - before[0], after[1] - before[1], taken / {servers}, max(stops))
"""


def plugin() -> None:
    """All figures of the plugin, one a line."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
        (place / "timed.py").write_text(TIMED)
        (place / "test_it.py").write_text(FIXTURES)
        _run(place, "-p", "timed")  # compiles what is compiled once
        runs = [_figures(_run(place, "-p", "timed")) for _ in range(RUNS)]
        _line("first fixture", _median(runs, 0) * 1e3, "ms", f"less than 150; {_median(runs, 1) * 1e3:.0f} ms of CPU")
        _line("a later fixture", _median(runs, 2) * 1e3, "ms", "less than 2")
        _line("stop", _median(runs, 3) * 1e3, "ms", "less than 20")
        (place / "test_it.py").write_text(MANY.format(tests=TESTS))
        before = os.times()
        told = _run(place)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        found = re.search(rf"{TESTS} passed[^\n]* in ([\d.]+)s", told)
        if found is None:
            raise SystemExit(told)
        _line(f"{TESTS} tests with a download", float(found[1]), "s", f"less than 10 on one core; {used:.1f} s of CPU")
        sequence()


def sequence() -> None:
    """Servers started and stopped one after the other."""
    threads, descriptors, each, stop = _figures(_python("-c", SEQUENCE.format(servers=SERVERS)))
    left = f"{threads:.0f} threads and {descriptors:.0f} descriptors left, longest stop {stop * 1e3:.1f} ms"
    _line(f"{SERVERS} servers in sequence", each * 1e3, "ms each", f"none left; {left}")
    if threads or descriptors:
        raise SystemExit("something is left behind")


def _line(name: str, value: float, unit: str, wanted: str) -> None:
    print(f"{name:<28} {value:7.2f} {unit} (wanted {wanted})")


def _run(place: Path, *options: str) -> str:
    """pytest in a folder, with this plugin and without those of others."""
    installed = any(each.name == "mockserver" for each in entry_points(group="pytest11"))
    own = () if installed else ("-p", "pytest_plugin.plugin")
    quiet = [
        option for name in ("cacheprovider", "randomly", "xdist", "schemathesis") for option in ("-p", f"no:{name}")
    ]
    return _python("-m", "pytest", "-q", "-s", *own, *quiet, *options, folder=place)


def _python(*arguments: str, folder: Path = ROOT) -> str:
    """What a Python on one core prints, with its bytecode kept."""
    path = os.pathsep.join(filter(None, [str(folder), str(ROOT), os.environ.get("PYTHONPATH", "")]))
    env = {**os.environ, "PYTHONPATH": path}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    command = ["taskset", "-c", "0", sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def _figures(told: str) -> list[float]:
    found = re.search(r"FIGURES (.+)", told)
    if found is None:
        raise SystemExit(told)
    return [float(each) for each in found[1].split()]


def _median(runs: list[list[float]], at: int) -> float:
    return statistics.median(run[at] for run in runs)
