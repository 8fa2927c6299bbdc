"""Requests that wait for a moment of the clock, where several move it, or ask what comes next, at the same time."""

from __future__ import annotations

import asyncio

import pytest

from mockserver import held_requests
from mockserver.clock import Clock
from mockserver.held_requests import Moments

LONG = 60.0


def held(moments: Moments, due: float, goes_on: asyncio.Event) -> asyncio.Task[None]:
    """A request that waits so long, and takes until it is told to before it is over."""

    async def wait() -> None:
        pause = moments.pause("")
        assert pause is not None
        await pause.until(moments.clock.now() + due)
        await goes_on.wait()
        pause.close()

    return asyncio.create_task(wait())


def come(moments: Moments, after: float) -> asyncio.Task[None]:
    return asyncio.create_task(moments.come(moments.clock.now() + after))


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_all_who_wait_for_held_requests_go_on_when_these_have_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one who came first is not forgotten for the next."""
    monkeypatch.setattr(held_requests, "SETTLE", LONG)

    async def story() -> None:
        moments, goes_on = Moments(Clock("manual")), asyncio.Event()
        waiting = held(moments, 5, goes_on)
        await turns()
        both = [come(moments, 5), come(moments, 6)]
        await turns()
        assert not any(each.done() for each in both)
        goes_on.set()
        async with asyncio.timeout(LONG / 6):
            await asyncio.gather(waiting, *both)

    asyncio.run(story())


def test_who_waited_long_enough_gives_up_on_none_that_was_woken_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        moments, (slow, later) = Moments(Clock("manual")), (asyncio.Event(), asyncio.Event())
        tasks = [held(moments, 5, slow), held(moments, 6, later)]
        await turns()
        monkeypatch.setattr(held_requests, "SETTLE", 0.01)
        first = come(moments, 5)
        await turns()
        monkeypatch.setattr(held_requests, "SETTLE", LONG)
        second = come(moments, 6)
        await first
        await turns()
        assert (moments.is_looking, second.done()) == (True, False)
        later.set()
        async with asyncio.timeout(LONG / 6):
            await second
        slow.set()
        await asyncio.gather(*tasks)

    asyncio.run(story())
