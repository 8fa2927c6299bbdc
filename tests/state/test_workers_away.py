"""A worker that was away for a while: nobody takes it for a dead one for good, and it goes on with what is its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from away_kit import Away, caused, job, post, until
from workers_kit import two_workers

from mockserver.errors import StateError
from mockserver.state.port import PutJob
from mockserver.stores.redis import RedisState, Worker
from mockserver.stores.redis import worker as worker_module
from mockserver.stores.redis.worker import WORKERS


def buried(both: Away) -> None:
    """The first worker is thought to be gone, and comes back."""
    name = both.one.name
    both.ask("UNLINK", f"{WORKERS}:of:{name}")
    both.ask("ZREM", f"{WORKERS}:beats", name)


async def says(worker: Worker) -> None:
    """That it is there."""
    await worker._say(worker.pipe)


def test_who_was_thought_gone_is_looked_after_again_once_it_is_back(both: Away) -> None:
    one = both.state(both.one)
    buried(both)

    async def is_known() -> bool:
        return bool(await both.other.pipe.ask("SISMEMBER", f"{WORKERS}:of:{both.one.name}", one.base))

    both.until(is_known)


def test_sandboxes_of_who_has_come_back_are_left_to_it(both: Away) -> None:
    one = both.state(both.one)
    assert both.run(both.other._run("bury", WORKERS, both.one.name, one.base)) is None
    assert both.bases_of(both.one) == {one.base.encode()}


def test_a_worker_that_is_gone_is_buried_once_all_of_its_sandboxes_were_looked_after(both: Away) -> None:
    both.state(both.one)
    other = both.state(both.other)
    both.run(caused(both.state(both.one, "v"), "a"))
    name = both.one.name
    both.die(both.one)

    async def is_buried() -> bool:
        left = [await both.other.pipe.ask(*words) for words in (
            ("ZSCORE", f"{WORKERS}:beats", name), ("EXISTS", f"{WORKERS}:of:{name}", f"{WORKERS}:burying"),
            ("HLEN", f"{other.base.replace('/w', '/v')}:flight"),
        )]  # fmt: skip
        return not any(left)

    both.until(is_buried)


def test_a_sandbox_that_is_there_no_more_is_opened_by_nobody_and_asked_for_no_more(both: Away) -> None:
    gone = both.state(both.one).base.replace("/w", "/gone")
    opened = list[str]()

    async def find(name: str) -> None:
        opened.append(name)

    both.one.find = find
    both.ask("SADD", f"{WORKERS}:ownerless", gone)

    async def is_left() -> bool:
        return not await both.other.pipe.ask("SISMEMBER", f"{WORKERS}:ownerless", gone)

    both.until(is_left)
    assert not opened


def test_who_could_not_read_what_was_left_to_it_reads_it_when_it_takes_the_role_anew(both: Away) -> None:
    one = both.state(both.one)
    begun = list[int]()

    def begin_again(dropped: int) -> None:
        begun.append(dropped)
        if len(begun) == 1:
            raise StateError("the store is not there")

    one.deliverer.begin_again = begin_again  # type: ignore[method-assign]
    with pytest.raises(StateError):
        both.run(one.role.take())
    assert not one.role.is_mine
    assert both.run(one.role.take()) == ""
    assert (one.role.is_mine, len(begun)) == (True, 2)


def test_who_lost_its_own_connection_a_moment_ago_thinks_nobody_gone(
    both: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "SURE", 3600.0)
    both.state(both.other)
    both.ask("ZADD", f"{WORKERS}:beats", 1, "long ago")
    for _ in range(2):
        both.run(says(both.other))
    assert both.ask("ZSCORE", f"{WORKERS}:beats", "long ago") == 1
    monkeypatch.setattr(worker_module, "SURE", 0.0)

    async def is_gone() -> bool:
        return await both.other.pipe.ask("ZSCORE", f"{WORKERS}:beats", "long ago") is None

    both.until(is_gone)


def test_who_beat_by_the_clock_of_an_engine_that_was_ahead_and_is_gone_is_buried(both: Away) -> None:
    both.state(both.other)
    (seconds, _) = both.ask("TIME")
    both.ask("ZADD", f"{WORKERS}:beats", int(seconds) + 3600, "ahead")

    async def is_gone() -> bool:
        return await both.other.pipe.ask("ZSCORE", f"{WORKERS}:beats", "ahead") is None

    both.until(is_gone)
    assert both.bases_of(both.other), "who is there is not"


def test_a_sandbox_that_is_closed_while_a_worker_takes_it_over_is_left_in_silence(both: Away) -> None:
    one = both.state(both.one)
    both.run(both.other._run("close", one.base))
    both.run(both.one._quietly(one.take_over))
    assert not one.role.is_mine


def jobs_of(state: RedisState) -> list[str]:
    """Those whose webhooks were to be delivered by a worker."""
    deliverer: Any = state.deliverer
    known: list[str] = deliverer.jobs
    return known


async def moved(state: RedisState, name: str) -> None:
    """What control did has caused a webhook; that it is over is not told yet."""
    assert await state.commit("api", -5, [PutJob(job(name)), post(name)])


def test_what_control_caused_at_a_worker_that_died_before_it_said_so_is_delivered(both: Away) -> None:
    one, other = both.state(both.one), both.state(both.other)
    both.run(moved(one, "a"))
    both.die(both.one)
    both.until(lambda: jobs_of(other) == ["a"])


def test_what_control_caused_is_delivered_by_who_does_so(both: Away) -> None:
    one, other = both.state(both.one), both.state(both.other)
    assert both.run(other.role.take()) == ""
    both.run(moved(one, "a"))
    both.leave(both.one)
    both.until(lambda: jobs_of(other) == ["a"])


def test_what_control_caused_is_delivered_when_it_is_over_where_nobody_does_so_yet(
    both: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "BEAT", 3600.0)  # nobody looks for it besides
    one = both.state(both.one)

    async def over() -> None:
        await moved(one, "a")
        one.finish(-5)

    both.run(over())
    both.until(lambda: jobs_of(one) == ["a"])


def test_what_is_owed_after_a_handing_over_takes_no_place_of_what_was_owed_before(
    both: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    with two_workers(monkeypatch, both.engine.url) as workers:
        sent, control = list[str](), "/_mock/sandboxes/default"
        wanted = {"api": "vidgen", "url": "https://127.0.0.1:9/hook"}
        for each in (workers.one, workers.other, workers.one):
            sent += [each.ask("POST", f"{control}/webhooks/test", json=wanted).json()["id"] for _ in range(2)]
            mine: Any = each.server.sandboxes.default.state
            each.run(until(lambda mine=mine: mine.role.told.is_heard))
            each.run(mine.worker.sweep(mine.worker.name, mine.base))
        assert [each["id"] for each in workers.other.get(f"{control}/webhooks")] == sent


@pytest.mark.parametrize("way", [0.0, 60.0, 100.0], ids=["at once", "on its way", "at its end"])
def test_where_who_moves_the_clock_dies_another_one_moves_it_to_the_same_moment(both: Away, way: float) -> None:
    one, other = both.state(both.one), both.state(both.other)
    assert both.run(one.role.take()) == ""
    start, stops = both.run(one.read_clock()).now, list[float]()

    async def walk_to_its_death(seconds: float, quietly: bool, walk: str) -> None:
        await one.walk_end(0, walk, seconds)
        await one.move_clock(0, start + way)
        stops.append(seconds)
        await asyncio.Event().wait()

    async def walk(seconds: float, quietly: bool, walk: str) -> None:
        await other.move_clock(0, await other.walk_end(0, walk, seconds))

    async def begin() -> asyncio.Task[None]:
        return asyncio.ensure_future(other.walk(0, 100.0, False))

    one.deliverer.walk, other.deliverer.walk = walk_to_its_death, walk  # type: ignore[method-assign]
    walking = both.run(begin())
    both.until(lambda: stops)
    both.die(both.one)
    both.run(walking)
    assert both.run(other.read_clock()).now == start + 100


def test_who_could_not_say_that_it_is_there_while_the_engine_was_full_thinks_nobody_gone(
    both: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could, so that all have been silent for long."""
    monkeypatch.setattr(worker_module, "SURE", 3600.0)
    both.state(both.other)
    (pipe,) = both.other._pipes.values()
    pipe._since -= 7200.0  # its connection is an old one
    both.ask("CONFIG", "SET", "maxmemory", 1)
    with pytest.raises(StateError, match="takes no more"):
        both.run(says(both.other))
    both.ask("CONFIG", "SET", "maxmemory", 0)
    both.ask("ZADD", f"{WORKERS}:beats", 1, "silent")
    both.run(says(both.other))
    assert both.ask("ZSCORE", f"{WORKERS}:beats", "silent") == 1
