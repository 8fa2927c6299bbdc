"""What a sandbox that was closed leaves at an engine: a mark that goes by itself, and nothing at any worker."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from engine_kit import Engine, found
from home_kit import NAME, Home, with_homes

from mockserver.stores.redis.worker import WORKERS

ENGINES = found()


@pytest.mark.parametrize("name", ENGINES)
def test_a_closed_sandbox_leaves_a_mark_that_goes_and_no_word_at_any_worker(
    name: str, engine_of: Callable[[str], Engine]
) -> None:
    async def work(one: Home, other: Home) -> None:
        for home in (one, other):
            await home.begin()
            await home.worker._say(home.worker.pipe)  # that it is there: what it has open is of those who are
        sets = [f"{WORKERS}:of:{home.worker.name}" for home in (one, other)]
        assert [await one.asked("SISMEMBER", each, one.state.base) for each in sets] == [1, 1]
        assert await other.index.close(NAME)
        assert [await one.asked("SISMEMBER", each, one.state.base) for each in sets] == [0, 0]
        assert await one.asked("KEYS", f"ms1:{{/{NAME}}}*") == [one.state.base.encode()]
        assert await one.asked("TTL", one.state.base) > 0

    engine = engine_of(name)
    with_homes(engine, work, 2)
    engine.asked(b"FLUSHALL\r\n")
