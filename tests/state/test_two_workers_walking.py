"""Two servers over one state: who moves the clock far stops where a request is due that the other one holds."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from away_kit import until
from control_kit import Steered, told
from flow_kit import KEY, streaming
from language_kit import NAME
from workers_kit import CONTROL, LONG, Workers, serving_alone

TOLD = ["queued", *":::", "running", "log", *":::::::", "log", *":::::::", "progress", "log", "succeeded"]
"""What a stream tells in ten seconds, of which each half second in which nothing else happens is a beat."""


@pytest.fixture
def walking(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest) -> Workers:
    """Both serve an API with a stream of a job's events, which has a heartbeat."""
    return serving_alone(streaming(heartbeat=0.5, every=99), tmp_path, monkeypatch, request)


async def shown(worker: Steered) -> Any:
    return told(await worker.asked("GET", CONTROL), 200)


async def submitted(worker: Steered) -> str:
    """A job that takes ten seconds, by its id."""
    answer = await worker.asked("POST", f"/{NAME}/v1/jobs", json={"prompt": "x"}, headers=KEY)
    return str(told(answer, 201)["id"])


async def followed(holds: Steered, job: str, seen_at: Steered) -> asyncio.Task[Any]:
    """A stream of its events that the one holds, as the other one shows."""
    before = (await shown(seen_at))["held"]["requests"]
    following = asyncio.create_task(holds.asked("GET", f"/{NAME}/v1/jobs/{job}/events", headers=KEY))

    async def is_held() -> bool:
        return bool((await shown(seen_at))["held"]["requests"] == before + 1)

    await until(is_held)
    return following


async def moved(worker: Steered, seconds: float) -> None:
    told(await worker.asked("POST", f"{CONTROL}/clock/advance", json={"seconds": seconds}), 200)


async def story(holds: Steered, moves: Steered) -> list[str]:
    """What a stream has told that one holds while the other one moves the clock: its events, and a colon for a beat."""
    following = await followed(holds, await submitted(holds), moves)
    await moved(moves, 1.9)
    await moved(moves, 60)
    async with asyncio.timeout(LONG / 2):
        lines = (await following).text.splitlines()
    return [line.removeprefix("event: ") for line in lines if line.startswith(("event:", ":"))]


WAYS = {"one moves": (1, 0), "the other moves": (0, 1), "the one that holds moves": (0, 0)}


@pytest.mark.parametrize("way", WAYS)
def test_a_stream_is_told_of_each_moment_whoever_moves_the_clock(walking: Workers, home: str, way: str) -> None:
    """Where the state is in this process, no second one hears of it."""
    both = (walking.one, walking.other)
    holds, moves = (both[n if home != "slow" else 0] for n in WAYS[way])

    async def stories() -> list[list[str]]:
        return [await story(holds, moves), await story(moves, moves), await story(holds, moves)]

    assert walking.one.run(stories()) == [TOLD] * 3


def test_what_one_holds_the_other_one_shows(walking: Workers, home: str) -> None:
    holds, moves = (walking.one if home == "slow" else walking.other), walking.one

    async def looked() -> None:
        following = await followed(holds, await submitted(holds), moves)
        now = told(await moves.asked("GET", f"{CONTROL}/clock"), 200)["epoch"]
        for each in (moves, holds):
            seen = await shown(each)
            assert (seen["in_flight"], seen["held"]) == (0, {"requests": 1, "due": now + 0.5})
            following_is = told(await each.asked("GET", f"{CONTROL}/clock/next"), 200)["next"]
            assert (following_is["kind"], following_is["at"]) == ("request", now + 0.5)
        await moved(moves, 60)
        await following
        await until(lambda: is_idle(moves))

    walking.one.run(looked())


async def is_idle(worker: Steered) -> bool:
    seen = await shown(worker)
    return bool((seen["in_flight"], seen["held"]) == (0, {"requests": 0, "due": None}))


def test_that_a_stream_is_to_be_held_is_known_before_its_client_hears_of_it(walking: Workers, home: str) -> None:
    """Who has read its first event and moves the clock at another process has it told of each moment."""
    if home == "slow":
        pytest.skip("the home in this process has no second one to tell")
    holds, moves = walking.other, walking.one
    left, seen = asyncio.Event(), list[Any]()

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body" and not seen:
            state: Any = moves.server.sandboxes.default.state
            seen.append(await state.worker.pipe.ask("HVALS", f"{state.base}:held"))
            left.set()

    async def read() -> None:
        path = f"/{NAME}/v1/jobs/{await submitted(holds)}/events"
        await holds.server({
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": [(b"x-api-key", b"demo-key")], "client": ("127.0.0.1", 1),
        }, receive, send)  # fmt: skip

    walking.one.run(read())
    assert seen == [[b"0\x01inf\x011"]]
