"""Sandboxes that nobody uses any more are closed when others are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mockserver import Running, sandboxes
from mockserver.launch import contracts_in
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import IDLE_SECONDS, Sandboxes


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The machine's clock, as the test sets it."""
    now = {"now": 1000.0}
    monkeypatch.setattr(sandboxes, "monotonic", lambda: now["now"])
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
    assert worlds.owner_of_closed("idle") == "test_old.py::test_it"


@pytest.mark.parametrize(
    "path", ["/vidgen/api/status/nobody", "/vidgen/api/jobs?page=1"], ids=["short way", "long way"]
)
def test_each_request_counts_as_use(running: Running, make_sandbox: Callable[..., Sandbox], path: str) -> None:
    sandbox = make_sandbox()
    sandbox.used = 0.0
    httpx.get(f"{running.url}/@{sandbox.name}{path}", trust_env=False)
    assert sandbox.used > 0.0
