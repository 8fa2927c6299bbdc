"""What a test with a fixture costs in this checkout, compared with another one: `python bench/pairs.py /path/to/other`.

Both are run by this Python in alternating pairs, each run in a process of its own. CPU time alone is compared: other
work on the machine makes a test wait, and costs it little. The interval is that of the mean ratio, at 95 %.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAIRS, TESTS, LIMIT = 20, 200, 1.05
T_95 = {10: 2.262, 20: 2.093, 30: 2.045, 40: 2.023}  # Student's, for so many pairs

TIMED = """
import time
import pytest

BEGAN = []

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    if item.name.endswith("[1]"):  # the first one starts the server
        BEGAN.append(time.process_time())

def pytest_sessionfinish(session):
    print("LOOP", time.process_time() - BEGAN[0])
"""
KINDS = {
    "fixture alone": """
import pytest

@pytest.mark.parametrize("n", range({tests}))
def test_it(vidgen, n):
    pass
""",
    "submit, fault, poll to the end": """
import httpx
import pytest

CLIENT = httpx.Client(trust_env=False)
FILES = {{"image": ("a.png", b"picture"), "audio": ("a.mp3", b"voice")}}

@pytest.mark.parametrize("n", range({tests}))
def test_it(vidgen, n):
    headers = {{"X-API-Key": vidgen.api_key}}
    vidgen.fault("status", operation="getStatus", status=503, times=1)
    job = CLIENT.post(vidgen.url + "/api/jobs", files=FILES, headers=headers).json()["jobId"]
    for status in (503, 200, 200):
        assert CLIENT.get(f"{{vidgen.url}}/api/status/{{job}}", headers=headers).status_code == status
        vidgen.clock.advance(10)
""",
    "fast_forward and intercept": """
import time
import httpx
import pytest

@pytest.mark.parametrize("n", range({tests}))
def test_it(vidgen, fast_forward, intercept, n):
    time.sleep(60)
""",
}


def compare(other: Path, kind: str, pairs: int, tests: int) -> list[float]:
    """The ratios of the time in the loop of tests, ours to theirs, pair by pair; both figures are printed."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
        (place / "timed.py").write_text(TIMED)
        (place / "test_it.py").write_text(KINDS[kind].format(tests=tests))
        for checkout in (ROOT, other):  # compiles what is compiled once
            run(place, checkout)
        runs = [_pair(place, other, n) for n in range(pairs)]
    for name, at in (("a test", 0), ("the whole process", 1)):
        shown = [[each[who][at] for each in runs] for who in (0, 1)]
        scale = 1e3 / (tests - 1) if at == 0 else 1e3
        ours, theirs = (statistics.median(each) * scale for each in shown)
        low, mean, high = interval([a / b for a, b in zip(*shown, strict=True)])
        verdict = "not worse" if high < LIMIT else "WORSE" if low > LIMIT else "undecided"
        print(f"{kind}, {name}: {ours:.2f} ms here, {theirs:.2f} there; {mean:.3f} [{low:.3f} … {high:.3f}] {verdict}")
    return [ours[0] / theirs[0] for ours, theirs in runs]


def _pair(place: Path, other: Path, n: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ours and theirs, each as (loop, process); who goes first changes from pair to pair."""
    if n % 2:
        theirs = run(place, other)
        return run(place, ROOT), theirs
    return run(place, ROOT), run(place, other)


def run(place: Path, checkout: Path) -> tuple[float, float]:
    """CPU seconds of one run: of the tests after the first, and of the whole process."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "MOCKSERVER_"))}
    env["PYTHONPATH"] = os.pathsep.join(map(str, (place, checkout)))
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    spare = ("cacheprovider", "randomly", "xdist", "schemathesis", "anyio", "rerunfailures", "timeout")
    words = ["-q", "-s", "-p", "timed", *(word for name in spare for word in ("-p", f"no:{name}"))]
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=place, env=env, capture_output=True, text=True, check=False
    )
    after = os.times()
    found = re.search(r"LOOP ([\d.]+)", done.stdout)
    if done.returncode or found is None:
        raise SystemExit(done.stdout + done.stderr)
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return float(found[1]), used


def interval(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Lower end, mean and upper end of the mean ratio, taken of logarithms."""
    logs = [math.log(each) for each in ratios]
    mean = statistics.mean(logs)
    half = T_95.get(len(logs), 2.3) * statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(mean - half), math.exp(mean), math.exp(mean + half)


def main() -> None:
    """Compare all kinds of tests; exit with 1 where one costs more than the limit, or may do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--tests", type=int, default=TESTS)
    parser.add_argument("--kind", choices=[*KINDS], action="append")
    given = parser.parse_args()
    found = [compare(given.other.resolve(), kind, given.pairs, given.tests) for kind in given.kind or KINDS]
    sys.exit(any(interval(ratios)[2] >= LIMIT for ratios in found))


if __name__ == "__main__":
    main()
