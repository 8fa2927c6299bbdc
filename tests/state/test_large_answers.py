"""Jobs that are more than an engine tells at once: it lets go of who is owed 32 MB and listens to a channel."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from engine_kit import Engine, found
from home_kit import Home, with_homes

from mockserver.state.port import PutJob
from mockserver.state.records import PageOf
from mockserver.store import JobRecord
from mockserver.stores import engines

ENGINES = found()
OWNER = ("ann", "film")
LARGE, SMALL = 40, 2_100
"""So many of 900 KB, and behind them some that are more than one answer has by their number."""


@pytest.mark.parametrize("name", ENGINES)
def test_more_jobs_than_go_into_one_answer_are_told_all_the_same(name: str, engine_of: Callable[[str], Engine]) -> None:
    async def work(home: Home) -> None:
        ids = [f"j{n}" for n in range(LARGE)]
        for each in ids:
            assert await home.state.commit("api", 0, [PutJob(JobRecord(each, "film", "ann", 1.0, kept=large))])
        assert [job.id for job in await home.state.newest("api", 100_000)] == ids[::-1]
        assert [job.id for job in await home.state.newest("api", 3)] == ids[:-4:-1]
        for page in (
            PageOf(OWNER, None, 100), PageOf(OWNER, None, 100, ascending=True), PageOf(OWNER, "j20", 15),
            PageOf(OWNER, "j20", 15, with_it=True), PageOf(OWNER, "j20", 15, ascending=True),
            PageOf(OWNER, "j20", 15, with_it=True, ascending=True), PageOf(OWNER, "j30", 15, skip=3),
            PageOf(OWNER, "j3", 15, skip=3, ascending=True), PageOf(OWNER, None, LARGE), PageOf(OWNER, None, 0),
        ):  # fmt: skip
            jobs, following = await home.state.page("api", page)
            told, left = _of(ids, page)
            assert ([job.id for job in jobs], following and following.id) == (told, left)
        small = [f"s{n}" for n in range(SMALL)]
        await home.state.commit("api", 0, [PutJob(JobRecord(each, "film", "ann", 1.0)) for each in small])
        assert [job.id for job in await home.state.newest("api", 100_000)] == [*ids, *small][::-1]
        assert [job.id for job in await home.state.newest("api", 2_000)] == small[:-2_001:-1]

    large = {"/prompt": "x" * 900_000}
    engine = engine_of(name)
    with_homes(engine, work)
    engine.asked(b"FLUSHALL\r\n")


def _of(ids: list[str], page: PageOf) -> tuple[list[str], str | None]:
    """The ids of a page, and the next one."""
    listed = ids if page.ascending else ids[::-1]
    start = 0 if page.after is None else listed.index(page.after) + (not page.with_it)
    left = listed[start + page.skip :]
    return left[: page.most], next(iter(left[page.most :]), None)


@pytest.mark.parametrize("name", ENGINES)
def test_the_engine_of_workers_alone_lets_go_of_nobody_to_whom_it_owes_much(name: str) -> None:
    async def work(home: Home) -> None:
        assert len(await home.asked("EVAL", "return string.rep('x', 40000000)", 0)) == 40_000_000

    with tempfile.TemporaryDirectory(prefix="ms") as folder:
        engine = Engine(ENGINES[name], Path(folder), *engines.command(ENGINES[name], Path(folder))[1:])
        try:
            with_homes(engine, work)
        finally:
            engine.stop()
