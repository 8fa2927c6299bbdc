"""Requests that are held until a moment: several who move the clock, or ask what comes, wait for them at once."""

from __future__ import annotations

import asyncio

import pytest

from mockserver import held_requests
from mockserver.clock import Clock
from mockserver.held_requests import JobPause, Moments

TURNS = 20


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
