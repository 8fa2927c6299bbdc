"""What befalls processes and engines that share a state, and what clients and receivers count afterwards."""

from __future__ import annotations

import asyncio
import json
import signal
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from api_kit import receiving
from engine_kit import Engine, found, running_engine
from process_kit import CONTROL, Process, processes, wait_for
from until_kit import until

from mockserver.clock import wall

ENGINES = found()
HOUR = 3600.0
DELAY = 0.1
"""Seconds that a slow engine takes for each piece of an answer."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with running_engine(ENGINES[request.param]) as made:
        yield made


def told(answer: Any, status: int) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def clock_of(process: Process) -> float:
    return float(told(process.client.get(f"{CONTROL}/clock"), 200)["epoch"])


def test_a_limit_lets_so_many_through_whoever_is_asked(engine: Engine) -> None:
    with processes(engine) as both, ThreadPoolExecutor(8) as pool:
        told(both[0].client.put(f"{CONTROL}/clock", json={"mode": "manual"}), 200)
        key = {"X-API-Key": both[1].account()}

        def ask(n: int) -> int:
            return both[n % 2].client.get("/vidgen/api/jobs", headers=key).status_code

        most = int(both[0].client.get("/vidgen/api/jobs", headers=key).headers["ratelimit-limit"])
        answers = [*pool.map(ask, range(most + 60))]
        assert (answers.count(200), answers.count(429)) == (most - 1, 61)


def test_a_machine_whose_clock_is_an_hour_wrong_answers_as_the_other_does(engine: Engine) -> None:
    with receiving() as receiver, ExitStack() as stack:
        right, wrong = Process(engine.url), Process(engine.url, HOUR)
        for each in (right, wrong):
            stack.callback(each.end)
        told(right.client.put(f"{CONTROL}/clock", json={"mode": "real"}), 200)
        begun, real = clock_of(right), wall()
        readings = [clock_of(each) for each in (wrong, right) * 10]
        assert readings == sorted(readings), "it never goes back"
        assert 0 <= readings[-1] - begun <= wall() - real + 1, "nor does it jump"
        told(wrong.client.put(f"{CONTROL}/clock", json={"mode": "real", "rate": 60}), 200)
        keys = [(right, wrong)[n % 2].account() for n in range(6)]
        jobs = [str((wrong, right)[n % 2].submit(key, receiver.url)) for n, key in enumerate(keys)]
        assert "None" not in jobs
        heard = wait_for(receiver, jobs)
        assert [heard[job] for job in jobs] == [1] * 6, "each is told of once"
        assert [(right, wrong)[n % 2].has(job, key) for n, (job, key) in enumerate(zip(jobs, keys, strict=True))]
        times = told_times(right)
        assert times == told_times(wrong)
        assert max(times) - min(times) < timedelta(hours=1), "no entry is of another hour"
        told(wrong.client.put(f"{CONTROL}/clock", json={"mode": "manual"}), 200)
        assert clock_of(right) == clock_of(wrong)


def told_times(process: Process) -> list[datetime]:
    return [datetime.fromisoformat(entry["at"]) for entry in told(process.client.get(f"{CONTROL}/journal"), 200)]


@contextmanager
def slow(path: Path) -> Iterator[str]:
    """A way to an engine on which each piece of its answers takes a while."""
    ready, over = threading.Event(), asyncio.Event()
    folder = tempfile.TemporaryDirectory(prefix="ms")
    here, loops = Path(folder.name) / "slow.sock", []

    async def carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
        while data := await reader.read(65536):
            await asyncio.sleep(seconds)
            writer.write(data)
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs = await asyncio.open_unix_connection(str(path))
        ways = carried(reader, theirs[1], 0), carried(theirs[0], writer, DELAY)
        try:
            await asyncio.gather(*ways, return_exceptions=True)
        finally:  # who is cancelled with the loop closes here too
            writer.transport.abort()
            theirs[1].transport.abort()

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with await asyncio.start_unix_server(connected, str(here)):
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    try:
        yield f"unix://{here}"
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join()
        folder.cleanup()


def test_what_one_did_over_a_slow_way_the_other_knows(engine: Engine) -> None:
    with receiving() as receiver, slow(engine.path) as way, ExitStack() as stack:
        quick, late = Process(engine.url), Process(way)
        for each in (quick, late):
            stack.callback(each.end)
        keys = [quick.account() for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            jobs = [*pool.map(lambda key: late.submit(key, receiver.url), keys)]
        assert None not in jobs
        assert all(quick.has(str(job), key) for job, key in zip(jobs, keys, strict=True))
        heard = wait_for(receiver, [str(job) for job in jobs])
        assert all(heard[str(job)] for job in jobs)


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_that_writes_down_all_it_is_told_loses_nothing_when_it_is_killed(name: str) -> None:
    options = ("--appendonly", "yes", "--appendfsync", "always")
    with running_engine(ENGINES[name], *options) as engine, receiving() as receiver, processes(engine) as both:
        told(both[0].client.put(f"{CONTROL}/clock", json={"mode": "manual"}), 200)
        keys = [both[n % 2].account() for n in range(12)]
        jobs = [both[n % 2].submit(key, receiver.url) for n, key in enumerate(keys)]
        assert None not in jobs
        before = both[1].client.get(f"{CONTROL}/webhooks").json()
        engine.kill()
        assert both[0].client.get(f"{CONTROL}/jobs").status_code == 503
        engine.start()
        until(lambda: all(each.client.get(f"{CONTROL}/jobs").status_code == 200 for each in both))
        assert all(both[1 - n % 2].has(str(job), key) for n, (job, key) in enumerate(zip(jobs, keys, strict=True)))
        assert [each["id"] for each in both[0].client.get(f"{CONTROL}/webhooks").json()] == [w["id"] for w in before]
        told(both[1].client.post(f"{CONTROL}/clock/advance", json={"seconds": HOUR}), 200)
        heard = wait_for(receiver, [str(job) for job in jobs])
        assert [heard[str(job)] for job in jobs] == [1] * 12


class Holding:
    """A receiver that lets its first client wait until `go`."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.came, self.go = threading.Event(), threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                if len(outer.bodies) == 1:
                    outer.came.set()
                    outer.go.wait(60)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def __enter__(self) -> Holding:
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def test_what_a_stopped_process_has_to_say_later_of_a_webhook_is_refused(engine: Engine) -> None:
    with Holding() as receiver, processes(engine) as both:
        stopped, other = both
        told(other.client.put(f"{CONTROL}/clock", json={"mode": "manual"}), 200)
        key = other.account()
        job = stopped.submit(key, receiver.url)
        (owed,) = told(stopped.client.get(f"{CONTROL}/webhooks"), 200)  # it delivers from now on
        moving = threading.Thread(target=advance, args=(stopped,))
        moving.start()
        assert receiver.came.wait(30)
        stopped.process.send_signal(signal.SIGSTOP)
        told(other.client.post(f"{CONTROL}/clock/advance", json={"seconds": HOUR}, timeout=30), 200)
        until(lambda: len(receiver.bodies) == 2)
        (after,) = told(other.client.get(f"{CONTROL}/webhooks"), 200)
        assert (after["id"], after["outcome"], after["job"]) == (owed["id"], "delivered", job)
        receiver.go.set()
        stopped.process.send_signal(signal.SIGCONT)
        moving.join(30)
        assert not moving.is_alive()
        assert told(stopped.client.get(f"{CONTROL}/webhooks"), 200) == [after], "what the first one heard is not told"
        assert told(other.client.get(f"{CONTROL}/webhooks"), 200) == [after]
        told_of = [json.loads(body) for body in receiver.bodies]
        assert [(each["jobId"], each["status"]) for each in told_of] == [(job, "COMPLETED")] * 2


def advance(process: Process) -> None:
    process.client.post(f"{CONTROL}/clock/advance", json={"seconds": HOUR}, timeout=60)
