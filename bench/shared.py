"""What it costs to keep the state at an engine: `make bench ARGS=shared`. CPU is told by request and by process.

All figures of a run are of one machine, on which the workers, the engine and the load take turns: requests per second
are what that leaves. What a request costs the processor is told apart for the workers and for the engine.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import run
import worker
from asked import BODY

from mockserver.app import Mockserver
from mockserver.bounds import SANDBOXES
from mockserver.state.port import PutJob
from mockserver.store import JobRecord
from mockserver.stores import engines

HERE = Path(__file__).parent
JOBS, CHUNK, IDLE = 100_000, 500, 5.0
PLAN = {"api": "vidgen", "queued": 0, "running": 86_400}
ROUNDS, SECONDS = 4, 2.0
METHODS = {"GET": 35, "POST": 70}
"""So many microseconds of the engine are wanted at most."""


class Cost(NamedTuple):
    """Requests per second, and CPU microseconds of all workers and of the engine for each."""

    rate: float
    workers: float
    engine: float


class Engine:
    """One that runs for this alone."""

    def __init__(self, program: str, folder: Path) -> None:
        self.url, self._path = engines.url(folder), folder / engines.SOCKET
        self.process = subprocess.Popen(engines.command(program, folder), stdout=subprocess.DEVNULL)
        while not self._path.exists():
            time.sleep(0.01)

    def memory(self) -> int:
        """Bytes that it uses."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(self._path))
            asking.sendall(b"INFO memory\r\n")
            found = re.search(rb"used_memory:(\d+)", asking.recv(1 << 16))
        assert found is not None, "it tells so"
        return int(found[1])


@contextmanager
def engine() -> Iterator[Engine]:
    """A new one; exits where this machine has none."""
    program = engines.program()
    if program is None:
        raise SystemExit(engines.MISSING)
    with tempfile.TemporaryDirectory(prefix="ms") as folder:
        made = Engine(program, Path(folder))
        try:
            yield made
        finally:
            made.process.terminate()
            made.process.wait(10)


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, to the nanosecond."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9


class Servers:
    """Workers at one socket; `url` leads there."""

    def __init__(self, many: int, store: str) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        number = self._socket.fileno()
        words = (sys.executable, str(HERE / "worker.py"), str(number), *([store] if store else []))
        self.workers = [subprocess.Popen(words, pass_fds=[number], stdout=subprocess.PIPE) for _ in range(many)]
        for each in self.workers:
            assert each.stdout is not None, "it is a pipe"
            if not each.stdout.readline():
                raise SystemExit("a worker did not begin")

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self.workers:
            each.terminate()
        for each in self.workers:
            each.wait(10)
        self._socket.close()

    def tell(self, path: str, body: Any) -> None:
        """A word to the control API."""
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.url}/_mock/{path}", json.dumps(body).encode(), headers)
        urllib.request.urlopen(asked).read()


def wrk(seconds: float, connections: int, *words: str) -> int:
    """How many requests were answered, each of them by a success."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", *words]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+) requests in", report)
    if "Non-2xx" in report or found is None:
        raise SystemExit(report)
    return int(found[1])


class Setup:
    """So many workers, with their state in memory or at an engine, and how wrk asks them; each has as much to do."""

    def __init__(self, stack: ExitStack, many: int, on_engine: bool, lua: str) -> None:
        self._engine = stack.enter_context(engine()) if on_engine else None
        servers = stack.enter_context(Servers(many, self._engine.url if self._engine else ""))
        self._pids, self._connections = [each.pid for each in servers.workers], run.CONNECTIONS * many
        servers.tell("sandboxes/default/plans", PLAN)
        job = run.submit(servers.url)
        self._words = {
            "GET": ("-H", f"X-API-Key: {run.KEY}", f"{servers.url}/vidgen/api/status/{job}"),
            "POST": ("-s", lua, f"{servers.url}/miraflow/api/image/generate"),
        }
        for method in self._words:
            self.cost(method, 1)

    def _used(self) -> tuple[float, float]:
        return sum(map(cpu_of, self._pids)), cpu_of(self._engine.process.pid) if self._engine else 0.0

    def cost(self, method: str, seconds: float) -> Cost:
        """What requests cost while wrk sends them."""
        workers, its = self._used()
        many = wrk(seconds, self._connections, *self._words[method])
        after, its_after = self._used()
        return Cost(many / seconds, 1e6 * (after - workers) / many, 1e6 * (its_after - its) / many)


SETUPS = {"memory": (1, False), "engine, 1 worker": (1, True), "engine, 2 workers": (2, True)}


def requests() -> None:
    """On memory, and on an engine with one and two workers, by turns; of each, the round that was disturbed least."""
    with ExitStack() as stack:
        lua = run.script(json.dumps(BODY).encode(), Path(stack.enter_context(tempfile.TemporaryDirectory())))
        setups = {name: Setup(stack, *each, lua) for name, each in SETUPS.items()}
        rounds = [
            {(method, name): each.cost(method, SECONDS) for method in METHODS for name, each in setups.items()}
            for _ in range(ROUNDS)
        ]
    found = {key: min((each[key] for each in rounds), key=lambda cost: cost.workers + cost.engine) for key in rounds[0]}
    for (method, name), each in found.items():
        its = f", {each.engine:5.1f} µs of the engine" if each.engine else ""
        print(f"{f'{method} on {name}':<28} {each.rate:7.0f}/s   {each.workers:6.1f} µs of workers{its}")
    for method, wanted in METHODS.items():
        memory, one, two = (found[method, name] for name in SETUPS)
        print(
            f"{f'{method} on an engine':<28} {one.workers / memory.workers:5.2f} times memory's CPU of a worker "
            f"(wanted at most 4)   engine {one.engine:.0f} µs (wanted at most {wanted})   "
            f"two workers {(two.workers + two.engine) / (one.workers + one.engine):.2f} of one (wanted at most 1.15)"
        )


@asynccontextmanager
async def alone(keeper: Engine) -> AsyncIterator[Mockserver]:
    """A server in this process."""
    app = worker.made(keeper.url)
    await app.sandboxes.join()
    await app.sandboxes.default.refresh()
    try:
        yield app
    finally:
        await app.sandboxes.index.leave()


async def jobs() -> None:
    """What they take in the engine, each as a POST leaves it, but for its entry in the journal."""
    with engine() as keeper:
        async with alone(keeper) as app:
            before = keeper.memory()
            await fill(app.sandboxes.default.apis["miraflow"], JOBS)
            told("memory of 100,000 jobs", keeper.memory() - before)


async def sandboxes() -> None:
    """What they take in the engine, and what they cost while nobody asks for anything."""
    with engine() as keeper:
        async with alone(keeper) as app:
            before = keeper.memory()
            for _ in range(SANDBOXES - 1):
                await app.sandboxes.make()
            told("memory of 10,000 sandboxes", keeper.memory() - before)
            await idle(keeper)


def told(name: str, many: int) -> None:
    """A line."""
    print(f"{name:<28} {many / 1e6:5.0f} MB of the engine's")


async def fill(side: Any, jobs: int) -> None:
    """Keep `jobs` jobs as a POST of one leaves them."""
    name, account = side.contract.name, side.accounts[run.KEY]
    body = {f"/{field}": value for field, value in BODY.items()}
    for first in range(0, jobs, CHUNK):
        made = [
            JobRecord(f"c{n:024d}", "image", account.id, 1e9 + n, ("happy", n), "generateImage", kept=body)
            for n in range(first, min(first + CHUNK, jobs))
        ]
        await asyncio.gather(*[side.state.commit(name, 0, [PutJob(each)]) for each in made])


async def idle(keeper: Engine) -> None:
    """All sandboxes are open in this process; nothing is asked of it or of the engine."""
    await asyncio.sleep(1)
    mine, its = time.process_time(), cpu_of(keeper.process.pid)
    await asyncio.sleep(IDLE)
    mine, its = time.process_time() - mine, cpu_of(keeper.process.pid) - its
    print(
        f"{'10,000 idle sandboxes':<28} {100 * mine / IDLE:5.2f} % of a core for a worker, "
        f"{100 * its / IDLE:.2f} % for the engine"
    )


def shared() -> None:
    """All of it."""
    requests()
    asyncio.run(jobs())
    asyncio.run(sandboxes())


if __name__ == "__main__":
    shared()
