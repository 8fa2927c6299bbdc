"""What a request costs here and in another commit: `make bench BASE=<commit>`, or `python bench/against.py <commit>`.

CPU time inside the server, without sockets, in alternating pairs of processes that live on; before it the same of this
checkout against itself, which says how far to trust it. Then wrk's rates and the server's CPU time with sockets.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import run
from asked import BODY

ROOT = Path(__file__).resolve().parent.parent
PAIRS, REQUESTS, ROUNDS = 60, 750, 3
WANTED = {"get": 1.35, "post": 1.10}
"""How much faster than `BEFORE`; of another commit nothing is wanted."""
BEFORE = "925a2a4"  # the commit before the architecture was made anew
SEVERAL = 8


class Child:
    """A process that answers requests inside the server of a checkout."""

    def __init__(self, checkout: Path) -> None:
        command = [sys.executable, "-P", str(ROOT / "bench" / "in_process.py"), str(checkout)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._line() != "ready":
            raise SystemExit(f"{checkout} cannot be measured")

    def _line(self) -> str:
        return self._stream(self._process.stdout).readline().strip()

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None, "it is a pipe"
        return stream

    def cost(self, kind: str, connections: int, requests: int) -> float:
        """Microseconds of the processor for each of so many requests."""
        asked = self._stream(self._process.stdin)
        asked.write(f"{kind} {connections} {requests}\n")
        asked.flush()
        line = self._line()
        if not line:
            raise SystemExit("the process that was measured has ended")
        return float(line)

    def end(self) -> None:
        self._stream(self._process.stdin).close()
        self._process.wait(30)


@contextmanager
def both(ours: Path, theirs: Path) -> Iterator[tuple[Child, Child]]:
    children = Child(ours), Child(theirs)
    try:
        yield children
    finally:
        for child in children:
            child.end()


def pairs(
    ours: Child, theirs: Child, kind: str, connections: int, given: argparse.Namespace
) -> list[tuple[float, float]]:
    """What a request costs ours and theirs, pair by pair; who goes first changes."""
    for child in (ours, theirs):
        child.cost(kind, connections, given.requests)
    taken = []
    for n in range(given.pairs):
        order = (ours, theirs) if n % 2 else (theirs, ours)
        costs = {child: child.cost(kind, connections, given.requests) for child in order}
        taken.append((costs[ours], costs[theirs]))
    return taken


def told(name: str, taken: Sequence[tuple[float, float]], wanted: str = "") -> None:
    """One line: the median of the ratios and its quartiles."""
    ratios = [theirs / ours for ours, theirs in taken]
    low, ratio, high = statistics.quantiles(ratios, n=4)
    ours, theirs = (statistics.median(side) for side in zip(*taken, strict=True))
    print(
        f"{name:<30} {ratio:5.2f} [{low:.2f} … {high:.2f}]   {ours:5.1f} µs here, {theirs:5.1f} there{wanted}",
        flush=True,
    )


def compare(base: Path, given: argparse.Namespace) -> None:
    print("µs of the processor a request. The ratio is there / here: the median of the pairs [and their quartiles].")
    print("Above 1 this checkout is faster; what the first block shows beside 1 is noise.")
    for name, other in (("this against itself", ROOT), ("against the other", base)):
        print(f"{name}, {given.pairs} pairs:")
        with both(ROOT, other) as children:
            for kind, wanted in WANTED.items():
                for connections in (1, SEVERAL):
                    taken = pairs(*children, kind, connections, given)
                    says = f" (wanted {wanted})" if other is base and given.base == BEFORE and connections == 1 else ""
                    told(f"{kind.upper()}, connections: {connections}", taken, says)


def with_sockets(base: Path, folder: Path) -> None:
    """wrk against the server of each, in turns; on one core, wrk on the other."""
    lua = run.script(json.dumps(BODY).encode(), folder)
    with served(ROOT) as ours, served(base) as theirs:
        jobs = {url: run.submit(url) for _, url in (ours, theirs)}
        for connections in (1, run.CONNECTIONS):
            for kind in WANTED:
                rounds = [
                    [loaded(kind, child, url, jobs[url], lua, connections) for child, url in (ours, theirs)]
                    for _ in range(ROUNDS)
                ]
                here, there = (middle(side) for side in zip(*rounds, strict=True))
                name = f"wrk, {kind.upper()}, connections: {connections}"
                print(f"{name:<30} {here} here, {there} there", flush=True)


def middle(measured: Sequence[run.Measured]) -> str:
    """The medians of several rounds."""
    rate = statistics.median(each.rate for each in measured)
    return f"{rate:.0f}/s {statistics.median(each.cpu for each in measured):.1f} µs"


def loaded(kind: str, child: subprocess.Popen[bytes], url: str, job: str, lua: str, connections: int) -> run.Measured:
    key = ("-H", f"X-API-Key: {run.KEY}")
    path, options = (
        (f"/vidgen/api/status/{job}", key) if kind == "get" else ("/miraflow/api/image/generate", ("-s", lua))
    )
    return run.load(url + path, child, *options, connections=connections)


@contextmanager
def served(checkout: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The server of a checkout, and its URL."""
    port = run.free_port()
    path = {**os.environ, "PYTHONPATH": str(checkout)}
    with run.process(str(checkout / "bench" / "server.py"), str(port), "0", env=path) as child:
        url = f"http://127.0.0.1:{port}"
        run.wait_for(f"{url}/vidgen/api/health", child)
        yield child, url


@contextmanager
def checked_out(base: str) -> Iterator[Path]:
    """The files of a commit, in a folder of their own; a folder is a checkout already."""
    if Path(base).is_dir():
        yield Path(base).resolve()
        return
    archive = subprocess.run(["git", "archive", base], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if archive.returncode:
        raise SystemExit(f"{base} is neither a commit of this repository nor a checkout of it")
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
        yield Path(folder)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="the commit to compare with, or the folder of a checkout")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="in each half of a pair")
    parser.add_argument("--without-sockets", action="store_true")
    given = parser.parse_args(words)
    with checked_out(given.base) as base, tempfile.TemporaryDirectory() as scratch:
        compare(base, given)
        if not given.without_sockets:
            with_sockets(base, Path(scratch))


if __name__ == "__main__":
    main()
