"""`make bench`: what a request costs, as a ratio against a floor measured in the same run, one method for both.

The server runs on one core, wrk on the other. Requests per second flatter nobody here: both sides answer the same
load; CPU time per request of the server process stands beside it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asked import BODY, form
from page import page
from plugin import plugin

HERE = Path(__file__).parent
KEY = "demo-key"
ROUNDS, SECONDS, CONNECTIONS = 3, 3, 16


@dataclass(frozen=True)
class Measured:
    """Requests per second and CPU microseconds of the server per request."""

    rate: float
    cpu: float


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def process(*command: str, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A child on the first core, ended by its own id."""
    child = subprocess.Popen(["taskset", "-c", "0", sys.executable, *command], stdout=subprocess.DEVNULL, env=env)
    try:
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(10)


def wait_for(url: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.005)
    raise SystemExit(f"{url} did not answer")


def cpu_of(pid: int) -> float:
    """CPU seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(url: str, child: subprocess.Popen[bytes], *options: str, connections: int = CONNECTIONS) -> Measured:
    """wrk against one URL; every answer must be a success."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", *options, url]
    before = cpu_of(child.pid)
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = cpu_of(child.pid) - before
    if "Non-2xx" in report:
        raise SystemExit(report)
    found = re.search(r"(\d+) requests in", report)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", report)
    if found is None or rate is None:
        raise SystemExit(report)
    return Measured(float(rate[1]), 1e6 * used / int(found[1]))


def compare(name: str, target: float, ours: list[Measured], floor: list[Measured]) -> None:
    """One line: the median of the rounds' ratios."""
    ratio = statistics.median(a.rate / b.rate for a, b in zip(ours, floor, strict=True))
    cpu = statistics.median(b.cpu / a.cpu for a, b in zip(ours, floor, strict=True))
    mine, bare = ours[-1], floor[-1]
    print(
        f"{name:<28} {ratio:5.2f} of the floor (wanted {target})   by CPU {cpu:4.2f}   "
        f"{mine.rate:7.0f}/s {mine.cpu:5.1f} µs against {bare.rate:7.0f}/s {bare.cpu:5.1f} µs"
    )


def post(url: str, body: bytes, content_type: str) -> dict[str, str]:
    request = urllib.request.Request(url, body, {"X-API-Key": KEY, "Content-Type": content_type})
    answer: dict[str, str] = json.load(urllib.request.urlopen(request))
    return answer


def submit(base: str) -> str:
    """A VidGen job that never ends; gives its id."""
    return post(f"{base}/vidgen/api/jobs", *form())["jobId"]


def script(body: bytes, folder: Path) -> str:
    """A wrk script that posts a JSON body."""
    path = folder / "post.lua"
    path.write_text(
        f"wrk.method='POST'\nwrk.body=[[{body.decode()}]]\nwrk.headers['Content-Type']='application/json'\n"
        f"wrk.headers['X-API-Key']='{KEY}'\n"
    )
    return str(path)


def throughput(folder: Path) -> None:
    """GET of a job and POST of a JSON job, in turns with the floors."""
    ours_port, floor_port = free_port(), free_port()
    lua = script(json.dumps(BODY).encode(), folder)
    results: dict[str, list[Measured]] = {"get": [], "get0": [], "post": [], "post0": []}
    with (
        process(str(HERE / "server.py"), str(ours_port), "0") as ours,
        process(str(HERE / "floors.py"), str(floor_port)) as floor,
    ):
        base, bare = f"http://127.0.0.1:{ours_port}", f"http://127.0.0.1:{floor_port}"
        wait_for(f"{base}/vidgen/api/health", ours)
        wait_for(f"{bare}/status/x", floor)
        job = submit(base)
        key = ("-H", f"X-API-Key: {KEY}")
        for _ in range(ROUNDS):
            results["get"].append(load(f"{base}/vidgen/api/status/{job}", ours, *key))
            results["get0"].append(load(f"{bare}/status/{job}", floor, *key))
            results["post"].append(load(f"{base}/miraflow/api/image/generate", ours, "-s", lua))
            results["post0"].append(load(f"{bare}/create", floor, "-s", lua))
    compare("GET of a job", 1.5, results["get"], results["get0"])
    compare("POST of a JSON job", 1.25, results["post"], results["post0"])


def listing() -> None:
    """A page of 20 among 100,000 jobs against the same among 100, and what 100,000 jobs weigh."""
    few_port, many_port = free_port(), free_port()
    with (
        process(str(HERE / "server.py"), str(few_port), "100") as few,
        process(str(HERE / "server.py"), str(many_port), "100000") as many,
    ):
        urls = [f"http://127.0.0.1:{port}/vidgen/api/jobs?limit=20" for port in (few_port, many_port)]
        wait_for(urls[0], few)
        wait_for(urls[1], many)
        grown = (memory(many.pid) - memory(few.pid)) / 1e6
        key = ("-H", f"X-API-Key: {KEY}")
        ratios = [load(urls[0], few, *key).rate / load(urls[1], many, *key).rate for _ in range(ROUNDS)]
    print(f"{'list of 20 of 100,000':<28} {statistics.median(ratios):5.2f} times that of 100 jobs (wanted at most 1.5)")
    print(f"{'memory of 100,000 jobs':<28} {grown:5.0f} MB (wanted less than 200)")


def memory(pid: int) -> int:
    """Resident bytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def start() -> None:
    """From the command line to the first answer."""
    taken = []
    for _ in range(5):
        port = free_port()
        began = time.monotonic()
        with process("-m", "mockserver", "serve", "--port", str(port), "--quiet") as child:
            wait_for(f"http://127.0.0.1:{port}/vidgen/api/health", child)
            taken.append(time.monotonic() - began)
    print(f"{'mockserver serve, first 200':<28} {statistics.median(taken):5.2f} s (wanted less than 0.8)")


def main(parts: list[str]) -> None:
    if "throughput" in parts:
        with tempfile.TemporaryDirectory() as folder:
            throughput(Path(folder))
    if "faults" in parts:
        subprocess.run([sys.executable, str(HERE / "faults.py")], check=True)
    if "listing" in parts:
        listing()
    if "start" in parts:
        start()
    if "plugin" in parts:
        plugin()
    if "page" in parts:
        page()
    if "shared" in parts:
        subprocess.run([sys.executable, str(HERE / "shared.py")], check=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ["throughput", "faults", "listing", "start", "plugin", "page", "shared"])
