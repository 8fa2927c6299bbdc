"""What is large, what was left half done, and a clock that goes back: processes at an engine go on all the same."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from itertools import chain
from math import inf

import pytest
from engine_kit import Engine, found
from home_kit import NAME, Home, with_homes

from mockserver import bounds
from mockserver.clock import LAST
from mockserver.ratelimit import Window
from mockserver.request_log import KeptRequest
from mockserver.state.port import Begin, Charge, KeepUpload, PutJob, Refund, WantedRecords
from mockserver.store import Handle, JobRecord
from mockserver.stores.redis import values
from mockserver.stores.redis.codec import written
from mockserver.stores.redis.scripts import _part, scripts

ENGINES = found()
MANY = 8_100
"""More than a script of the engine can give one by one."""
JOB = JobRecord("j1", "film", "ann", 1.0)
REQUEST = KeptRequest("w-1", 1.5, "api", "", "POST", "/x", "http://x", b"/x")


@pytest.fixture
def engine(request: pytest.FixtureRequest, engine_of: Callable[[str], Engine]) -> Iterator[Engine]:
    made = engine_of(request.param)
    yield made
    made.asked(b"FLUSHALL\r\n")


each_engine = pytest.mark.parametrize("engine", ENGINES, indirect=True)


def forget_scripts() -> None:
    """They have bounds within."""
    for each in (scripts, _part):
        each.cache_clear()


@pytest.fixture
def small_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for so many empty uploads, or for one that is large."""
    monkeypatch.setattr(bounds, "UPLOADS", MANY * 1100)
    forget_scripts()


@each_engine
def test_one_upload_may_make_thousands_of_others_go_and_all_of_its_request_is_done(
    engine: Engine, small_shelf: None
) -> None:
    async def keep(home: Home, name: str, size: int) -> KeepUpload:
        handle = Handle(name, "application/octet-stream", "f", size)
        known = written(["application/octet-stream", "e", "f", size])
        await home.state.ask("offer", name, known, b"")
        return KeepUpload(handle)

    async def work(home: Home) -> None:
        for begin in range(0, MANY, 300):
            kept = await asyncio.gather(*[keep(home, f"u{n}", 0) for n in range(begin, begin + 300)])
            await home.state.commit("api", 0, kept)
        large = await keep(home, "large", MANY * 1100 - 2000)
        assert await home.state.commit("api", 0, [PutJob(JOB), Charge("ann", 5.0, 4.0), large])
        assert await home.state.newest("api", 9) == [JOB]
        assert await home.asked("ZCARD", f"{home.state.base}:kept") == 1
        told = (await home.state.entries(0, MANY, 0, ["dropped"])).entries
        assert len(told) == MANY
        assert told[0].why.startswith("f: 0 uploaded bytes")

    try:
        with_homes(engine, work)
    finally:
        forget_scripts()


@each_engine
def test_of_windows_that_are_too_many_those_make_room_that_were_begun_first(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "WINDOWS", 10)
    forget_scripts()

    async def remaining(home: Home, caller: int) -> int:
        begin = Begin("api", by_address=(Window("requests", str(caller), 5, 3600.0),))
        begun = await home.state.begin(begin, "", inf, 0)
        assert begun is not None
        return begun.counts[0].remaining

    async def work(home: Home) -> None:
        assert [await remaining(home, caller) for caller in range(11)] == [4] * 11
        assert [await remaining(home, caller) for caller in (9, 10, 8, 0)] == [3, 3, 3, 4]

    try:
        with_homes(engine, work)
    finally:
        forget_scripts()


@each_engine
def test_nothing_is_noted_for_a_watcher_that_has_not_asked_for_a_minute(engine: Engine) -> None:
    async def work(home: Home) -> None:
        for watcher in ("gone", "there"):
            await home.state.changes(watcher)
        asked_at = float(await home.asked("ZSCORE", f"{home.state.base}:watchers", "gone"))
        await home.asked("ZADD", f"{home.state.base}:watchers", repr(asked_at - 61), "gone")
        assert await home.state.commit("api", 0, [PutJob(JOB)])
        assert [(await home.state.changes(watcher)).jobs for watcher in ("gone", "there")] == [[], [("api", "j1")]]
        await home.asked("ZADD", f"{home.state.base}:watchers", repr(asked_at - 3601), "gone")
        await home.state.changes("there")
        assert await home.asked("ZRANGE", f"{home.state.base}:watchers", 0, -1) == [b"there"], "it is forgotten"

    with_homes(engine, work)


@each_engine
def test_of_a_large_body_so_much_is_kept_as_keeps_nobody_waiting(engine: Engine) -> None:
    large = bytes(range(256)) * (40 * bounds.MIB // 256)

    async def work(home: Home) -> None:
        home.state.keep_request(REQUEST._replace(body=large, missing=5, answer=large))
        (kept,) = (await home.state.requests(0, 1, "")).requests
        left = len(large) - bounds.STORED_BODY
        assert (kept.body, kept.answer) == (large[: bounds.STORED_BODY],) * 2
        assert (kept.missing, kept.answer_missing) == (left + 5, left)
        home.state.keep_request(REQUEST._replace(id="w-2", body=b"short", answer=large))
        _, other = (await home.state.requests(0, 99 * bounds.MIB, "")).requests
        assert (other.body, other.missing, other.answer_missing) == (b"short", 0, left)

    with_homes(engine, work)


@each_engine
@pytest.mark.parametrize("is_known", [True, False], ids=["who makes a sandbox", "who starts"])
def test_a_sandbox_whose_close_was_cut_short_is_let_go_by_the_next_one(engine: Engine, is_known: bool) -> None:
    async def left(home: Home) -> set[bytes]:
        return set(await home.asked("KEYS", f"{home.state.base}*"))

    async def work(home: Home, other: Home) -> None:
        begun = await home.begin()
        await home.state.commit("api", begun.n, [PutJob(JOB)])
        home.state.see(0, "api", "op", {"ok": 2})
        await home.asked("HINCRBY", f"{home.state.base}:left-out", "watcher\1entry", 1)
        await home.index._ask("close", NAME, "a test", 1, "")  # and its process is killed
        assert len(await left(home)) > 5
        other.index._is_fit = is_known
        await other.index.idle(3600.0)
        assert await left(home) == {home.state.base.encode()}, "a mark, which goes after a day"
        assert await home.asked("TTL", home.state.base) > 0
        assert (await home.index.examples(""))["api", "op", "ok"] == 2
        await other.index.idle(3600.0)
        assert (await home.index.examples(""))["api", "op", "ok"] == 2, "they are counted once"
        assert await home.asked("EXISTS", "ms1:{/%2Findex}:closing") == 0

    with_homes(engine, work, 2)


def test_what_is_remembered_of_jobs_has_a_bound() -> None:
    def word(n: int, many: int) -> bytes:
        job = JobRecord(f"j{n}", "film", "ann", 1.0, kept={"/p": [*range(many)]})
        return b"1\x011\x011\x01ann\x01film\x01\x01" + written(job).encode()

    short, long = word(1, 5), word(2, 5000)
    assert len(short) <= values.LONG < len(long)
    assert values.job_of(short) is values.job_of(bytes(bytearray(short)))
    assert values.job_of(long) == values.job_of(long)
    assert values.job_of(long) is not values.job_of(long)
    most = values._remembered.cache_info().maxsize
    assert most is not None
    assert most * values.LONG <= 16 * bounds.MIB


@each_engine
def test_a_clock_does_not_go_back_with_an_engine_whose_own_is_behind(engine: Engine) -> None:
    async def work(home: Home) -> None:
        async def behind() -> None:
            anchor = float(await home.asked("HGET", home.state.base, "anchor"))
            await home.asked("HSET", home.state.base, "anchor", repr(anchor + 3600))

        begun = (await home.begin()).now
        await behind()
        again = await home.begin()
        assert begun <= again.now < LAST
        job = await home.state.look("api", "j", None)
        assert job.job is None
        read = (await home.state.read_clock()).now
        assert again.now <= read
        await behind()
        assert read <= (await home.begin()).now
        assert read <= (await home.state.read_clock()).now
        stood = await home.state.switch_clock(home.reading._replace(mode="manual", rev=home.reading.rev + 1))
        assert stood is not None
        assert read <= stood.now, "nor when it is switched"

    with_homes(engine, work, mode="real")


@each_engine
def test_many_refunds_that_are_due_at_once_take_an_engine_few_calls_each(engine: Engine) -> None:
    """An engine that is busy with one script for a second has lost every worker by then."""
    many = 1_500
    jobs = [JobRecord(f"j{n}", "film", "ann", 1.0) for n in range(many)]

    async def calls(home: Home) -> int:
        found = re.findall(rb"calls=(\d+)", await home.asked("INFO", "commandstats"))
        return sum(map(int, found))

    async def work(home: Home) -> None:
        known = (await home.state.look("api", "", WantedRecords(account="ann"))).credits
        assert known is not None
        for at in range(0, many, 100):
            effects = [(PutJob(job), Refund(job.id, "ann", 2e9, 2.0)) for job in jobs[at : at + 100]]
            assert await home.state.commit("api", 0, [*chain(*effects)])
        await home.state.move_clock(0, 2e9)
        before = await calls(home)
        found = await home.state.look("api", "", WantedRecords(account="ann"))
        assert await calls(home) - before < 2 * many
        assert found.credits == known + 2.0 * many
        assert (await home.state.look("api", "", WantedRecords(account="ann"))).credits == found.credits, "once"

    with_homes(engine, work)


@each_engine
def test_nobody_waits_for_the_entry_of_a_request_that_began_by_a_clock_ahead_of_the_engine_s(engine: Engine) -> None:
    async def entries(home: Home) -> object:
        return await home.asked("EVALSHA", scripts()["entries"].name, "1", home.state.base, 0, 9, 0, 0)

    async def work(home: Home) -> None:
        begun = await home.begin()
        assert await entries(home) == b"SOON"
        (seconds, _) = await home.asked("TIME")
        began = f"{home.worker.name}\1{int(seconds) + 3600}"
        await home.asked("HSET", f"{home.state.base}:flight", begun.n, began)
        assert await entries(home) == [-1, []]

    with_homes(engine, work)
