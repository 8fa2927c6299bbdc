"""The home on an engine does as the one in this process does: one machine of states drives both, by two workers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from math import inf
from typing import Any

import pytest
from engine_kit import found, running_engine
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from state_kit import copied
from store_kit import Idle
from tier_kit import scaled

from mockserver.clock import Clock
from mockserver.draws import Draws
from mockserver.errors import Overtaken
from mockserver.journal import Journal
from mockserver.ratelimit import Window
from mockserver.state.configuration import ApiConfiguration, Configuration
from mockserver.state.memory import Memory
from mockserver.state.port import (
    Begin,
    Charge,
    Drop,
    Forget,
    KeepUpload,
    KeyName,
    KeyUse,
    Occupy,
    PageOf,
    PlanOrder,
    Prolong,
    PutJob,
    Refund,
    SaveAnswer,
    SavedAnswer,
    UseOrder,
    WantedRecords,
)
from mockserver.state.records import ArmedFault, FaultUses
from mockserver.store import AccountRecord, Handle, JobRecord, Offspring
from mockserver.stores.redis import First, RedisState, Worker
from mockserver.timeline import Move
from mockserver.upload_store import Shelf, Upload

ENGINES = found()
NUMBERS = count(1)
ACCOUNTS = (
    AccountRecord("api", "ann", "k", "c", "s", "w", credits=5.0),
    AccountRecord("api", "bob", "l", "d", "t", "x", full=9.5),
)
OWNERS = [("ann", "video"), ("bob", "video"), ("ann", "image")]
IDS = [f"j{n}" for n in range(8)]
owners, ids = st.sampled_from(OWNERS), st.sampled_from(IDS)
workers = st.integers(0, 1)
moments = st.sampled_from([0.1, 1.0, 7.25, 60.0])
purposes = st.lists(st.sampled_from(["id", "plan", "account.api"]), max_size=3)
WINDOWS = (Window("ip", "::1", 3, 60.0), Window("all", "::1", 5, 90.5)), (Window("mine", "ann", 2, 30.0),)
FOREVER = Offspring("cuid", "film")


class Homes(RuleBasedStateMachine):
    """Both homes; what one gives, the other gives."""

    runner: asyncio.Runner
    workers: tuple[Worker, ...]

    def __init__(self) -> None:
        super().__init__()
        known = Configuration(apis={"api": ApiConfiguration(ACCOUNTS)}, secret="s")
        clock = Clock("step", step=0.1, start=100.0)
        self.name = f"world {next(NUMBERS)}"
        self.memory = Memory(self.name, clock, Draws("0"), Journal(), Shelf(), Idle(), known)
        self.memory.part("api")
        first = First(known, clock.reading(), {})
        self.others = [RedisState(worker, self.name, first, Idle()) for worker in self.workers]
        for each in self.others:  # the second one learns that it is not the first
            self.runner.run(each.configuration())
        self.armed = 0
        self.offered: list[Handle] = []
        self.last = 0

    def both(self, worker: int, call: str, *words: Any, raises: bool = False) -> Any:
        """What both give."""
        answers = []
        for home in (self.memory, self.others[worker]):
            try:
                answers.append(self.runner.run(getattr(home, call)(*words)))
            except Overtaken as error:
                answers.append(str(error))
        assert answers[0] == answers[1], call
        return copied(answers[0])

    def tell(self, worker: int, call: str, *words: Any) -> None:
        for home in (self.memory, self.others[worker]):
            getattr(home, call)(*words) if home is self.memory else self.runner.run(told(home, call, *words))

    @rule(
        worker=workers, job=ids, owner=st.none() | owners, most=st.integers(1, 2), purposes=purposes,
        counted=st.booleans(), until=st.sampled_from([inf, 101.0, -inf]), stale=st.integers(0, 9),
    )  # fmt: skip
    def begin(self, worker: int, job: str, owner: Any, most: int, purposes: Any, counted: bool, until: float,
              stale: int) -> None:  # fmt: skip
        wanted = None if owner is None else WantedRecords(owner, owner[0], owner[1], most)
        rev = self.memory.configured.rev - (stale == 0)
        begun = self.both(
            worker, "begin", Begin("api", wanted, tuple(purposes), *(WINDOWS if counted else ((), ())), rev), job,
            until, 0,
        )  # fmt: skip
        self.last = self.last if begun is None else begun.n

    @rule(worker=workers, job=ids, owner=owners)
    def look_again(self, worker: int, job: str, owner: Any) -> None:
        if self.last:
            self.both(worker, "begin", Begin("api", WantedRecords(owner, owner[0])), job, inf, self.last)

    @rule(worker=workers, job=ids, owner=owners, expected=st.integers(0, 2), busy=st.none() | moments,
          price=st.none() | moments, text=st.text(max_size=5), makes=st.booleans())  # fmt: skip
    def create(self, worker: int, job: str, owner: Any, expected: int, busy: Any, price: Any, text: str,
               makes: bool) -> None:  # fmt: skip
        now = self.memory.clock.now()
        account, resource = owner
        kept = {"/prompt": text, "/n": [1, 2.5, None]}
        made = JobRecord(job, resource, account, now, rev=expected + 1, kept=kept, offspring=FOREVER if makes else None,
                   moves=(Move(now, "DONE"),) * expected)  # fmt: skip
        known = self.memory.part("api").store.get(job)
        if known is not None:
            made = made._replace(account=known.account, resource=known.resource, offspring=known.offspring)
        effects: list[Any] = [PutJob(made, expected)]
        if busy is not None:
            effects.append(Occupy(owner, job, now, now + busy, 1))
        if price is not None:
            credits = self.memory.part("api").credits.get(account)
            effects.append(Charge(account, credits, None if credits is None else credits - price))
            effects.append(Refund(job, account, now + price, price, 7.0))
        self.both(worker, "commit", "api", self.last, effects)

    @rule(worker=workers, job=ids, owner=owners, seconds=moments, most=st.integers(1, 3), credits=moments)
    def change(self, worker: int, job: str, owner: Any, seconds: float, most: int, credits: float) -> None:
        now = self.memory.clock.now()
        effects = [Prolong(owner, job, now + seconds), Occupy(owner, job, now, now + seconds, most)]
        self.both(worker, "commit", "api", self.last, effects)
        self.both(worker, "commit", "api", self.last, [Charge(owner[0], credits, 1.0), Prolong(owner, job, -inf)])

    @rule(worker=workers, job=ids, many=st.integers(2, 5), purposes=purposes, counted=st.booleans(), ends=st.booleans())
    def several(self, worker: int, job: str, many: int, purposes: Any, counted: bool, ends: bool) -> None:
        """What begins in one turn, is committed in one, and ends in one."""
        rev, wanted = self.memory.configured.rev, WantedRecords(OWNERS[0], "ann", "video")
        begin = Begin("api", wanted, tuple(purposes), *(WINDOWS if counted else ((), ())), rev)
        begun = self.together(worker, [("begin", begin if n else begin._replace(purposes=()), job, inf, 0)
                                       for n in range(many)])  # fmt: skip
        if None in begun:
            return
        jobs = [JobRecord(f"s{each.n % 9}", "video", "ann", each.now, kept={"/n": each.n}) for each in begun]
        put = [[PutJob(each, 0), Occupy(OWNERS[0], each.id, each.created, each.created + 1, 2)] for each in jobs]
        self.together(worker, [("commit", "api", each.n, effects) for each, effects in zip(begun, put, strict=True)])
        for each in begun:
            entry = (
                each.n,
                each.now,
                "request",
                "api",
                "op",
                "GET",
                "/x",
                200,
                "ok",
                "",
                0.0,
                None,
                "",
                "",
                None,
                None,
            )
            self.tell(worker, "enter", entry, 50)
            if ends:
                self.tell(worker, "finish", each.n)
        self.last = begun[-1].n

    def together(self, worker: int, calls: list[tuple[Any, ...]]) -> list[Any]:
        """What both give: the one in this process one after another, the other one asked all at once."""
        home = self.others[worker]

        async def asked() -> list[Any]:
            return await asyncio.gather(*[getattr(home, name)(*words) for name, *words in calls])

        expected = [self.runner.run(getattr(self.memory, name)(*words)) for name, *words in calls]
        assert expected == self.runner.run(asked())
        return expected

    @rule(worker=workers, ids=st.lists(ids, max_size=3))
    def named(self, worker: int, ids: Any) -> None:
        made = [FOREVER.id_of(each) for each in ids]
        self.both(worker, "look_up", "api", (*ids, *made))

    @rule(worker=workers, owner=owners, after=st.none() | ids, most=st.integers(0, 4), with_it=st.booleans(),
          ascending=st.booleans(), skip=st.integers(0, 3))  # fmt: skip
    def page(self, worker: int, owner: Any, after: Any, most: int, with_it: bool, ascending: bool, skip: int) -> None:
        self.both(worker, "page", "api", PageOf(owner, after, most, with_it, ascending, skip))
        self.both(worker, "count", "api", owner)
        self.both(worker, "newest", "api", most)

    @rule(worker=workers, seconds=moments, tick=st.booleans(), over=st.integers(0, 5))
    def advance(self, worker: int, seconds: float, tick: bool, over: int) -> None:
        now = self.both(worker, "read_clock", tick).now
        generation = self.memory.configured.generation - (over == 0)
        self.both(worker, "move_clock", generation, now + seconds)
        self.both(worker, "move_clock", generation, now, seconds)

    @rule(worker=workers, mode=st.sampled_from(["manual", "step"]), late=st.integers(0, 5))
    def switch(self, worker: int, mode: Any, late: int) -> None:
        known = self.both(worker, "read_clock")
        self.both(
            worker,
            "switch_clock",
            known._replace(mode=mode, step=5.0 if mode == "step" else 1.0, rev=known.rev + (late != 0)),
        )

    @rule(worker=workers, most=st.none() | st.integers(1, 3), at_once=st.none() | st.integers(1, 2))
    def arm(self, worker: int, most: Any, at_once: Any) -> None:
        self.armed += 1
        selector = {} if at_once is None else {"at_once": at_once}
        known = self.both(worker, "configuration")
        fault = ArmedFault(f"api-{self.armed}", "hang", {"seconds": 2.5}, selector, 1.0, most=most)
        faults = (*known.apis["api"].faults[-3:], fault)
        self.both(worker, "configure", known.with_api("api", faults=faults))
        self.both(worker, "configure", known.but(strict=True))

    @rule(worker=workers, back=st.integers(0, 3), over=st.integers(0, 9), is_late=st.booleans())
    def meet(self, worker: int, back: int, over: int, is_late: bool) -> None:
        fault, generation = f"api-{self.armed - back}", self.memory.configured.generation - (over == 0)
        self.both(worker, "count_faults", "api", generation, (fault, "gone"))
        uses = self.both(worker, "take_fault", "api", generation, fault)
        self.both(worker, "draw_fault", "api", generation, fault, ".seconds" if is_late else "chance")
        self.both(worker, "foresee", "api", generation, fault, is_late)
        if back:
            self.both(worker, "meet_foreseen", "api", generation, fault)
            if isinstance(uses, FaultUses):
                self.tell(worker, "release_fault", "api", generation, fault, uses.applied)
        self.both(worker, "fault_uses", "api", (fault, "gone"))
        self.both(worker, "configuration")

    @rule(worker=workers, resource=st.none() | st.sampled_from(["video", "image"]), left=st.sampled_from([-1, 1, 2]),
          fits=st.none() | st.frozensets(st.sampled_from(["video", "image"])))  # fmt: skip
    def order(self, worker: int, resource: Any, left: int, fits: Any) -> None:
        order = PlanOrder(resource, left, {"outcome": "FAILED"}, 50, fits)
        self.both(worker, "place", "api", order)
        self.both(worker, "orders", "api")

    @rule(worker=workers, resource=st.sampled_from(["video", "image"]), back=st.booleans())
    def use_order(self, worker: int, resource: str, back: bool) -> None:
        found = self.both(worker, "look", "api", "", WantedRecords(resource=resource)).order
        identity = "gone" if found is None else found.id
        if back:
            self.both(worker, "withdraw", "api", identity)
        else:
            self.both(worker, "commit", "api", self.last, [UseOrder(identity)])

    @rule(worker=workers, name=st.sampled_from(["k", "l"]), seconds=moments, body=st.none() | st.binary(max_size=9))
    def key(self, worker: int, name: str, seconds: float, body: Any) -> None:
        key, now = KeyName("ann", "create", name), self.memory.clock.now()
        known = self.both(worker, "claim_key", "api", key, KeyUse("digest", now, self.last), seconds)
        if known is None and body is not None:
            answer = SavedAnswer(201, "queued", "a/b", (("x", "y"),), body, "j1")
            self.both(worker, "commit", "api", self.last, [SaveAnswer(key, answer)])

    @rule(worker=workers, body=st.binary(max_size=20), keep=st.booleans(), over=st.booleans())
    def upload(self, worker: int, body: bytes, keep: bool, over: bool) -> None:
        made = Upload.of("image/png", "ü b.png", body)
        for home in (self.memory, self.others[worker]):
            self.runner.run(home.offer(made.handle, made.blob))
        self.offered.append(made.handle)
        if keep:
            self.both(worker, "commit", "api", self.last, [KeepUpload(made.handle)])
        if over:
            self.tell(worker, "tidy", [each.id for each in self.offered])

    @rule(worker=workers, forget=st.booleans())
    def read_uploads(self, worker: int, forget: bool) -> None:
        for each in self.offered[-4:]:
            blobs = [self.runner.run(home.upload(each.id)) for home in (self.memory, self.others[worker])]
            one, other = ((b.etag, b.content_type, b"".join(b.chunks(0, b.length))) if b else None for b in blobs)
            assert one == other
        if forget and self.offered:
            self.both(worker, "commit", "api", self.last, [Forget(self.offered.pop().id)])

    @rule(worker=workers, kind=st.sampled_from(["request", "webhook"]), status=st.sampled_from([0, 200]),
          own=st.booleans(), text=st.text(max_size=5))  # fmt: skip
    def enter(self, worker: int, kind: str, status: int, own: bool, text: str) -> None:
        n = self.last if own else 0
        sent = (((b"a", b"\xff"),), text, 3, "", 7)
        entry = (n, 2.5, kind, "api", "op", "GET", "/x", status, "ok", text, 0.5, {"a": [1]}, "ann", "", sent, None)
        self.tell(worker, "enter", entry, 50)
        self.tell(worker, "see", n, "api", "op", {"ok": 2, "late": 1})

    @rule(worker=workers, place=st.integers(0, 4), most=st.integers(0, 4), after=st.integers(0, 3),
          kinds=st.sampled_from([(), ("webhook",), ("webhook", "request")]), n=st.integers(0, 9))  # fmt: skip
    def read(self, worker: int, place: int, most: int, after: int, kinds: Any, n: int) -> None:
        for running in [*self.memory.in_flight]:
            self.tell(worker, "finish", running)
        self.both(worker, "entries", place, most, after, kinds)
        self.both(worker, "entry", n)
        self.both(worker, "examples")
        self.both(worker, "activity")

    @rule(worker=workers, purposes=purposes)
    def reserve(self, worker: int, purposes: Any) -> None:
        self.both(worker, "reserve", purposes)

    @rule(worker=workers, ids=st.lists(ids, max_size=2), wrong=st.integers(0, 4))
    def drop(self, worker: int, ids: Any, wrong: int) -> None:
        known = {each: self.memory.part("api").store.get(each) for each in ids}
        jobs = {name: (job.rev if job is not None else 1) + (wrong == 0) for name, job in known.items()}
        self.both(worker, "commit", "api", self.last, [Drop(jobs)])

    @rule(worker=workers, counts=st.dictionaries(st.sampled_from(["id", "plan"]), st.integers(1, 9)), on=st.booleans())
    def pass_on(self, worker: int, counts: Any, on: bool) -> None:
        homes = (self.memory, self.others[worker])
        one, other = (self.runner.run(home.remainder("api")) for home in homes)
        assert (sorted(one.windows), one.keys, one.jobs) == (sorted(other.windows), other.keys, other.jobs)
        drawn = [{name: n for name, n in self.runner.run(home.drawn()).items() if n} for home in homes]
        assert drawn[0] == drawn[1]
        if on:
            self.both(worker, "draw_on", counts)
            self.both(worker, "go_on", "api", one)

    @rule(worker=workers)
    def finish(self, worker: int) -> None:
        self.tell(worker, "finish", self.last)

    @rule(worker=workers, late=st.integers(0, 5))
    def reset(self, worker: int, late: int) -> None:
        known = self.both(worker, "configuration")
        anew = Configuration(apis={"api": ApiConfiguration(known.apis["api"].accounts)}, secret="s")
        anew = anew._replace(rev=known.rev + (late != 0), generation=known.generation + 1)
        self.both(worker, "reset", anew)
        [*self.memory.leave()]


async def told(home: RedisState, call: str, *words: Any) -> None:
    getattr(home, call)(*words)
    await home.worker.pipe.ask("PING")


@pytest.fixture(params=ENGINES)
def machine(request: pytest.FixtureRequest) -> Iterator[type[Homes]]:
    with ExitStack() as stack:
        engine = stack.enter_context(running_engine(ENGINES[request.param]))
        runner = stack.enter_context(asyncio.Runner())
        both = (Worker(engine.url), Worker(engine.url))
        yield type("Machine", (Homes,), {"runner": runner, "workers": both})
        for each in both:
            runner.run(each.close())


def test_a_home_on_an_engine_gives_what_the_one_in_this_process_gives(machine: type[Homes]) -> None:
    examples = scaled("examples of two homes", test=25, ci=150, full=600)
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=40, deadline=None))
