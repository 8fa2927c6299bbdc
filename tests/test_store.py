"""The bound of a store: the oldest jobs go first, many at once, and nothing of them stays."""

from __future__ import annotations

from mockserver.draws import derived
from mockserver.store import JobRecord, MemoryStore, Offspring
from mockserver.timeline import Move

OWNERS = [("ann", "video"), ("ann", "image"), ("ben", "video")]


def filled(bound: int, count: int) -> MemoryStore:
    """A store to which so many jobs of three owners were given, each job producing something."""
    store = MemoryStore(bound)

    for n in range(count):
        account, resource = OWNERS[n % 3]
        store.put(JobRecord(f"j{n}", resource, account, float(n), offspring=Offspring("hex", "child")))
    return store


def listed(store: MemoryStore) -> set[str]:
    return {job.id for owner in OWNERS for job in store.page(owner, None, 10_000, False)[0]}


def test_the_newest_stay_and_the_oldest_go() -> None:
    for count in range(200, 210):
        store = filled(200, count)
        kept = {f"j{n}" for n in range(store.dropped, count)}
        assert len(kept) <= 200
        assert listed(store) == kept
        assert {job.id for job in store.newest(10_000)} == kept


def test_nothing_of_a_dropped_job_is_found() -> None:
    store = filled(1000, 1001)
    assert store.dropped == 11
    assert store.get("j10") is None is store.produced(derived("hex", "j10", "child"))
    assert store.get("j11") is not None is not store.produced(derived("hex", "j11", "child"))


def test_what_was_looked_up_before_is_not_found_once_its_maker_was_dropped() -> None:
    store = filled(1000, 1000)
    child = derived("hex", "j0", "child")
    maker = store.produced(child)
    assert maker is not None
    assert maker.id == "j0"
    store.put(JobRecord("one more", *OWNERS[0][::-1], 2000.0))
    assert store.produced(child) is None


def test_a_bound_of_one_keeps_the_last() -> None:
    assert listed(filled(1, 5)) == {"j4"}


def test_pages_go_on_behind_what_was_dropped() -> None:
    store = filled(30, 100)
    found, more = store.page(OWNERS[0], None, 5, False)
    after, _ = store.page(OWNERS[0], found[-1].id, 100, False)
    assert more
    made = [job.created for job in (*found, *after)]
    assert made == sorted(made, reverse=True)
    assert store.page(OWNERS[0], "j0", 5, False) == ([], None)


def test_the_next_revision_of_a_job_stands_in_its_place() -> None:
    store = filled(10, 6)
    job = store.get("j0")
    assert job is not None
    store.put(job.but(moves=(Move(5.0, "CANCELLED"),), kept={"/prompt": "x" * 100}))
    assert [each.id for each in store.page(OWNERS[0], None, 9, False)[0]] == ["j3", "j0"]
    assert [(each.id, each.rev) for each in store.newest(9)][-1] == ("j0", 2)
    assert store.bytes > 100
    store.put(job)
    assert store.bytes == 0
