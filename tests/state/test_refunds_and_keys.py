"""What is given back once, and which uses of keys make room: the home of the state in this process, by itself."""

from __future__ import annotations

from math import inf

from mockserver.state.keys import KeyUses
from mockserver.state.records import KeyName, KeyUse, Refund, SavedAnswer
from mockserver.state.refunds import Refunds
from mockserver.store import JobRecord, MemoryStore

ANSWER = SavedAnswer(200, "ok", "application/json", (), b"{}")


def store_of(*names: str) -> MemoryStore:
    store = MemoryStore()
    for name in names:
        store.put(JobRecord(name, "job", "one", 0.0))
    return store


def test_a_job_that_had_its_refund_has_no_second_one() -> None:
    store, refunds, credits = store_of("a"), Refunds(), {"one": 0.0}
    for at in (1.0, 2.0):
        refunds.expect(Refund("a", "one", at, 5.0), store)
        refunds.settle(credits, store, at)
    assert credits == {"one": 5.0}
    assert refunds.due == inf


def key(name: str) -> KeyName:
    return KeyName("account", "create", name)


def test_the_newest_use_of_a_key_makes_no_room_for_itself() -> None:
    keys = KeyUses(bound=2)
    for n, name in enumerate(("a", "b", "c")):
        keys.claim(key(name), KeyUse(name, float(n), n), inf)
        keys.save(key(name), ANSWER)
    assert [keys.claim(key(name), KeyUse(name, 9.0, 9), inf) is not None for name in ("c", "b")] == [True, True]


def test_a_key_is_as_old_as_its_answer() -> None:
    keys = KeyUses(bound=3)
    for n, name in enumerate(("a", "b", "c")):
        keys.claim(key(name), KeyUse(name, float(n), n), inf)
    for name in ("b", "a"):
        keys.save(key(name), ANSWER)
    keys.claim(key("d"), KeyUse("d", 3.0, 3), inf)
    assert [use.digest for _, use in keys.saved()] == ["a"]


def test_an_answer_that_is_too_large_for_all_of_the_room_is_kept_until_the_next_one() -> None:
    keys = KeyUses(most=1_000)
    keys.claim(key("a"), KeyUse("a", 0.0, 1), inf)
    keys.save(key("a"), ANSWER._replace(body=b"x" * 5_000))
    assert keys.claim(key("a"), KeyUse("a", 1.0, 2), inf) is not None
    keys.claim(key("b"), KeyUse("b", 2.0, 3), inf)
    assert keys.claim(key("a"), KeyUse("a", 3.0, 4), inf) is None
