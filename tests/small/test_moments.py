"""Requests that are held until a moment: several who move the clock, or ask what comes, wait for them at once."""

from __future__ import annotations

import asyncio

import pytest

from mockserver import held_requests
from mockserver.clock import Clock
from mockserver.held_requests import JobPause, Moments

TURNS = 20
LONG = 60.0


async def turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def woken(moments: Moments) -> JobPause:
    """One that was held until the clock was moved, and looks since."""
    pause = moments.pause("job")
    assert pause is not None
    waiting = asyncio.create_task(pause.until(moments.clock.now() + 5))
    await turns()
    pause.wake()
    assert await waiting
    return pause


def standing() -> Moments:
    clock = Clock()
    clock.set("manual")
    return Moments(clock)


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


def test_all_who_wait_go_on_when_it_has_looked() -> None:
    async def waited() -> list[bool]:
        moments = standing()
        pause = await woken(moments)
        walks = [asyncio.create_task(moments.come(moments.clock.now())) for _ in range(3)]
        await turns()
        assert not any(walk.done() for walk in walks)
        pause.close()
        await turns()
        return [walk.done() for walk in walks]

    assert asyncio.run(waited()) == [True, True, True]


def test_who_gives_up_leaves_alone_what_began_to_look_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    async def looking() -> tuple[bool, bool]:
        moments = standing()
        await woken(moments)
        later = moments.pause("job")
        assert later is not None
        monkeypatch.setattr(held_requests, "SETTLE", 0.001)
        walk = asyncio.create_task(moments.come(moments.clock.now()))
        await asyncio.sleep(0)
        later.look()
        await walk
        before = moments.is_looking
        later.close()
        return before, moments.is_looking

    assert asyncio.run(looking()) == (True, False)


def test_all_who_wait_for_held_requests_go_on_when_these_have_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one who came first is not forgotten for the next."""
    monkeypatch.setattr(held_requests, "SETTLE", LONG)

    async def story() -> None:
        moments, goes_on = standing(), asyncio.Event()
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
        moments, (slow, later) = standing(), (asyncio.Event(), asyncio.Event())
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
