"""What scripts write besides what they answer: what is taken off again, and who is active for how long."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from engine_kit import Engine, found
from home_kit import Home, with_homes

from mockserver.state.records import (
    ArmedFault,
    FaultUses,
    KeyName,
    KeyUse,
    Occupy,
    PlanOrder,
    Prolong,
    SaveAnswer,
    SavedAnswer,
    WantedRecords,
)

ENGINES = found()
KEY = KeyName("ann", "create", "k")
ANSWER = SavedAnswer(200, "ok", "application/json", (), b"{}")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, engine_of: Callable[[str], Engine]) -> Engine:
    made = engine_of(request.param)
    made.asked(b"FLUSHALL\r\n")
    return made


async def kept(home: Home, what: str) -> int:
    """How many bytes all of them take."""
    return int(await home.asked("HGET", f"{home.state.base}:kept:api", what) or 0)


def test_a_key_that_is_used_anew_weighs_what_its_new_use_does(engine: Engine) -> None:
    async def work(home: Home) -> None:
        weights = []
        for at in (1.0, 100.0):
            begun = await home.begin()
            assert await home.state.claim_key("api", KEY, KeyUse("d", at, begun.n), 60.0) is None
            assert await home.state.commit("api", begun.n, [SaveAnswer(KEY, ANSWER)])
            weights.append(await kept(home, "keys"))
        assert weights[0] == weights[1] > 0

    with_homes(engine, work)


def test_an_order_that_is_taken_back_weighs_nothing_any_more(engine: Engine) -> None:
    async def work(home: Home) -> None:
        orders = [PlanOrder("film", 1, {}, weight, frozenset({"film"})) for weight in (7, 9)]
        made = [await home.state.place("api", each) for each in orders]
        assert await kept(home, "ordered") == 16
        assert made[0] is not None
        assert [await home.state.withdraw("api", made[0].id) for _ in range(2)] == [True, False]
        assert await kept(home, "ordered") == 9

    with_homes(engine, work)


def test_only_a_job_that_is_active_is_so_for_longer(engine: Engine) -> None:
    owner = ("ann", "film")

    async def work(home: Home) -> None:
        async def until(*effects: Occupy | Prolong) -> float:
            assert await home.state.commit("api", 0, effects)
            return (await home.state.look("api", "", WantedRecords(owner, "ann", "film", 1))).busy

        assert await until(Occupy(owner, "a", 0.0, 5.0)) == 5.0
        assert await until(Prolong(owner, "b", 90.0)) == 5.0
        assert await until(Prolong(owner, "a", 9.0)) == 9.0

    with_homes(engine, work)


def test_a_fault_under_which_a_dead_worker_was_may_take_effect_again(engine: Engine) -> None:
    alone = ArmedFault("api-1", "hang", {}, {"at_once": 1}, 1.0)

    async def work(one: Home, other: Home) -> None:
        known = await one.state.configuration()
        assert await one.state.configure(known.with_api("api", faults=(alone,)))
        assert await one.state.take_fault("api", 0, "api-1")
        assert await other.state.take_fault("api", 0, "api-1") is None
        await other.worker.sweep(one.worker.name, one.state.base)
        assert await other.state.take_fault("api", 0, "api-1") == FaultUses(0, 2, 1)

    with_homes(engine, work, 2)
