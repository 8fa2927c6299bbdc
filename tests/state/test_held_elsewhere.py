"""Requests that other workers hold, as who moves the clock sees them: also where these are gone, silent, or look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from away_kit import Away, deaf, job, losing
from store_kit import Idle

from mockserver.clock import ClockReading
from mockserver.errors import Overtaken, StateError
from mockserver.state.held_port import HeldRequests
from mockserver.state.records import Moved
from mockserver.stores.redis import RedisState
from mockserver.stores.redis import holding as holding_module
from mockserver.stores.redis.codec import written

START = 1_000_000_000.0


class Holds(Idle):
    """Holds requests until moments, and notes what is told of the clock."""

    def __init__(self) -> None:
        self.dues = list[float]()
        self.is_looking = False
        self.told: Callable[[], None] = lambda: None
        self.seen = list[tuple[str, float]]()

    def when_held(self, told: Callable[[], None]) -> None:
        self.told = told

    def held(self) -> HeldRequests:
        return HeldRequests(len(self.dues), min(self.dues, default=None), self.is_looking)

    def have(self, *dues: float, is_looking: bool = False) -> None:
        self.dues, self.is_looking = [*dues], is_looking
        self.told()

    def see_clock(self, reading: ClockReading) -> None:
        self.seen.append(("woken", reading.now))
        self.have(*[due for due in self.dues if due > reading.now])

    async def let_go_on(self, reading: ClockReading) -> None:
        self.seen.append(("gone on", reading.now))
        self.have(*[due for due in self.dues if due > reading.now])


def holder(both: Away, state: RedisState, *dues: float, is_looking: bool = False) -> Holds:
    """A worker that holds requests, as the engine knows."""
    made = Holds()
    state.deliverer = made  # type: ignore[assignment]
    made.when_held(state.hold)
    state._seen_moves = 0  # who tells for the first time looks again

    async def have() -> None:
        made.have(*dues, is_looking=is_looking)
        await asyncio.sleep(0)
        await state.worker.pipe.ask("PING")

    both.run(have())
    return made


def walked(both: Away, state: RedisState, target: float) -> list[float]:
    """The moments at which a walk stops on its way."""

    async def walk() -> list[float]:
        found, due = list[float](), 0.0
        while (due := await state.next_held(due) or target + 1) <= target:
            assert (await state.stop_at(0, due)).now >= due
            found.append(due)
        return found

    moments: list[float] = both.run(walk())
    return moments


def held(both: Away, state: RedisState) -> tuple[int, float | None]:
    activity = both.run(state.activity())
    return activity.held, activity.due


@pytest.fixture
def one(both: Away) -> RedisState:
    return both.state(both.one)


@pytest.fixture
def other(both: Away) -> RedisState:
    return both.state(both.other)


def test_a_walk_stops_at_each_moment_that_any_worker_holds_a_request_for(
    both: Away, one: RedisState, other: RedisState
) -> None:
    mine, its = holder(both, one, START + 2, START + 5), holder(both, other, START + 1, START + 3, START + 9)
    assert held(both, one) == held(both, other) == (5, START + 1)
    assert walked(both, one, START + 6) == [START + 1, START + 2, START + 3, START + 5]
    assert its.seen == [("gone on", START + 1), ("gone on", START + 3)], "who holds nothing until then is not asked"
    assert (mine.dues, its.dues) == ([], [START + 9])
    assert held(both, one) == held(both, other) == (1, START + 9)


def test_a_moment_that_has_passed_before_it_was_told_is_looked_at_again(both: Away, one: RedisState) -> None:
    both.run(one.move_clock(0, START + 5))
    its = holder(both, one, START + 4)
    both.until(lambda: its.seen == [("woken", START + 5)])


def test_who_looks_is_waited_for_before_the_next_moment_is_known(
    both: Away, one: RedisState, other: RedisState
) -> None:
    its = holder(both, other, is_looking=True)

    async def let_go_on(reading: ClockReading) -> None:
        its.have(reading.now + 3)

    its.let_go_on = let_go_on  # type: ignore[method-assign]
    assert both.run(one.next_held()) == START + 3
    assert held(both, one) == (1, START + 3)


def test_who_was_told_to_look_and_has_not_yet_looks_before_the_walk_goes_on(
    both: Away, one: RedisState, other: RedisState
) -> None:
    its = holder(both, other, START + 3)
    other.look_again = lambda: None  # type: ignore[method-assign]  # it has not come to it
    both.run(one.move_clock(0, START + 1))
    assert both.run(one.next_held()) == START + 3
    assert its.seen == [("woken", START + 1), ("gone on", START + 1)]
    assert both.run(one.next_held()) == START + 3
    assert len(its.seen) == 2, "it has said since what it holds"


@pytest.mark.parametrize("way", ["gone", "silent", "not at work"])
def test_who_does_not_let_its_requests_go_on_is_waited_for_once_and_not_for_long(
    both: Away, one: RedisState, other: RedisState, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding_module, "PATIENCE", 0.1)
    its = holder(both, other, START + 1)
    asked = list[Any]()
    ask = one.worker.request

    async def request(*words: Any) -> Any:
        asked.append(words[2])
        return await ask(*words)

    monkeypatch.setattr(one.worker, "request", request)
    if way == "gone":
        both.leave(both.other)
    elif way == "silent":
        deaf(both.other)
    else:
        its.let_go_on = lambda reading: asyncio.sleep(3600)  # type: ignore[method-assign]
    mine = holder(both, one, START + 1, START + 2, START + 3)
    assert walked(both, one, START + 9) == [START + 1, START + 2, START + 3]
    assert walked(both, one, START + 9) == [START + 1], "it is due still, and nobody waits for it"
    assert (mine.dues, asked) == ([], ["go on"])
    both.run(one.move_clock(0, START + 9))
    walked(both, one, START + 99)
    assert asked == ["go on"], "that it was told to look is no sign of it"


def test_who_was_silent_and_says_something_again_is_waited_for_as_before(
    both: Away, one: RedisState, other: RedisState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding_module, "PATIENCE", 0.1)
    its = holder(both, other, START + 1, START + 50)
    wake = deaf(both.other)
    assert walked(both, one, START + 9) == [START + 1]
    both.run(one.move_clock(0, START + 9))
    assert walked(both, one, START + 9) == [START + 1], "it has not gone on"
    monkeypatch.setattr(holding_module, "PATIENCE", 20.0)
    both.run(asyncio.sleep(0, wake()))
    both.until(lambda: its.dues == [START + 50])
    assert walked(both, one, START + 60) == [START + 50]
    assert its.seen[-1] == ("gone on", START + 50)


def test_what_a_worker_held_that_is_gone_is_held_no_more(both: Away, one: RedisState, other: RedisState) -> None:
    holder(both, other, START + 1, START + 2)
    assert held(both, one) == (2, START + 1)
    both.run(both.one.sweep(both.other.name, one.base))
    assert held(both, one) == (0, None)
    assert walked(both, one, START + 9) == []


def test_a_worker_that_leaves_the_engine_says_no_more_of_what_it_holds(both: Away, one: RedisState) -> None:
    its = holder(both, one, START + 1)

    async def leave() -> None:
        await both.one.close()
        its.have()
        await asyncio.sleep(0)
        assert both.one.loops == []

    both.run(leave())


def test_what_was_not_heard_for_a_lost_connection_is_said_again(both: Away, one: RedisState, other: RedisState) -> None:
    its = holder(both, other, START + 1)

    async def lose() -> None:
        (pipe,) = both.other._pipes.values()
        its.have()
        await asyncio.sleep(0)  # it is about to be said
        assert pipe._line is not None
        pipe._queue.clear()
        pipe._line.end("was lost")

    both.run(lose())
    assert held(both, one) == (1, START + 1)
    both.until(lambda: held_soon(one))


MOVES: dict[str, Callable[[RedisState, ClockReading], Any]] = {
    "switched": lambda state, known: state.switch_clock(known._replace(mode="real", rev=known.rev + 1)),
    "moved": lambda state, known: state.move_clock(0, START + 2),
    "stepped": lambda state, known: state.read_clock(tick=True),
}


@pytest.mark.parametrize("how", MOVES)
def test_who_holds_requests_is_woken_though_who_moved_the_clock_lost_its_connection(
    both: Away, one: RedisState, other: RedisState, how: str
) -> None:
    known = both.run(one.read_clock())
    stepping = both.run(one.switch_clock(known._replace(mode="step", rev=known.rev + 1)))
    its = holder(both, other, START + 1)
    both.until(lambda: its.seen)  # the clock was switched before it was known that it holds one
    its.seen.clear()

    async def move() -> None:
        moving = asyncio.ensure_future(MOVES[how](one, stepping))
        await asyncio.sleep(0)  # it is about to be asked
        await losing(both.one, lambda: None, hears=True)
        with pytest.raises(StateError):
            await moving

    both.run(move())
    both.until(lambda: its.seen)


def test_who_waits_for_a_job_is_woken_though_who_moved_it_lost_its_connection(
    both: Away, one: RedisState, other: RedisState
) -> None:
    assert both.run(one.role.take()) == ""
    its = holder(both, other, START + 1)
    event = written(["Moved", "api", Moved(job("j1"))]).encode()
    both.run(losing(both.one, lambda: one.role._cause([event]), hears=False))
    both.until(lambda: its.seen)


async def held_soon(state: RedisState) -> bool:
    return (await state.activity()).held == 0


def test_nobody_stops_for_a_walk_of_an_earlier_generation(both: Away, one: RedisState, other: RedisState) -> None:
    its = holder(both, other, START + 1)
    with pytest.raises(Overtaken):
        both.run(one.stop_at(7, START + 1))
    assert (its.seen, both.run(one.read_clock()).now) == ([], START)


def test_a_reset_lets_go_of_what_is_held(both: Away, one: RedisState, other: RedisState) -> None:
    holder(both, other, START + 1)
    known = both.run(one.configuration())
    assert both.run(one.reset(known._replace(rev=known.rev + 1, generation=1)))
    assert held(both, one) == (0, None)
    assert not both.ask("EXISTS", f"{one.base}:held", f"{one.base}:holding")
