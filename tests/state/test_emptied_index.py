"""The sandbox that every server has is listed and counted where the engine was emptied, whoever looks first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from engine_kit import Engine, found
from home_kit import NAME, Home, with_homes

ENGINES = found()


@pytest.mark.parametrize("others", [0, 1], ids=["alone", "with one that was made since"])
@pytest.mark.parametrize("name", ENGINES)
def test_it_is_listed_and_counted_at_an_emptied_engine(
    name: str, others: int, engine_of: Callable[[str], Engine]
) -> None:
    async def work(home: Home) -> None:
        record = await home.index.find(NAME)
        assert record is not None
        for ask in (listed, counted):
            engine.asked(b"FLUSHALL\r\n")
            for n in range(others):
                await home.index.create(record._replace(name=f"other{n}"), ())
            assert await ask(home) == 1 + others
            assert await home.index.count() == 1 + others
            assert {each.name for each in await home.index.page(0, 10)} == {NAME, *map("other{}".format, range(others))}

    async def listed(home: Home) -> int:
        return len(await home.index.page(0, 10))

    async def counted(home: Home) -> int:
        return await home.index.count()

    engine = engine_of(name)
    with_homes(engine, work)
    engine.asked(b"FLUSHALL\r\n")
