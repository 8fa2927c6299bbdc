"""What a worker tells of its requests without waiting is done once, whatever becomes of its connection meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from away_kit import Away, caused, losing

from mockserver.state.records import ArmedFault, FaultUses
from mockserver.stores.redis import RedisState


def entry_of(n: int) -> Any:
    return (n, 1.0, "request", "api", "", "", f"/{n}", 200, "", "", 0.0, None, "", "", None, None)


def told(both: Away, state: RedisState) -> tuple[list[str], int]:
    """The paths of all entries, and how often one example was answered besides."""
    both.until(lambda: not state._unheard)
    page = both.run(state.entries(0, 9, 0, ()))
    return [each.path for each in page.entries], both.run(state.examples()).now.get(("api", "op", "ok"), 0)


def test_what_is_told_while_there_is_no_connection_is_done_once(both: Away) -> None:
    one = both.state(both.one)
    n = both.run(caused(one, "a"))

    async def tell() -> None:
        assert both.one.pipe._line is not None
        both.one.pipe._line.end("was lost")
        one.enter(entry_of(n), 100)
        one.see(n, "api", "op", {"ok": 1})
        one.finish(n)
        one.enter(entry_of(0), 100)

    both.run(tell())
    assert told(both, one) == ([f"/{n}", "/0"], 1)


@pytest.mark.parametrize("hears", [True, False], ids=["heard", "not heard"])
def test_what_is_told_of_a_request_that_goes_on_is_done_once(both: Away, hears: bool) -> None:
    one = both.state(both.one)
    n = both.run(caused(one, "a"))
    both.run(losing(both.one, lambda: one.see(n, "api", "op", {"ok": 2, "late": 1}), hears=hears))
    assert told(both, one) == ([], 2)
    both.run(losing(both.one, lambda: one.enter(entry_of(n), 100), hears=hears))
    assert told(both, one) == ([f"/{n}"], 2)
    both.run(losing(both.one, lambda: one.finish(n), hears=hears))
    both.until(lambda: not one._unheard)
    assert both.run(one.activity()).in_flight == 0


@pytest.mark.parametrize("hears", [True, False], ids=["heard", "not heard"])
def test_an_entry_that_belongs_to_no_request_is_made_once(both: Away, hears: bool) -> None:
    one = both.state(both.one)
    both.run(losing(both.one, lambda: one.enter(entry_of(0), 100), hears=hears))
    assert told(both, one)[0] == ["/0"]


def test_what_was_told_of_a_request_leaves_when_it_began(both: Away) -> None:
    one = both.state(both.one)
    n = both.run(caused(one, "a"))
    worker, began = both.ask("HGET", f"{one.base}:flight", n).split(b"\1")

    async def tell() -> None:
        one.see(n, "api", "op", {"ok": 1})
        one.enter(entry_of(n), 100)

    both.run(tell())
    assert told(both, one) == ([f"/{n}"], 1)
    assert both.ask("HGET", f"{one.base}:flight", n) == b"%b\1SE\1%b" % (worker, began)


def test_what_a_request_from_before_a_reset_elsewhere_was_answered_is_not_counted(both: Away) -> None:
    one, other = both.state(both.one), both.state(both.other)
    n = both.run(caused(one, "a"))
    known = both.run(other.configuration())
    assert both.run(other.reset(known.but(generation=1)))

    async def tell() -> None:
        one.see(n, "api", "op", {"ok": 1})

    both.run(tell())
    assert told(both, one) == ([], 0)


ALONE = ArmedFault("api-1", "hang", {}, {"at_once": 1}, 1.0)


def two_with_a_fault(both: Away) -> tuple[RedisState, RedisState]:
    """A fault is armed that takes effect on one request at a time; the first worker has one."""
    one, other = both.state(both.one), both.state(both.other)
    known = both.run(one.configuration())
    assert both.run(one.configure(known.with_api("api", faults=(ALONE,))))
    assert both.run(one.take_fault("api", 0, "api-1")) == FaultUses(0, 1, 1)
    assert both.run(other.take_fault("api", 0, "api-1")) is None
    return one, other


@pytest.mark.parametrize("hears", [True, False], ids=["heard", "not heard"])
def test_that_a_fault_takes_effect_no_more_is_told_once(both: Away, hears: bool) -> None:
    one, other = two_with_a_fault(both)
    both.run(losing(both.one, lambda: one.release_fault("api", 0, "api-1", 1), hears=hears))
    told(both, one)
    assert both.run(other.take_fault("api", 0, "api-1")) == FaultUses(0, 2, 1)


def test_who_was_thought_gone_takes_no_other_ones_use_of_a_fault_back(both: Away) -> None:
    one, other = two_with_a_fault(both)
    both.run(both.other.sweep(both.one.name, one.base))
    assert both.run(other.take_fault("api", 0, "api-1")) == FaultUses(0, 2, 1)

    async def release() -> None:
        one.release_fault("api", 0, "api-1", 1)

    both.run(release())
    told(both, one)
    assert both.run(one.fault_uses("api", ("api-1",))) == [FaultUses(0, 2, 1)]
