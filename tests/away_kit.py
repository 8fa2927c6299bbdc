"""Workers of this process over one engine, of which one may die, stand still or lose its connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from math import inf
from typing import Any

import pytest
from engine_kit import Engine, running_engine
from home_kit import patient
from store_kit import Idle

from mockserver.clock import Clock, monotonic
from mockserver.errors import StateError
from mockserver.state.configuration import ApiConfiguration, Configuration
from mockserver.state.port import Begin, Post, PutJob, WantedRecords
from mockserver.store import AccountRecord, JobRecord
from mockserver.stores.redis import First, RedisState, Worker, ends, questions
from mockserver.stores.redis import worker as worker_module

ANN = AccountRecord("api", "ann", "k", "c", "s", "w", credits=5.0)
KNOWN = Configuration(apis={"api": ApiConfiguration((ANN,))}, secret="s")
BEGIN = Begin("api", WantedRecords(account="ann"), ())
PATIENCE = 20.0


def job(name: str) -> JobRecord:
    return JobRecord(name, "film", "ann", 1.0)


def post(name: str) -> Post:
    return Post("done", job(name), "ann", "https://a.b/c", 1)


class Told(Idle):
    """Notes what is to be delivered."""

    def __init__(self) -> None:
        self.jobs: list[str] = []

    def deliver(self, api: str, caused: Any) -> None:
        self.jobs.append(caused.job.id)


class Away:
    """Two workers, and what befalls them; a sandbox that both use is theirs from the beginning."""

    def __init__(self, engine: Engine, runner: asyncio.Runner) -> None:
        self.engine, self.runner = engine, runner
        self._states: list[RedisState] = []  # a worker knows those that are there
        self.one, self.other = self.worker(), self.worker()

    def worker(self) -> Worker:
        return Worker(self.engine.url)

    def state(self, worker: Worker, name: str = "w") -> RedisState:
        """A sandbox as a worker has it."""
        made = self.made(worker, name)
        with suppress(StateError):  # once, where the engine was emptied
            self.run(made.configuration())
        self.run(made.configuration())
        return made

    def made(self, worker: Worker, name: str) -> RedisState:
        """The same, before it has asked for anything."""
        made = RedisState(worker, name, First(KNOWN, Clock("manual").reading(), {}), Told())
        self._states.append(made)
        return made

    def run(self, work: Any) -> Any:
        return self.runner.run(_awaited(work))

    def until(self, met: Callable[[], Any]) -> None:
        """Let the workers go on until something is so."""
        self.run(until(met))

    def ask(self, *words: Any) -> Any:
        """What the engine says, by the connection of the second worker."""
        return self.run(_asked(self.other, words))

    def bases_of(self, worker: Worker) -> set[bytes]:
        """The sandboxes that others would look after."""
        return set(self.ask("SMEMBERS", f"{worker_module.WORKERS}:of:{worker.name}"))

    def leave(self, worker: Worker) -> None:
        """It says and does nothing any more, and its connection ends."""
        self.run(_end(worker))

    def die(self, worker: Worker) -> None:
        """The same, and the engine knows it to be silent for long."""
        self.leave(worker)
        self.ask("ZADD", f"{worker_module.WORKERS}:beats", 1, worker.name)

    def end(self) -> None:
        for state in self._states:
            if state.worker._pipes:  # type: ignore[attr-defined]  # who died has nothing to leave
                self.run(state.worker.close())
        for worker in (self.one, self.other):
            self.run(worker.close())


async def _awaited(work: Any) -> Any:
    return await work


async def _asked(worker: Worker, words: Any) -> Any:
    return await worker.pipe.ask(*words)


async def _end(worker: Worker) -> None:
    tasks, pipes = [*worker._tasks], [*worker._pipes.values()]
    for task in tasks:
        task.cancel()
    for each in pipes:
        each.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    worker._pipes.clear()
    worker._last = None


async def losing(worker: Worker, tell: Callable[[], object], *, hears: bool) -> None:
    """What it tells, its engine hears or not; nobody hears an answer, and the connection is lost."""
    way = worker.pipe._line
    assert way is not None
    if not hears:
        way.send = lambda queue: way._asked.extend(queue)  # type: ignore[method-assign]
    tell()
    await asyncio.sleep(0)
    way.end("was lost")


def deaf(worker: Worker) -> Callable[[], None]:
    """What is said to a worker, it does not hear any more; what is given lets it lose its connection."""
    (pipe,) = worker._pipes.values()
    way = pipe._line
    assert way is not None
    way._pushed = lambda push: None
    return lambda: way.end("was lost")


async def until(met: Callable[[], Any]) -> None:
    end = monotonic() + PATIENCE
    while True:
        found = met()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert monotonic() < end, "it did not come"
        await asyncio.sleep(0.005)


async def caused(state: RedisState, name: str) -> int:
    """A request that owes a webhook and is not over yet: its number."""
    begun = await state.begin(BEGIN, "", inf, 0)
    assert begun is not None
    assert await state.commit("api", begun.n, [PutJob(job(name)), post(name)])
    return begun.n


@contextmanager
def away(program: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Away]:
    """Both at an engine of their own. Who dies is gone at once, and nobody else is."""
    for name, seconds in (("BEAT", 0.05), ("GONE", 30.0), ("SURE", 0.0)):
        monkeypatch.setattr(worker_module, name, seconds)
    monkeypatch.setattr(questions, "PATIENCE", 0.2)
    monkeypatch.setattr(ends, "AGAIN", 0.05)
    with patient(), ExitStack() as stack:
        engine = stack.enter_context(running_engine(program))
        made = Away(engine, stack.enter_context(asyncio.Runner()))
        yield made
        made.end()
