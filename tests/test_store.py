"""The bound of a store: the oldest jobs go first, many at once, and nothing of them stays."""

from __future__ import annotations

import asyncio

from mockserver.store import Job, MemoryStore
from mockserver.timeline import Plan

PLAN = Plan((), "COMPLETED", "success")
OWNERS = [("ann", "video"), ("ann", "image"), ("ben", "video")]


def filled(bound: int, count: int) -> MemoryStore:
    """A store to which so many jobs of three owners were given, each job producing something."""
    store = MemoryStore(bound)

    async def fill() -> None:
        for n in range(count):
            account, resource = OWNERS[n % 3]
            job = Job(f"j{n}", resource, account, float(n), PLAN, produced=f"p{n}")
            assert await store.create(job, True, await store.active((account, resource)))

    asyncio.run(fill())
    return store


async def listed(store: MemoryStore) -> set[str]:
    return {job.id for owner in OWNERS for job in (await store.page(owner, None, 10_000))[0]}


def test_the_newest_stay_and_the_oldest_go() -> None:
    for count in range(200, 210):
        store = filled(200, count)
        kept = {f"j{n}" for n in range(store.dropped, count)}
        assert len(kept) <= 200
        assert asyncio.run(listed(store)) == kept
        assert {job.id for job in asyncio.run(store.newest(10_000))} == kept


def test_nothing_of_a_dropped_job_is_found() -> None:
    store = filled(1000, 1001)
    assert store.dropped == 11
    assert asyncio.run(store.get("j10")) is None is asyncio.run(store.produced("p10"))
    assert asyncio.run(store.get("j11")) is not None is not asyncio.run(store.produced("p11"))


def test_a_bound_of_one_keeps_the_last() -> None:
    assert asyncio.run(listed(filled(1, 5))) == {"j4"}


def test_pages_go_on_behind_what_was_dropped() -> None:
    store = filled(30, 100)
    found, more = asyncio.run(store.page(OWNERS[0], None, 5))
    after, _ = asyncio.run(store.page(OWNERS[0], found[-1].id, 100))
    assert more
    assert [job.seq for job in (*found, *after)] == sorted((job.seq for job in (*found, *after)), reverse=True)
    assert asyncio.run(store.page(OWNERS[0], "j0", 5)) == ([], None)


def test_of_two_creates_that_saw_the_same_active_job_one_is_kept() -> None:
    store = filled(10, 3)
    seen = asyncio.run(store.active(OWNERS[0]))
    one, two = (Job(name, *reversed(OWNERS[0]), 9.0, PLAN) for name in ("one", "two"))
    assert [asyncio.run(store.create(job, True, seen)) for job in (one, two)] == [True, False]
    assert asyncio.run(store.get("two")) is None


def test_a_move_fails_once_the_job_was_moved_by_somebody_else() -> None:
    store = filled(10, 3)
    job = asyncio.run(store.get("j0"))
    assert job is not None
    assert [asyncio.run(store.move(job, (), state, 5.0)) for state in ("CANCELLED", "DELETED")] == [True, False]
    assert [move.state for move in job.moves] == ["CANCELLED"]
