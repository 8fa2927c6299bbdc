"""Which requests a fault meets, how often, and for how long; which one goes first. No socket is needed for that."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from mockserver.clock import Clock
from mockserver.contract import Contract
from mockserver.errors import UsageError
from mockserver.faults import ActiveFault, Category, FaultBook, book, fault_of
from mockserver.faults import armed as armed_module
from mockserver.launch import contracts_in
from mockserver.sandbox import Sandbox
from mockserver.upload_store import Shelf

T = TypeVar("T")


async def nobody(*_: Any, **__: Any) -> Any:
    raise AssertionError("nothing is sent here")


def world_of(*contracts: Contract) -> Sandbox:
    return Sandbox("world", contracts, nobody, Shelf(), seed="7", clock=Clock("manual"))


@pytest.fixture(scope="module")
def contract() -> Contract:
    return next(each for each in contracts_in() if each.name == "vidgen")


@pytest.fixture
def world(contract: Contract) -> Sandbox:
    return world_of(contract)


@pytest.fixture
def faults(contract: Contract, world: Sandbox) -> FaultBook:
    return world.apis[contract.name].faults


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives whose state is kept in this process, or elsewhere."""
    return asyncio.run(work)


def taken(faults: FaultBook, armed: ActiveFault) -> bool:
    """Whether a fault takes effect."""
    return at_once(faults.take(armed)) is not None


def chosen(faults: FaultBook) -> dict[Category, ActiveFault]:
    """What a request meets."""
    return at_once(faults.choose("getStatus", None, None))


def arm(faults: FaultBook, name: str, **data: Any) -> ActiveFault:
    return faults.arm(*fault_of({"fault": name, **data}))


def met(faults: FaultBook, operation: str = "getStatus", job: str | None = None, account: str | None = None) -> str:
    """The names of the faults that a request meets and that take effect on it."""
    names = []
    for armed in at_once(faults.choose(operation, job, account)).values():
        if taken(faults, armed):
            names.append(armed.name)
            faults.release(armed, armed.uses)
    return " ".join(names)


def hits(faults: FaultBook, requests: int) -> list[int]:
    """The numbers of the requests, from 1, that meet a fault."""
    return [n for n in range(1, requests + 1) if met(faults)]


def test_nothing_armed_nothing_watched(faults: FaultBook) -> None:
    assert faults.watched == frozenset()
    assert met(faults) == ""


def test_only_the_operation_named_is_watched(faults: FaultBook, contract: Contract) -> None:
    first = arm(faults, "hang", operation="getStatus")
    assert faults.watched == {"getStatus"}
    second = arm(faults, "status")
    assert faults.watched == set(contract.operations)
    faults.disarm(second.id)
    faults.disarm(first.id)
    assert faults.watched == frozenset()


def test_operations_that_always_ask_stay_watched(faults: FaultBook) -> None:
    faults.watch_always(["createJob"])
    armed = arm(faults, "hang", operation="getStatus")
    assert faults.watched == {"createJob", "getStatus"}
    faults.disarm(armed.id)
    assert faults.watched == {"createJob"}


def test_a_fault_of_webhooks_makes_no_request_slower(faults: FaultBook) -> None:
    arm(faults, "webhook_late")
    assert faults.watched == frozenset()
    arm(faults, "webhook_before_answer", operation="createJob")
    assert faults.watched == {"createJob"}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"nth": 3}, [3]),
        ({"first": 2}, [1, 2]),
        ({"every": 3}, [3, 6]),
        ({"times": 2}, [1, 2]),
        ({"every": 2, "times": 2}, [2, 4]),
        ({"first": 5, "every": 2}, [2, 4]),
        ({"probability": 0.0}, []),
        ({"probability": 1.0}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"at_once": 1}, [1, 2, 3, 4, 5, 6, 7, 8]),
    ],
)
def test_a_selector_picks_requests_by_their_number(
    faults: FaultBook, selector: dict[str, Any], expected: list[int]
) -> None:
    arm(faults, "status", **selector)
    assert hits(faults, 8) == expected


def test_only_requests_that_fit_are_counted(faults: FaultBook) -> None:
    arm(faults, "status", operation="getStatus", job="a", account="me", nth=2)
    assert met(faults, "getStatus", "a", "me") == ""
    assert met(faults, "createJob", None, "me") == ""
    assert met(faults, "getStatus", "b", "me") == ""
    assert met(faults, "getStatus", "a", "you") == ""
    assert met(faults, "getStatus", "a", "me") == "status"


def test_chance_is_drawn_from_the_seed_and_is_a_fault_s_own(contract: Contract) -> None:
    alone, beside = (world_of(contract).apis[contract.name].faults for _ in range(2))
    arm(alone, "status", probability=0.5)
    arm(beside, "status", probability=0.5)
    arm(beside, "latency", probability=0.5)
    seen = [[n for n in range(40) if "status" in met(each)] for each in (alone, beside)]
    assert seen[0] == seen[1]
    assert 8 < len(seen[0]) < 32


def test_at_most_so_many_at_once(faults: FaultBook) -> None:
    armed = arm(faults, "hang", at_once=2)
    assert [taken(faults, armed) for _ in range(3)] == [True, True, False]
    faults.release(armed, armed.uses)
    assert taken(faults, armed)


def test_two_requests_that_meet_the_last_time_of_a_fault_share_it_not(faults: FaultBook) -> None:
    arm(faults, "status", times=1)
    first, second = (chosen(faults)["answer"] for _ in range(2))
    assert (taken(faults, first), taken(faults, second)) == (True, False)
    assert at_once(faults.standing()) == []


def test_a_fault_lasts_for_a_while_on_the_sandbox_s_clock(faults: FaultBook, world: Sandbox) -> None:
    arm(faults, "status", for_seconds=10)
    world.clock.advance(9.9)
    assert met(faults) == "status"
    world.clock.advance(0.1)
    assert met(faults) == ""
    assert faults.watched == frozenset()


def test_a_forgotten_fault_heals(faults: FaultBook, world: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    arm(faults, "status")
    faults.arm(*fault_of({"fault": "latency"}), scenario=True)
    arm(faults, "skewed_date", ttl=None)
    real = book.monotonic()
    monkeypatch.setattr(book, "monotonic", lambda: real + 3599)
    assert met(faults) == "status latency skewed_date"
    monkeypatch.setattr(book, "monotonic", lambda: real + 3602)
    assert met(faults) == "latency skewed_date"


def test_it_heals_by_the_clock_of_whichever_machine_looks(faults: FaultBook, monkeypatch: pytest.MonkeyPatch) -> None:
    fault, selector = fault_of({"fault": "status", "ttl": 60})
    record = armed_module.record_of(fault, selector, 0.0)
    for begun in (1_000_000.0, 5.0):  # since each of them was switched on
        monkeypatch.setattr(armed_module, "monotonic", lambda begun=begun: begun)
        seen = armed_module.ActiveFault(record, fault, faults)
        assert (seen.is_over(begun + 59.9, 0.0), seen.is_over(begun + 60.0, 0.0)) == (False, True)


def test_a_fault_whose_turn_never_came_is_told_when_it_ends_and_one_that_took_effect_is_not(
    faults: FaultBook, world: Sandbox
) -> None:
    never = arm(faults, "status", nth=5, for_seconds=10)
    arm(faults, "latency", nth=1, for_seconds=10)
    assert met(faults) == "latency"  # the other one has seen the request as well
    world.clock.advance(10)
    assert met(faults) == ""
    assert [each.id for each in faults.lapsed] == [never.id]


def test_faults_that_go_on_elsewhere_share_no_id_with_those_that_are_armed_then(
    faults: FaultBook, contract: Contract
) -> None:
    first, second, third = (arm(faults, "status", status=status) for status in (500, 502, 503))
    for each in (first, second):
        faults.disarm(each.id)
    copy = world_of(contract)
    book_of_copy = copy.apis[contract.name].faults
    copy.change_here(book_of_copy.going_on([third.record]))
    more = [arm(book_of_copy, "hang").id for _ in range(3)]
    assert third.id not in more
    assert [*book_of_copy.armed] == [third.id, *more]


def test_the_oldest_of_a_category_goes_first_and_categories_do_not_compete(faults: FaultBook) -> None:
    first = arm(faults, "status", status=500)
    arm(faults, "status", status=502)
    arm(faults, "garbage")
    arm(faults, "hang")
    found = chosen(faults)
    assert found["answer"] is first
    assert set(found) == {"answer", "wire", "pace"}
    faults.disarm(first.id)
    assert chosen(faults)["answer"].fault.status == 502


def test_a_younger_one_has_its_turn_where_the_older_one_does_not_fit(faults: FaultBook) -> None:
    arm(faults, "status", status=500, nth=2)
    arm(faults, "status", status=502)
    assert [chosen(faults)["answer"].fault.status for _ in range(3)] == [502, 500, 502]


def test_what_is_not_armed_cannot_be_taken_back(faults: FaultBook) -> None:
    armed = arm(faults, "status")
    faults.disarm(armed.id)
    with pytest.raises(UsageError, match=rf"no fault '{armed.id}' is armed; armed: none"):
        faults.disarm(armed.id)


def test_ids_differ_between_apis(contract: Contract, world: Sandbox) -> None:
    other = next(each for each in contracts_in() if each.name != contract.name)
    both = world_of(contract, other)
    assert len({arm(both.apis[each.name].faults, "hang").id for each in (contract, other)}) == 2


@pytest.mark.parametrize(
    ("api", "data", "why"),
    [
        ("vidgen", {"fault": "hang", "operation": "dance"}, "vidgen has no operation 'dance'; known: getHealth, "),
        ("vidgen", {"fault": "token_dies_early"}, "with vidgen: it takes no tokens"),
        ("mirrago", {"fault": "token_dies_early", "operation": "issueToken"}, "on issueToken: it takes no tokens"),
        ("vidgen", {"fault": "answer_lost", "operation": "getStatus"}, "on getStatus: nothing is changed"),
        ("vidgen", {"fault": "unauthorized", "operation": "getHealth"}, "it wants no credentials"),
        ("miragic", {"fault": "cancel_completes"}, "nothing in it can be cancelled"),
        ("vidgen", {"fault": "stuck", "operation": "getHealth"}, "on getHealth: no job is created or named"),
        ("vidgen", {"fault": "stuck", "state": "PENDNIG"}, "no state 'PENDNIG'; did you mean 'PENDING'"),
        ("vidgen", {"fault": "stuck", "state": "COMPLETED"}, "time leads to no state 'COMPLETED'"),
        ("miragic", {"fault": "lock_held"}, "any number of active jobs"),
        ("miraflow", {"fault": "failed", "operation": "initializeMedia"}, "time moves nothing in it"),
        ("vidgen", {"fault": "given_body", "state": "DONE"}, "no job is in a state 'DONE'; known: "),
        ("vidgen", {"fault": "given_body", "state": "FAILED", "operation": "getHealth"}, "no job is created or named"),
        ("miragic", {"fault": "webhook_late"}, "no webhook goes out"),
        ("vidgen", {"fault": "webhook_late", "operation": "getStatus"}, "on getStatus: no webhook goes out"),
    ],
)
def test_a_fault_that_can_never_take_effect_is_refused(api: str, data: dict[str, Any], why: str) -> None:
    contract = next(each for each in contracts_in() if each.name == api)
    with pytest.raises(UsageError, match=why):
        world_of(contract).apis[api].faults.arm(*fault_of(data))


def test_what_is_armed_is_weighed_once(faults: FaultBook, monkeypatch: pytest.MonkeyPatch) -> None:
    weighed: list[object] = []
    monkeypatch.setattr(armed_module, "weigh", lambda value: weighed.append(value) or 1)
    for n in range(5):
        arm(faults, "status", times=n + 1)
    assert len(weighed) == 5
