"""A sandbox on an engine that is used is not idle, whether a request uses it or somebody watches it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from engine_kit import Engine, found
from home_kit import NAME, Home, with_homes

from mockserver.stores.redis import using

HOUR = 3600.0
ENGINES = found()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    moment = {"now": 100.0}
    monkeypatch.setattr(using, "monotonic", lambda: moment["now"])
    return moment


USES: dict[str, Callable[[Home], Awaitable[Any]]] = {
    "a request": lambda home: home.begin(),
    "a watcher": lambda home: home.state.changes("watcher"),
}


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("use", USES)
def test_what_is_used_is_not_closed_as_idle(
    name: str, use: str, engine_of: Callable[[str], Engine], now: dict[str, float]
) -> None:
    async def work(home: Home) -> None:
        async def is_idle_after(use: Callable[[Home], Awaitable[Any]]) -> bool:
            await home.asked("ZADD", "ms1:{/%2Findex}:used", "XX", "1", NAME)  # as if nobody had for long
            await use(home)
            return list(await home.index.idle(HOUR)) == [NAME]

        assert not await is_idle_after(USES[use])
        now["now"] += using.OFTEN - 1
        assert await is_idle_after(USES[use]), "it is said once a minute"
        now["now"] += 1
        assert not await is_idle_after(USES[use])
        assert not await home.index.close(NAME, HOUR), "nor is it closed by one who took it for idle"

    with_homes(engine_of(name), work)
    engine_of(name).asked(b"FLUSHALL\r\n")
