"""Sandboxes that nobody uses any more are closed when others are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mockserver import Running
from mockserver.launch import contracts_in
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import IDLE_SECONDS, Sandboxes
from mockserver.state import memory, memory_index
from mockserver.state.index_port import ClosedSandbox
from mockserver.state.port import WantedRecords
from mockserver.time_slices import at_once


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The machine's clock, as the test sets it."""
    now = {"now": 1000.0}
    for module in (memory, memory_index):
        monkeypatch.setattr(module, "monotonic", lambda: now["now"])
    return now


async def _unsent(*args: Any, **more: Any) -> Any:
    raise AssertionError("nothing is delivered here")


def test_what_was_idle_for_an_hour_is_closed_and_known_as_closed(moment: dict[str, float]) -> None:
    worlds = Sandboxes(contracts_in(), _unsent)
    worlds.create("idle", owner="test_old.py::test_it")
    used = worlds.create("used")
    moment["now"] += IDLE_SECONDS
    worlds.create("in time")
    assert worlds.get("idle") is not None
    used.used = moment["now"]
    moment["now"] += 0.001
    worlds.create("too late")
    assert [each.name for each in worlds.open()] == ["default", "used", "in time", "too late"]
    assert at_once(worlds.home.find("idle")) == ClosedSandbox("idle", "test_old.py::test_it")


@pytest.mark.parametrize(
    "path", ["/vidgen/api/status/nobody", "/vidgen/api/jobs?page=1"], ids=["short way", "long way"]
)
def test_each_request_counts_as_use(running: Running, make_sandbox: Callable[..., Sandbox], path: str) -> None:
    sandbox = make_sandbox()
    sandbox.used = 0.0
    for _ in range(2):  # where two servers answer by turns, each is asked
        httpx.get(f"{running.url}/@{sandbox.name}{path}", trust_env=False)
    assert sandbox.used > 0.0


def test_the_journals_of_all_sandboxes_share_a_bound_and_closed_ones_weigh_nothing() -> None:
    worlds = Sandboxes(contracts_in(), _unsent)
    for name in ("one", "two"):
        worlds.create(name).journal.note(0.0, "dropped", "vidgen", "an upload")
    kept = sum(each.journal.kept for each in worlds.open())
    assert worlds.journals.kept == kept > 0
    worlds.close("one")
    assert worlds.journals.kept == sum(each.journal.kept for each in worlds.open()) == kept // 2
    assert len(worlds.journals._all) == len(worlds)
    worlds.get("two").reset()  # type: ignore[union-attr]
    assert worlds.journals.kept == 0


def test_idle_sandboxes_are_closed_step_by_step(moment: dict[str, float]) -> None:
    worlds = Sandboxes(contracts_in(), _unsent)
    for name in ("a", "b", "c"):
        journal = worlds.create(name).journal
        for _ in range(10):
            journal.note(0.0, "dropped", "vidgen", "an upload")
    moment["now"] += IDLE_SECONDS + 1
    steps = worlds.part_with_idle()
    for _ in range(5):
        next(steps)
    assert [each.name for each in worlds.open()] == ["default", "b", "c"]
    worlds.get("c").used = moment["now"]  # type: ignore[union-attr]
    assert sum(1 for _ in steps) >= 15
    assert [each.name for each in worlds.open()] == ["default", "c"]


def test_an_order_is_held_against_each_resource_once_however_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    side = Sandboxes(contracts_in(), _unsent).default.apis["miraflow"]
    orders = [side.plan({"outcome": "inference_error"}) for _ in range(20)]
    monkeypatch.setattr("mockserver.api_state.refusal", lambda *_: pytest.fail("it was asked before"))
    assert side.part.see("", WantedRecords(resource="image"), 0.0)[-1] is None
    assert side.part.see("", WantedRecords(resource="video"), 0.0)[-1] is orders[0]
