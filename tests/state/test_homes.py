"""The two homes of the state: the one in this process never suspends; under one that always does, all goes alike."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Coroutine
from math import inf
from pathlib import Path
from typing import Any, cast

import pytest

from mockserver.bounds import ORDERS
from mockserver.clock import Clock, ClockReading
from mockserver.draws import Draws
from mockserver.errors import Closed, Overtaken
from mockserver.journal import Journal, JournalEntry
from mockserver.ratelimit import Window
from mockserver.state import noted_changes
from mockserver.state.configuration import ApiConfiguration, Configuration
from mockserver.state.fault_port import FaultState
from mockserver.state.held_port import HeldRequests, HeldState
from mockserver.state.journal_port import Activity, JournalState
from mockserver.state.memory import Memory
from mockserver.state.pages import all_entries
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
    Post,
    Prolong,
    PutJob,
    Refund,
    SaveAnswer,
    SavedAnswer,
    State,
    UseOrder,
    WantedRecords,
)
from mockserver.state.records import ArmedFault, FaultUses
from mockserver.state.request_port import RequestState
from mockserver.state.snapshot_port import Remainder, SnapshotState
from mockserver.state.upload_port import UploadState
from mockserver.state.watch_port import Changes, WatchState
from mockserver.state.webhook_port import WebhookState
from mockserver.state.webhook_records import OwedWebhook, WebhookPage
from mockserver.store import AccountRecord, JobRecord
from mockserver.timeline import Move
from mockserver.upload_store import Shelf, Upload

ROOT = Path(__file__).parents[2]
OWNER = ("ann", "video")
SIDE = ApiConfiguration((AccountRecord("api", "ann", "k", "c", "s", "w", credits=5.0),))
JOB = JobRecord("j1", "video", "ann", 1.0)
UPLOAD = Upload.of("image/png", "b.png", b"abcd")
OWED = OwedWebhook("w1", "api", "done", JOB, "ann", "https://a.b/c", 1, next_at=5.0)
POST = Post("done", JOB, "ann", "https://a.b/c", 1)


def sent(work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives that has nothing to wait for."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it suspended")


class Told(list[tuple[str, Any]]):
    """The webhooks that may be delivered."""

    def deliver(self, api: str, caused: Any) -> None:
        self.append((api, caused))

    def see(self, configuration: Configuration) -> None:
        """It follows from the home's own."""

    def end(self) -> None:
        """Nothing is delivered any more."""

    def observed(self, noted: Any, is_watched: bool) -> None:
        """Nobody watches here."""

    def owed(self, postings: Any) -> list[OwedWebhook]:
        return [*postings]

    def wake(self) -> None:
        """No clock of these tests goes by itself."""

    def held(self) -> HeldRequests:
        return HeldRequests(2, 150.0)

    async def let_go_on(self, reading: ClockReading) -> None:
        self.append(("held", reading.now))

    def webhooks(self, after: int, most: int) -> WebhookPage:
        return WebhookPage((), 0)

    def waiting_webhooks(self) -> list[OwedWebhook]:
        return []

    def next_webhook(self) -> None:
        return None

    def owe(self, owed: OwedWebhook) -> None:
        self.append((owed.api, owed))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def memory(told: Told) -> Memory:
    clock = Clock("step", step=5.0, start=100.0)
    return Memory("world", clock, Draws("0"), Journal(), Shelf(), cast(Any, told), Configuration(apis={"api": SIDE}))


PORTS = (State, FaultState, HeldState, JournalState, RequestState, SnapshotState, UploadState, WatchState, WebhookState)


def test_no_method_of_the_home_in_this_process_ever_suspends_but_for_deliveries(memory: Memory) -> None:
    calls: dict[str, Any] = {
        "configuration": lambda: memory.configuration(),
        "configure": lambda: memory.configure(memory.configured.but(strict=True)._replace(rev=9)),
        "reset": lambda: memory.reset(memory.configured.but(generation=1)._replace(rev=9)),
        "read_clock": lambda: memory.read_clock(tick=True),
        "switch_clock": lambda: memory.switch_clock(memory.clock.reading()._replace(rev=2)),
        "move_clock": lambda: memory.move_clock(0, 5.0, 1.0),
        "reserve": lambda: memory.reserve(("id",)),
        "begin": lambda: memory.begin(Begin("api", WantedRecords(OWNER, "ann", "video"), ("id",)), "j1", inf, 0),
        "look": lambda: memory.look("api", "j1", WantedRecords(OWNER)),
        "look_up": lambda: memory.look_up("api", ("j1", "j2")),
        "page": lambda: memory.page("api", PageOf(OWNER, None, 5)),
        "count": lambda: memory.count("api", OWNER),
        "newest": lambda: memory.newest("api", 5),
        "commit": lambda: memory.commit("api", 1, (PutJob(JOB),)),
        "count_faults": lambda: memory.count_faults("api", 0, ("api-1",)),
        "take_fault": lambda: memory.take_fault("api", 0, "api-1"),
        "draw_fault": lambda: memory.draw_fault("api", 0, "api-1", ".seconds"),
        "foresee": lambda: memory.foresee("api", 0, "api-1", True),
        "meet_foreseen": lambda: memory.meet_foreseen("api", 0, "api-1"),
        "fault_uses": lambda: memory.fault_uses("api", ("api-1",)),
        "place": lambda: memory.place("api", PlanOrder("video", 1, {})),
        "orders": lambda: memory.orders("api"),
        "withdraw": lambda: memory.withdraw("api", "api-plan-9"),
        "entries": lambda: memory.entries(0, 5, 0, ()),
        "entry": lambda: memory.entry(1),
        "examples": lambda: memory.examples(),
        "activity": lambda: memory.activity(),
        "offer": lambda: memory.offer(UPLOAD.handle, UPLOAD.blob),
        "upload": lambda: memory.upload(UPLOAD.id),
        "webhooks": lambda: memory.webhooks(0, 5),
        "requests": lambda: memory.requests(0, 5, ""),
        "changes": lambda: memory.changes("me"),
        "told_elsewhere": lambda: memory.told_elsewhere("me", 0, False),
        "drawn": lambda: memory.drawn(),
        "draw_on": lambda: memory.draw_on({"id": 3}),
        "remainder": lambda: memory.remainder("api"),
        "go_on": lambda: memory.go_on("api", Remainder((), ())),
        "waiting_webhooks": lambda: memory.waiting_webhooks(),
        "next_webhook": lambda: memory.next_webhook(),
        "owe": lambda: memory.owe(OWED),
        "claim_key": lambda: memory.claim_key("api", KeyName("ann", "create", "k"), KeyUse("d", 1.0, 1), 60.0),
    }
    memory.enter(JournalEntry(1, 1.0, "request", "api", ""), 5)
    memory.finish(1)
    memory.release_fault("api", 0, "api-1", 1)
    deliveries = {"walk", "walk_end", "next_held", "stop_at", "settle_webhooks", "send_early", "send_once", "resend"}
    port = {
        name
        for kind in (
            State,
            FaultState,
            HeldState,
            JournalState,
            RequestState,
            SnapshotState,
            UploadState,
            WatchState,
            WebhookState,
        )
        for name in vars(kind)
        if not name.startswith("_")
    }
    told = {"enter", "see", "finish", "release_fault", "tidy", "keep_request", "watched", "new_watcher", "tell_on"}
    assert port == {*calls, *told, *deliveries}
    for call in calls.values():
        sent(call())


def test_a_request_that_begins_gets_its_time_number_counts_and_what_it_asks_to_see(memory: Memory) -> None:
    begin = Begin("api", WantedRecords(OWNER, "ann", "video"), ("id", "plan"), (Window("w", "::1", 1, 60.0),))
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


def test_a_configuration_is_kept_where_it_is_the_next_one_and_a_new_account_has_its_credits(memory: Memory) -> None:
    known, bob = sent(memory.configuration()), AccountRecord("api", "bob", "b", "d", "e", "f", credits=2.0)
    next_ = known.with_api("api", accounts=(*SIDE.accounts, bob))
    assert [sent(memory.configure(each)) for each in (next_, next_, next_.but(), known)] == [True, False, True, False]
    assert sent(memory.configuration()) == next_.but()
    assert sent(memory.look("api", "", WantedRecords(account="bob"))).credits == 2.0


def test_a_clock_is_switched_where_nobody_else_did_and_stands_where_it_stood(memory: Memory) -> None:
    read = sent(memory.read_clock())
    assert read == ("step", 1.0, 5.0, 100.0, 1)
    manual = read._replace(mode="manual", step=1.0, now=7.0, rev=2)
    assert [sent(memory.switch_clock(manual)) for _ in range(2)] == [manual._replace(now=100.0), None]
    assert sent(memory.read_clock(tick=True)).now == 100.0, "only a stepping one ticks"


def test_a_clock_is_moved_forward_alone_and_by_nobody_of_an_earlier_generation(memory: Memory) -> None:
    assert [sent(memory.move_clock(0, to)).now for to in (200.0, 150.0)] == [200.0, 200.0]
    assert sent(memory.move_clock(0, 0.0, 2.5)).now == 202.5
    assert sent(memory.read_clock(tick=True)).now == 207.5
    sent(memory.reset(memory.configured.but(generation=1)))
    with pytest.raises(Overtaken):
        sent(memory.move_clock(0, 999.0))
    assert sent(memory.move_clock(1, 300.0)).now == 300.0


def test_a_walk_stops_where_a_request_is_held_and_lets_it_go_on(memory: Memory, told: Told) -> None:
    assert [sent(memory.next_held(after)) for after in (0.0, 149.0, 150.0)] == [150.0, 150.0, None]
    assert sent(memory.stop_at(0, 150.0)).now == 150.0
    assert told[3:] == [("held", 150.0)]
    with pytest.raises(Overtaken):
        sent(memory.stop_at(1, 160.0))
    assert (memory.clock.now(), len(told)) == (150.0, 4)


def test_a_request_that_begins_by_an_older_configuration_begins_not_at_all(memory: Memory) -> None:
    sent(memory.configure(memory.configured.but(strict=True)))
    assert sent(memory.begin(Begin("api", purposes=("id",)), "", inf, 0)) is None
    assert (memory.in_flight, memory.clock.now(), memory.journal.newest) == (set(), 100.0, 0)
    begun = sent(memory.begin(Begin("api", purposes=("id",), rev=2), "", inf, 0))
    assert (begun.n, begun.numbers) == (1, (0,))
    assert sent(memory.begin(Begin("api"), "", inf, begun.n)).n == 1, "it has begun already"


HANG = ArmedFault("api-1", "hang", {}, {"at_once": 2}, 1.0, most=3)


@pytest.fixture
def armed(memory: Memory) -> Memory:
    assert sent(memory.configure(memory.configured.with_api("api", faults=(HANG,))))
    return memory


def test_a_fault_takes_effect_as_often_as_it_may_and_is_armed_no_more_then(armed: Memory) -> None:
    assert sent(armed.count_faults("api", 0, ("api-1", "gone"))) == [FaultUses(seen=1), None]
    taken = [sent(armed.take_fault("api", 0, "api-1")) for _ in range(3)]
    assert taken == [FaultUses(1, 1, 1), FaultUses(1, 2, 2), None], "two at once"
    armed.release_fault("api", 0, "api-1", 1)
    known = sent(armed.configuration())
    assert sent(armed.take_fault("api", 0, "api-1")) == FaultUses(1, 3, 2)
    after = sent(armed.configuration())
    assert (after.rev, after.apis["api"].faults) == (known.rev + 1, ())
    assert sent(armed.take_fault("api", 0, "api-1")) is None
    assert sent(armed.fault_uses("api", ("api-1", "gone"))) == [FaultUses(1, 3, 2), FaultUses()]


def test_what_is_foreseen_of_a_fault_is_met_in_its_order_and_its_draws_are_numbered_by_purpose(armed: Memory) -> None:
    assert [sent(armed.foresee("api", 0, "api-1", each)) for each in (True, False)] == [True, True]
    assert [sent(armed.meet_foreseen("api", 0, "api-1")) for _ in range(3)] == [True, False, None]
    assert [sent(armed.draw_fault("api", 0, "api-1", what)) for what in ("a", "b", "a")] == [0, 0, 1]


def test_no_request_of_an_earlier_generation_uses_a_fault(armed: Memory) -> None:
    assert sent(armed.take_fault("api", 0, "api-1"))
    known = sent(armed.configuration())
    assert sent(armed.reset(known.but(generation=1)))
    armed.release_fault("api", 0, "api-1", 1)
    for call in (armed.take_fault("api", 0, "api-1"), armed.count_faults("api", 0, ("api-1",))):
        with pytest.raises(Overtaken):
            sent(call)
    assert sent(armed.fault_uses("api", ("api-1",))) == [FaultUses()], "one of the same id begins anew"


CONFLICTS = [
    PutJob(JOB, 3),
    Occupy(OWNER, "j2", 5.0, 9.0),
    Charge("ann", 4.0, 3.0),
    UseOrder("gone"),
    Drop({"j9": 1, "j0": 2}),
]


@pytest.mark.parametrize("effect", CONFLICTS, ids=lambda effect: type(effect).__name__)
def test_where_one_thing_is_not_as_it_was_seen_nothing_is_done(memory: Memory, effect: Any) -> None:
    part = memory.part("api")
    part.store.put(JOB._replace(id="j0"))
    part.store.busy[OWNER] = {"j0": 50.0}
    assert sent(memory.commit("api", 1, (PutJob(JOB), Charge("ann", 5.0, 1.0), effect))) is False
    assert (part.store.get("j1"), part.credits["ann"]) == (None, 5.0)


def test_a_commit_does_all_of_it(memory: Memory, told: Told) -> None:
    part, upload = memory.part("api"), Upload.of("image/png", "a.png", b"abc")
    part.orders.append(PlanOrder("video", 2, {}, id="one"))
    sent(memory.offer(upload.handle, upload.blob))
    occupy, keep = Occupy(OWNER, "j1", 1.0, 30.0), KeepUpload(upload.handle)
    effects = (PutJob(JOB), occupy, Charge("ann", 5.0, 4.0), UseOrder("one"), keep, POST)
    assert sent(memory.commit("api", 1, effects)) is True
    assert (part.store.get("j1"), part.credits["ann"], part.orders[0].left) == (JOB, 4.0, 1)
    assert sent(memory.upload(upload.id)) is upload.blob
    assert sent(memory.look("api", "", WantedRecords(OWNER))).busy == 30.0
    assert told == []
    memory.finish(1)
    assert told == [("api", POST)]
    after = JOB.but(moves=(Move(2.0, "CANCELLED"),))
    assert sent(memory.commit("api", 2, (PutJob(after, 1), Prolong(OWNER, "j1", 2.0), Forget(upload.id))))
    assert sent(memory.look("api", "j1", WantedRecords(OWNER)))[:2] == (after, 2.0)
    assert sent(memory.upload(upload.id)) is None
    assert sent(memory.commit("api", 3, (Prolong(OWNER, "another", 99.0), UseOrder("one"))))
    assert (part.store.busy[OWNER], list(part.orders)) == ({"j1": 2.0}, [])


def test_jobs_that_go_are_neither_found_nor_listed_and_occupy_nobody(memory: Memory) -> None:
    several = [PutJob(JOB._replace(id=f"j{n}")) for n in range(4)]
    assert sent(memory.commit("api", 1, (*several, Occupy(OWNER, "j1", 1.0, 30.0), Occupy(OWNER, "j2", 1.0, 40.0, 2))))
    assert sent(memory.commit("api", 1, (Drop({"j1": 1, "j3": 1, "nobody": 7}),)))
    assert [job.id for job in sent(memory.newest("api", 9))] == ["j2", "j0"]
    assert [job.id for job in sent(memory.page("api", PageOf(OWNER, None, 9)))[0]] == ["j2", "j0"]
    assert sent(memory.look("api", "j1", WantedRecords(OWNER)))[:2] == (None, 40.0)
    assert sent(memory.commit("api", 1, (PutJob(JOB),))) is True, "another one may have its id"
    assert [job.id for job in sent(memory.newest("api", 9))] == ["j1", "j2", "j0"]


def test_credits_come_back_when_they_are_due_and_once_for_a_job(memory: Memory) -> None:
    def left(now: float) -> Any:
        memory.clock.move_to(now)
        return sent(memory.look("api", "", WantedRecords(account="ann"))).credits

    first, second = Refund("j1", "ann", 110.0, 2.0), Refund("j1", "ann", 120.0, 3.0)
    assert sent(memory.commit("api", 1, (PutJob(JOB), Charge("ann", 5.0, 1.0), first)))
    assert sent(memory.commit("api", 2, (second,)))
    assert [left(now) for now in (110.0, 119.0, 120.0)] == [1.0, 1.0, 4.0], "the later one took its place"
    assert sent(memory.commit("api", 3, (first,)))
    assert left(200.0) == 4.0, "the job had its own"


def test_no_credits_come_back_after_a_reset(memory: Memory) -> None:
    assert sent(memory.commit("api", 1, (PutJob(JOB), Charge("ann", 5.0, 1.0), Refund("j1", "ann", 100.0, 2.0))))
    assert sent(memory.reset(memory.configured.but(generation=1)))
    assert sent(memory.commit("api", 2, (PutJob(JOB),)))
    assert sent(memory.look("api", "", WantedRecords(account="ann"))).credits == 1.0


def test_nothing_comes_back_of_a_job_that_made_room_or_more_than_an_account_may_have(memory: Memory) -> None:
    gone, full = Refund("j0", "ann", 101.0, 1.0), Refund("j1", "ann", 101.0, 9.0, most=6.5)
    assert sent(memory.commit("api", 1, (PutJob(JOB), gone, full)))
    memory.clock.move_to(101.0)
    assert sent(memory.look("api", "", WantedRecords(account="ann"))).credits == 6.5


def test_an_order_waits_under_a_name_of_its_own_until_it_is_used_up_or_taken_back(memory: Memory) -> None:
    first, second = (sent(memory.place("api", PlanOrder("video", 1, {"running": 2.0}))) for _ in range(2))
    assert (first.id, second.id, sent(memory.orders("api"))) == ("api-plan-1", "api-plan-2", (first, second))
    assert [sent(memory.withdraw("api", first.id)) for _ in range(2)] == [True, False]
    assert sent(memory.commit("api", 1, (UseOrder(second.id),))) is True
    assert sent(memory.orders("api")) == ()
    assert sent(memory.place("api", PlanOrder("video", 1, {}, weight=ORDERS + 1))) is None


def test_webhooks_of_a_sandbox_that_was_reset_are_not_delivered(memory: Memory, told: Told) -> None:
    sent(memory.commit("api", 1, (POST,)))
    sent(memory.reset(memory.configured.but(generation=1)))
    memory.finish(1)
    assert told == []


def test_what_a_request_of_an_earlier_generation_was_answered_is_not_counted_after_a_reset(memory: Memory) -> None:
    begun = sent(memory.begin(Begin("api"), "", inf, 0))
    sent(memory.reset(memory.configured.but(generation=1)))
    for n in (begun.n, 0):
        memory.see(n, "api", "op", {"ok": 1})
    assert sent(memory.examples()).now == {("api", "op", "ok"): 1}, "what is of no request is"


def test_nobody_of_an_earlier_generation_has_webhooks_sent(memory: Memory) -> None:
    sent(memory.reset(memory.configured.but(generation=1)))
    nothing: Any = None
    late = (
        lambda: memory.walk(0, 1.0, False),
        lambda: memory.settle_webhooks(0),
        lambda: memory.send_early(0, POST, "api", nothing),
        lambda: memory.send_once(0, nothing),
        lambda: memory.resend(0, "one"),
    )
    for call in late:
        with pytest.raises(Overtaken, match="'world' was reset while this was under way"):
            sent(call())


def test_what_a_request_does_that_began_before_a_reset_changes_nothing_after_it(memory: Memory) -> None:
    key, begin = KeyName("ann", "create", "k"), Begin("api", purposes=("id",))
    old = sent(memory.begin(begin, "", inf, 0))
    known = sent(memory.configuration())
    assert [sent(memory.reset(known.but(generation=1))) for _ in range(2)] == [True, False]
    late = (
        lambda: memory.commit("api", old.n, (PutJob(JOB),)),
        lambda: memory.claim_key("api", key, KeyUse("d", 1.0, old.n), 60.0),
        lambda: memory.begin(begin, "", inf, old.n),
    )
    for call in late:
        with pytest.raises(Overtaken, match="'world' was reset while this was under way"):
            sent(call())
    memory.enter(JournalEntry(old.n, 1.0, "request", "api", ""), 5)
    memory.finish(old.n)
    assert (len(memory.journal), sent(memory.newest("api", 5)), memory.in_flight) == (0, [], set())
    begun = sent(memory.begin(begin._replace(rev=known.rev + 1), "", inf, 0))
    assert (begun.n, begun.numbers) == (old.n + 1, (0,)), "chance begins anew"
    assert sent(memory.commit("api", begun.n, (PutJob(JOB),))) is True


def test_no_request_begins_in_a_sandbox_that_was_closed_and_what_has_begun_changes_nothing(memory: Memory) -> None:
    begin = Begin("api", purposes=("id",))
    old = sent(memory.begin(begin, "", inf, 0))
    memory.close()
    memory.close()  # twice is once
    assert sent(memory.begin(begin, "", inf, 0)) is None
    with pytest.raises(Closed, match="'world' was closed"):
        sent(memory.configuration())
    late = (
        lambda: memory.commit("api", old.n, (PutJob(JOB),)),
        lambda: memory.begin(begin, "", inf, old.n),
    )
    for call in late:
        with pytest.raises(Overtaken, match="'world' was closed while this was under way"):
            sent(call())
    memory.enter(JournalEntry(old.n, 1.0, "request", "api", ""), 5)
    memory.enter(JournalEntry(0, 1.0, "webhook", "api", ""), 5)
    memory.finish(old.n)
    assert not sent(memory.configure(memory.configured.but(strict=True)))
    assert not sent(memory.reset(memory.configured.but(generation=1)))
    assert (len(memory.journal), sent(memory.newest("api", 5))) == (0, [])
    [*memory.leave()]


async def numbers(memory: Memory, *wanted: Any) -> list[int]:
    return [each.n async for each in all_entries(memory, *wanted)]


def test_the_journal_is_read_by_pages_however_much_makes_room_between_them(memory: Memory) -> None:
    journal = memory.journal = Journal(bound=300)
    for n in range(1, 411):
        memory.enter(JournalEntry(n, 1.0, "webhook" if n % 100 == 0 else "request", "api", "op", status=200), 5)
    assert asyncio.run(numbers(memory)) == [*range(111, 411)]
    assert asyncio.run(numbers(memory, 405)) == [*range(406, 411)]
    assert asyncio.run(numbers(memory, 0, ("webhook",))) == [200, 300, 400]
    first = sent(memory.entries(0, 5, 0, ()))
    assert ([each.n for each in first.entries], first.next) == ([*range(111, 116)], 115)
    memory.enter(JournalEntry(411, 1.0, "request", "api", "op"), 5)
    assert sent(memory.entries(first.next, 5, 0, ())).entries[0].n == 116
    assert sent(memory.entry(110)) is None
    assert sent(memory.entry(411)).n == 411
    assert sent(memory.activity()) == Activity(journal.newest, 0, 111, 0, 0, held=2, due=150.0)
    assert sent(memory.examples()).now == {("api", "op", ""): 410}


def test_each_watcher_is_told_what_happened_since_it_asked_last_and_at_most_so_much(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = {"now": 1.0}
    monkeypatch.setattr(noted_changes, "monotonic", lambda: now["now"])
    assert sent(memory.changes("one")) == Changes([], [], [])
    entries = [JournalEntry(n, 1.0, "request", "api", "") for n in range(1, 204)]
    for each in entries:
        memory.enter(each, 5)
    assert sent(memory.changes("late")) == Changes([], [], []), "it began now"
    assert sent(memory.commit("api", 1, (PutJob(JOB), POST)))
    memory.noted.webhook_changed(OWED)  # type: ignore[union-attr]
    assert sent(memory.changes("one")) == Changes(entries[:200], [("api", "j1")], [OWED], (3, 0, 0))
    assert sent(memory.changes("late")) == Changes([], [("api", "j1")], [OWED])
    assert sent(memory.changes("one")) == Changes([], [], [])
    memory.enter(entries[0], 5)
    memory.noted.was_reset()  # type: ignore[union-attr]
    assert sent(memory.changes("one")) == Changes([], [], [])
    memory.watched("one")
    assert memory.observer is memory.noted is not None
    now["now"] += noted_changes.PATIENCE
    memory.enter(entries[0], 5)  # the other one did not ask for a minute
    assert (memory.observer, memory.journal.observer, memory.noted) == (None, None, None)
    memory.watched("one")


def test_bytes_that_nobody_keeps_go_with_their_request_and_others_with_the_sandbox(memory: Memory) -> None:
    other = Upload.of("image/png", "c.png", b"abcde")
    for each in (UPLOAD, other):
        sent(memory.offer(each.handle, each.blob))
    assert sent(memory.commit("api", 1, (KeepUpload(UPLOAD.handle),)))
    memory.tidy([UPLOAD.id, other.id])
    assert [sent(memory.upload(each.id)) for each in (UPLOAD, other)] == [UPLOAD.blob, None]
    assert sent(memory.reset(memory.configured.but(generation=1)))
    [*memory.leave()]
    assert sent(memory.upload(UPLOAD.id)) is None
    assert memory.shelf.bytes == 0


def test_a_reset_lets_everything_go_but_the_accounts(memory: Memory) -> None:
    part = memory.part("api")
    sent(memory.place("api", PlanOrder("video", 1, {})))
    sent(memory.commit("api", 0, (PutJob(JOB), Charge("ann", 5.0, 1.0), Occupy(OWNER, "j1", 1.0, 9.0))))
    assert list(sent(memory.reserve(("id", "account.api", "account.api")))) == [0, 0, 1]
    assert sent(memory.claim_key("api", KeyName("ann", "create", "k"), KeyUse("d", 1.0, 1), 60.0)) is None
    assert sent(memory.reset(memory.configured.but(generation=1)))
    assert (memory._claims, memory._posts, memory.in_flight) == ({}, {}, set())
    assert (part.store.number, sent(memory.orders("api")), part.store.busy, len(part.keys)) == (0, (), {}, 0)
    assert sent(memory.look("api", "", WantedRecords(account="ann"))).credits == 1.0, "it was made with so many"
    assert list(sent(memory.reserve(("id", "account.api")))) == [0, 2], "one that is opened now is none of those"
    assert [*memory.leave()] == [None], "one job is let go"


def test_a_claimed_key_is_free_again_when_its_request_ends_without_an_answer(memory: Memory) -> None:
    memory.part("api")
    key, use, answer = KeyName("ann", "create", "k"), KeyUse("d", 1.0, 1), SavedAnswer(201, "queued", "", (), b"")
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

KEPT = ("tests/recorded", "tests/snapshots", "tests/asgi", "tests/test_outbox.py",
        "tests/plugin/test_plugin_requests.py", "tests/page/test_page_returns.py")  # fmt: skip


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


@pytest.mark.parametrize(
    "rooms",
    [
        pytest.param(ROOMS, id="apis", marks=pytest.mark.slow),
        pytest.param(FAULTS, id="faults", marks=pytest.mark.slow),
        pytest.param(KEPT, id="kept", marks=pytest.mark.long),
    ],
)
def test_everything_goes_alike_where_the_state_has_to_be_waited_for(rooms: tuple[str, ...]) -> None:
    run(*rooms)
