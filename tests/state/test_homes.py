"""The two homes of the state: the one in this process never suspends; under one that always does, all goes alike."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Coroutine
from math import inf
from pathlib import Path
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.draws import Draws
from mockserver.journal import Entry, Journal
from mockserver.ratelimit import Window
from mockserver.shelf import Shelf, Upload
from mockserver.state.memory import Memory
from mockserver.state.port import (
    Begin,
    Charge,
    Forget,
    Keep,
    Key,
    KeyUse,
    Occupy,
    PageOf,
    PlanOrder,
    Post,
    Prolong,
    PutJob,
    SaveAnswer,
    SavedAnswer,
    State,
    UseOrder,
    Wanted,
)
from mockserver.store import Job
from mockserver.timeline import Move

ROOT = Path(__file__).parents[2]
OWNER = ("ann", "video")
JOB = Job("j1", "video", "ann", 1.0)
POST = Post("done", JOB, "ann", "https://a.b/c", 1)


def sent(work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives that has nothing to wait for."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it suspended")


class Told(list[tuple[str, Post]]):
    """The webhooks that may be delivered."""

    def add(self, api: str, post: Post) -> None:
        self.append((api, post))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def memory(told: Told) -> Memory:
    home = Memory("world", Clock("step", step=5.0, start=100.0), Draws("0"), Journal(), Shelf(), told.add)
    home.part("api").credits["ann"] = 5.0
    return home


def test_no_method_of_the_home_in_this_process_ever_suspends(memory: Memory) -> None:
    calls: dict[str, Any] = {
        "begin": lambda: memory.begin(Begin("api", Wanted(OWNER, "ann", "video"), ("id",)), "j1", inf, 0),
        "look": lambda: memory.look("api", "j1", Wanted(OWNER)),
        "look_up": lambda: memory.look_up("api", ("j1", "j2")),
        "page": lambda: memory.page("api", PageOf(OWNER, None, 5)),
        "count": lambda: memory.count("api", OWNER),
        "newest": lambda: memory.newest("api", 5),
        "commit": lambda: memory.commit("api", 1, (PutJob(JOB),)),
        "claim_key": lambda: memory.claim_key("api", Key("ann", "create", "k"), KeyUse("d", 1.0, 1), 60.0),
    }
    memory.enter(Entry(1, 1.0, "request", "api", ""), 5)
    memory.finish(1)
    assert {name for name in vars(State) if not name.startswith("_")} == {*calls, "enter", "see", "finish"}
    for call in calls.values():
        sent(call())


def test_a_request_that_begins_gets_its_time_number_counts_and_what_it_asks_to_see(memory: Memory) -> None:
    begin = Begin("api", Wanted(OWNER, "ann", "video"), ("id", "plan"), (Window("w", "::1", 1, 60.0),))
    first, second = sent(memory.begin(begin, "", inf, 0)), sent(memory.begin(begin, "j1", inf, 0))
    assert (first.n, first.now, first.numbers, first.counts[0].refused) == (1, 105.0, (0, 0), False)
    assert (second.n, second.now, second.numbers, second.counts[0].refused) == (2, 110.0, (1, 1), True)
    assert (second.job, second.busy, second.credits, second.order) == (None, -inf, 5.0, None)
    again = sent(memory.begin(begin, "", inf, 2))
    assert (again.n, again.now, memory.in_flight) == (2, 110.0, {1, 2})
    memory.finish(1)
    assert memory.in_flight == {2}


def test_what_an_address_is_refused_or_a_credential_no_longer_proves_counts_against_no_account(memory: Memory) -> None:
    per_ip, per_account = (Window("ip", "::1", 1, 60.0),), (Window("mine", "ann", 9, 60.0),)
    begin = Begin("api", None, (), per_ip, per_account)
    assert [len(sent(memory.begin(begin, "", inf, 0)).counts) for _ in range(2)] == [2, 1]
    assert len(sent(memory.begin(Begin("api", None, (), (), per_account), "", 50.0, 0)).counts) == 0


CONFLICTS = [
    PutJob(JOB, 3),
    Occupy(OWNER, "j2", 5.0, 9.0),
    Charge("ann", 4.0, 3.0),
    UseOrder("gone"),
]


@pytest.mark.parametrize("effect", CONFLICTS, ids=lambda effect: type(effect).__name__)
def test_where_one_thing_is_not_as_it_was_seen_nothing_is_done(memory: Memory, effect: Any) -> None:
    part = memory.part("api")
    part.store.busy[OWNER] = {"j0": 50.0}
    assert sent(memory.commit("api", 1, (PutJob(JOB), Charge("ann", 5.0, 1.0), effect))) is False
    assert (part.store.get("j1"), part.credits["ann"]) == (None, 5.0)


def test_a_commit_does_all_of_it(memory: Memory, told: Told) -> None:
    part, upload = memory.part("api"), Upload.of("image/png", "a.png", b"abc")
    part.orders.append(PlanOrder("video", 2, {}, id="one"))
    memory.shelf.offer([upload])
    occupy, keep = Occupy(OWNER, "j1", 1.0, 30.0), Keep(upload.handle)
    effects = (PutJob(JOB), occupy, Charge("ann", 5.0, 4.0), UseOrder("one"), keep, POST)
    assert sent(memory.commit("api", 1, effects)) is True
    assert (part.store.get("j1"), part.credits["ann"], part.orders[0].left) == (JOB, 4.0, 1)
    assert memory.shelf.get(upload.id) is upload
    assert sent(memory.look("api", "", Wanted(OWNER))).busy == 30.0
    assert told == []
    memory.finish(1)
    assert told == [("api", POST)]
    after = JOB.but(moves=(Move(2.0, "CANCELLED"),))
    assert sent(memory.commit("api", 2, (PutJob(after, 1), Prolong(OWNER, "j1", 2.0), Forget(upload.id))))
    assert sent(memory.look("api", "j1", Wanted(OWNER)))[:2] == (after, 2.0)
    assert memory.shelf.get(upload.id) is None
    assert sent(memory.commit("api", 3, (Prolong(OWNER, "another", 99.0), UseOrder("one"))))
    assert (part.store.busy[OWNER], list(part.orders)) == ({"j1": 2.0}, [])


def test_webhooks_of_a_sandbox_that_was_reset_are_not_delivered(memory: Memory, told: Told) -> None:
    sent(memory.commit("api", 1, (POST,)))
    memory.reset(Draws("0"))
    memory.finish(1)
    assert told == []


def test_a_claimed_key_is_free_again_when_its_request_ends_without_an_answer(memory: Memory) -> None:
    memory.part("api")
    key, use, answer = Key("ann", "create", "k"), KeyUse("d", 1.0, 1), SavedAnswer(201, "queued", "", (), b"")
    assert sent(memory.claim_key("api", key, use, 60.0)) is None
    assert sent(memory.claim_key("api", key, use._replace(n=2), 60.0)) == use
    memory.finish(2)
    assert sent(memory.claim_key("api", key, use._replace(n=2), 60.0)) == use
    memory.finish(1)
    assert sent(memory.claim_key("api", key, use._replace(n=3), 60.0)) is None
    assert sent(memory.commit("api", 3, (SaveAnswer(key, answer),)))
    memory.finish(3)
    assert sent(memory.claim_key("api", key, use._replace(n=4, at=60.9), 60.0)) == KeyUse("d", 1.0, 3, answer)
    assert sent(memory.claim_key("api", key, use._replace(n=5, at=61.0), 60.0)) is None


# --- a home elsewhere

FEW = (
    "tests/apis/test_short_way_posts.py",
    "tests/apis/test_vidgen_webhooks.py",
    "tests/control/test_control_sides.py",
    "tests/language/test_idempotency.py",
)
ROOMS = ("tests/apis", "tests/control", "tests/test_delivery.py", "tests/test_generations.py", "tests/test_bounds.py",
         "tests/language/test_waits.py", "tests/language/test_streams.py")  # fmt: skip
FAULTS = tuple(f"tests/{path.name}" for path in sorted((ROOT / "tests").glob("test_faults_*.py")))


def run(*paths: str) -> None:
    """These tests, in a process whose sandboxes are kept elsewhere."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider", *paths]
    environment = {**os.environ, "MOCKSERVER_HOME": "slow"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1800, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


def test_some_requests_of_each_kind_go_alike_where_the_state_has_to_be_waited_for() -> None:
    run(*FEW)


@pytest.mark.slow
@pytest.mark.parametrize("rooms", [ROOMS, FAULTS], ids=["apis", "faults"])
def test_everything_goes_alike_where_the_state_has_to_be_waited_for(rooms: tuple[str, ...]) -> None:
    run(*rooms)
