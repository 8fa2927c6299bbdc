"""What is asked of an engine in one turn of the loop goes as one script: each is answered as if it had come alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack
from math import inf
from typing import Any

import pytest
from engine_kit import Engine, found, running_engine
from store_kit import Idle

from mockserver.bounds import JOURNAL
from mockserver.clock import Clock
from mockserver.errors import StateError
from mockserver.ratelimit import Window
from mockserver.state.configuration import ApiConfiguration, Configuration
from mockserver.state.port import Begin, NamedJobs, PutJob, Refund, WantedRecords
from mockserver.store import AccountRecord, JobRecord, Offspring
from mockserver.stores.redis import First, RedisState, Worker
from mockserver.stores.redis import worker as worker_module
from mockserver.stores.redis.address import address_of
from mockserver.stores.redis.line import PendingCall
from mockserver.stores.redis.pipe import MANY, Pipe

ENGINES = found()
ANN = AccountRecord("api", "ann", "k", "c", "s", "w", credits=5.0)
VIDEO = Offspring("uuid", "video")
BEGIN = Begin("api", WantedRecords(account="ann"), ("id",))


class Home:
    """The state of a sandbox on an engine of its own."""

    def __init__(self, engine: Engine, runner: asyncio.Runner) -> None:
        self.engine, self.runner, self.worker = engine, runner, Worker(engine.url)
        known = Configuration(apis={"api": ApiConfiguration((ANN,))}, secret="s")
        self.state = RedisState(self.worker, "w", First(known, Clock("step", step=1.0).reading(), {}), Idle())
        runner.run(self.state.configuration())

    def commands(self, work: Coroutine[Any, Any, None]) -> int:
        """How many commands scripts ran in the engine, and it was told besides, until all is heard."""
        self.runner.run(self._heard())
        self.engine.asked(b"CONFIG RESETSTAT\r\n")
        self.runner.run(self._heard(work))
        told = self.engine.asked(b"INFO commandstats\r\n").decode()
        calls = re.findall(r"cmdstat_(\w+):calls=(\d+)", told)
        return sum(int(many) for name, many in calls if name not in ("config|resetstat", "info", "ping"))

    async def _heard(self, work: Coroutine[Any, Any, None] | None = None) -> None:
        if work is not None:
            await work
        await self.worker.pipe.ask("PING")  # what was told before is done by then


@pytest.fixture(params=ENGINES)
def home(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setattr(worker_module, "BEAT", 3600.0)  # counts would have it among them
    with ExitStack() as stack:
        engine = stack.enter_context(running_engine(ENGINES[request.param]))
        made = Home(engine, stack.enter_context(asyncio.Runner()))
        yield made
        made.runner.run(made.worker.close())


def calls_of(engine: Engine) -> int:
    """How many scripts were run."""
    told = engine.asked(b"INFO commandstats\r\n").partition(b"cmdstat_evalsha:calls=")[2]
    return int(told.partition(b",")[0] or 0)


def test_more_than_one_script_takes_are_numbered_in_their_order_and_the_clock_moves_for_each(home: Home) -> None:
    many = 2 * MANY + 3

    async def together() -> None:
        found = await asyncio.gather(*[home.state.begin(BEGIN, "", inf, 0) for _ in range(many)])
        first = found[0]
        assert first is not None
        assert [(each.n - first.n, each.now - first.now, each.numbers) for each in found if each is not None] == [
            (n, float(n), (n,)) for n in range(many)
        ]

    home.engine.asked(b"CONFIG RESETSTAT\r\n")
    home.runner.run(together())
    assert calls_of(home.engine) <= 6, "three, and those by which the worker says that it and the sandbox are there"


def test_of_two_who_want_the_same_the_first_one_has_it_and_others_are_not_touched(home: Home) -> None:
    jobs = [JobRecord(name, "film", "ann", 1.0) for name in ("a", "a", "b")]

    async def together() -> list[bool]:
        return await asyncio.gather(*[home.state.commit("api", 0, [PutJob(each)]) for each in jobs])

    assert home.runner.run(together()) == [True, False, True]
    found = home.runner.run(home.state.newest("api", 9))
    assert [each.id for each in found] == ["b", "a"]


def test_who_begins_by_what_was_switched_meanwhile_begins_anew_and_nobody_else_does(home: Home) -> None:
    async def together() -> None:
        stale = BEGIN._replace(rev=7)
        one, other, third = await asyncio.gather(
            *[home.state.begin(each, "", inf, 0) for each in (BEGIN, stale, BEGIN)]
        )
        assert one is not None
        assert other is None
        assert third is not None
        assert (third.n, third.numbers) == (one.n + 1, (one.numbers[0] + 1,))

    home.runner.run(together())


def test_credits_that_come_back_between_two_requests_of_one_turn_are_seen_by_the_second(home: Home) -> None:
    async def together() -> list[float | None]:
        begun = await home.state.begin(BEGIN, "", inf, 0)
        assert begun is not None
        back = Refund("a", "ann", begun.now + 1.5, 2.0)
        assert await home.state.commit("api", 0, [PutJob(JobRecord("a", "film", "ann", 1.0)), back])
        both = await asyncio.gather(*[home.state.begin(BEGIN, "", inf, 0) for _ in range(2)])
        return [each.credits for each in both if each is not None]

    assert home.runner.run(together()) == [5.0, 7.0], "its clock makes a step of a second with each request"


@pytest.mark.parametrize(
    ("weights", "left"),
    [([3, 3, 3, 3, 3], [3, 4]), ([9], [0]), ([1, 9], [1]), ([0] * 5, [0, 1, 2, 3, 4]), ([0] * 120 + [8], [120])],
)
def test_entries_of_one_turn_that_are_too_large_together_leave_room_for_the_last_ones(
    home: Home, weights: list[int], left: list[int]
) -> None:
    async def together() -> list[str]:
        for place, eighths in enumerate(weights):
            entry = (0, 1.0, "note", "api", "", "", str(place), 0, "", "", 0.0, None, "", "", None, None)
            home.state.enter(entry, eighths * JOURNAL // 8 + 1)
        page = await home.state.entries(0, 500, 0, ())
        return [each.path for each in page.entries]

    assert home.runner.run(together()) == [str(each) for each in left]
    activity = home.runner.run(home.state.activity())
    assert activity.entries == len(weights) - len(left)


def test_entries_are_found_by_their_number_and_by_their_place_when_the_oldest_are_gone(home: Home) -> None:
    async def together() -> None:
        for n in range(1, 131):
            entry = (n, 1.0, "note", "api", "", "", str(n), 0, "", "", 0.0, None, "", "", None, None)
            home.state.enter(entry, JOURNAL // 128 + 1)  # room for 127
        found = [await home.state.entry(n) for n in (3, 4, 40, 79, 130, 131)]
        assert [each and each.path for each in found] == [None, "4", "40", "79", "130", None]
        page = await home.state.entries(100, 5, 0, ())
        assert ([each.path for each in page.entries], page.next) == (["101", "102", "103", "104", "105"], 105)
        last = await home.state.entries(127, 5, 128, ("note",))
        assert ([each.path for each in last.entries], last.next) == (["129", "130"], None)

    home.runner.run(together())


@pytest.mark.parametrize("is_full", [False, True])
def test_twice_as_many_requests_of_one_turn_run_no_command_more_in_the_engine(home: Home, is_full: bool) -> None:
    """A full journal takes three more: what the oldest weigh, and that they and their weights go.

    The clock steps here, which takes two: others may hold requests that wait for it.
    """
    wanted = Begin("api", None, (), (Window("requests", "ann", 10**6, 3600.0),))
    weight = JOURNAL // 8 if is_full else 1
    ran = [home.commands(read_jobs(home, wanted, many, weight)) for many in (8, 8, 16)]
    assert ran[1:] == [20 + 3 * is_full] * 2


async def read_jobs(home: Home, wanted: Begin, many: int, weight: int) -> None:
    """So many requests that read a job begin, are entered and end."""
    begun = await asyncio.gather(*[home.state.begin(wanted, f"job-{n}", inf, 0) for n in range(many)])
    for each in begun:
        assert each is not None
        entry = (each.n, 1.0, "request", "api", "read", "GET", "/", 200, "", "", 0.0, None, "", "", None, None)
        home.state.enter(entry, weight)
        home.state.finish(each.n)


def test_a_job_more_in_one_turn_is_one_command_more(home: Home) -> None:
    """Whether it is known: what is written goes together."""

    async def together(names: str) -> None:
        made = [PutJob(JobRecord(each, "film", "ann", 1.0, offspring=VIDEO)) for each in names]
        assert all(await asyncio.gather(*[home.state.commit("api", 0, [each]) for each in made]))

    home.runner.run(together("0"))
    one, four = home.commands(together("a")), home.commands(together("bcde"))
    assert four == one + 3


def test_jobs_of_one_commit_that_are_too_many_for_one_command_are_all_there(home: Home) -> None:
    made = [JobRecord(str(n), "film", "ann", 1.0, offspring=VIDEO) for n in range(5_000)]

    async def commit(expected: int) -> None:
        effects = [PutJob(each._replace(rev=expected + 1), expected) for each in made]
        assert await home.state.commit("api", 0, effects)
        first, last = made[0], made[-1]
        known = await home.state.look_up("api", (str(first.produced), last.id))
        assert known[str(first.produced)] == NamedJobs(None, first._replace(rev=expected + 1))
        assert known[last.id] == NamedJobs(last._replace(rev=expected + 1), None)
        assert await home.state.count("api", ("ann", "film")) == len(made)

    home.runner.run(commit(0))
    home.runner.run(commit(1))


def test_all_are_told_that_the_engine_is_gone(home: Home) -> None:
    async def together() -> None:
        begins = [home.state.begin(BEGIN, "", inf, 0) for _ in range(3)]
        answers = await asyncio.gather(*begins, return_exceptions=True)
        assert [type(each) for each in answers] == [StateError] * 3
        assert len({id(each) for each in answers}) == 3, "who raises one changes it"

    home.engine.kill()
    home.runner.run(together())


class Line:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def send(self, queue: list[PendingCall]) -> None:
        self.sizes += [len(each.words) - 1 for each in queue]


def test_no_more_than_so_many_are_asked_or_told_as_one() -> None:
    async def together() -> list[int]:
        pipe: Any = Pipe(address_of("redis://127.0.0.1"), lambda hello, memory: "", "ms1:test", lambda push: None)
        pipe._line = line = Line()
        for n in range(2 * MANY + 3):
            pipe.ask_together(("ask",), (n,))
            pipe.tell_together(("tell",), (n,), lambda answer, words: None, lambda: None)
        await asyncio.sleep(0)
        return line.sizes

    assert sorted(asyncio.run(together())) == [3, 3] + [MANY] * 4
