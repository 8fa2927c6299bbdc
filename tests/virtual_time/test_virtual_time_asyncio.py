"""Virtual time under asyncio: sleeps, cancellation, what holds the clock; with its own loop and with uvloop."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from virtual_time_kit import FakeTime, Run, never

from mockserver.virtual_time import ClockRanAway, FastForward, fast_forward
from mockserver.virtual_time.loops import AsyncioLoop


def test_a_sleep_moves_the_clock_and_returns_its_result(run: Run, sandbox: FakeTime) -> None:
    assert run(asyncio.sleep(0, "now")) == "now"

    async def main() -> str:
        return await asyncio.sleep(10, "later")

    assert run(main()) == "later"
    assert sandbox.moves == [10]


def test_two_sleeps_of_ten_seconds_move_the_clock_by_ten(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        await asyncio.gather(asyncio.sleep(10), asyncio.sleep(10))

    run(main())
    assert sandbox.moves == [10]


def test_sleeps_of_a_task_group_end_in_the_order_of_their_deadlines(run: Run, sandbox: FakeTime) -> None:
    ends: list[tuple[int, float]] = []

    async def sleep(seconds: int) -> None:
        await asyncio.sleep(seconds)
        ends.append((seconds, sandbox.elapsed))

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for seconds in (30, 10, 20):
                group.create_task(sleep(seconds))

    run(main())
    assert ends == [(10, 10), (20, 20), (30, 30)]


def test_a_cancelled_sleep_leaves_no_deadline_behind(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        task = asyncio.create_task(asyncio.sleep(5))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(20)

    run(main())
    assert sandbox.moves == [20]


def test_cancelling_at_the_moment_of_waking_is_still_a_cancellation(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        first = asyncio.create_task(asyncio.sleep(10))
        second = asyncio.create_task(asyncio.sleep(10))
        first.add_done_callback(lambda _: second.cancel())
        done = await asyncio.gather(first, second, return_exceptions=True)
        assert done[0] is None

    run(main())
    assert sandbox.elapsed == 10


def test_a_busy_loop_holds_the_clock(run: Run, sandbox: FakeTime) -> None:
    async def work() -> None:
        for _ in range(2000):
            await asyncio.sleep(0)
            assert sandbox.elapsed == 0

    async def main() -> None:
        await asyncio.gather(asyncio.sleep(10), work())

    run(main())
    assert sandbox.elapsed == 10


def test_work_in_a_thread_holds_the_clock(run: Run, sandbox: FakeTime) -> None:
    def work() -> float:
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until:
            pass
        return sandbox.elapsed

    async def main() -> float:
        return (await asyncio.gather(asyncio.to_thread(work), asyncio.sleep(10)))[0]

    assert run(main()) == 0
    assert sandbox.elapsed == 10


def test_a_thread_that_sleeps_and_a_loop_that_sleeps_share_one_clock(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        await asyncio.gather(asyncio.to_thread(time.sleep, 15), asyncio.sleep(10), asyncio.sleep(15))

    run(main())
    assert sandbox.moves == [10, 5]


def test_a_blocking_sleep_in_the_loop_moves_the_clock_too(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        task = asyncio.create_task(asyncio.sleep(3))
        await asyncio.sleep(0)
        time.sleep(10)  # noqa: ASYNC251
        await task

    run(main())
    assert sandbox.elapsed == 10


def test_the_loop_turns_while_the_sandbox_delivers_webhooks(run: Run, sandbox: FakeTime) -> None:
    received: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def deliver() -> None:
            answered = threading.Event()
            loop.call_soon_threadsafe(lambda: (received.append(sandbox.elapsed), answered.set()))
            assert answered.wait(10)

        sandbox.on_advance = deliver
        await asyncio.sleep(10)

    run(main())
    assert received == [0]


def test_a_coroutine_that_sleeps_for_ever_is_named(run: Run, client: Any) -> None:
    with pytest.raises(ClockRanAway) as caught:
        run(client.poll(never, 3600))
    line = 1 + Path(client.__file__).read_text().splitlines().index("        await sleep(every)")
    assert f"{client.__file__}:{line}" in str(caught.value)


def test_a_loop_that_ended_does_not_move_the_clock(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        await asyncio.sleep(1)

    with fast_forward(sandbox):
        left = asyncio.new_event_loop()
        left.call_later(5, lambda: None)
        asyncio.run(main())
        time.sleep(20)
        left.close()
    assert sandbox.moves == [1, 20]


def test_what_is_left_waiting_is_woken_when_virtual_time_ends(sandbox: FakeTime) -> None:
    async def main() -> None:
        with fast_forward(sandbox):
            sandbox.flights = 1
            task = asyncio.create_task(asyncio.sleep(1000))
            await asyncio.sleep(0)
        await task

    asyncio.run(main())
    assert sandbox.moves == []


def test_an_asleep_outside_a_loop_is_a_mistake(sandbox: FakeTime) -> None:
    with fast_forward(sandbox) as forward:
        pause = FastForward.asleep(forward, 1)
        with pytest.raises(RuntimeError, match="no event loop"):
            pause.send(None)


def test_a_loop_that_is_closed_takes_no_more_posts() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    assert not AsyncioLoop(loop).post(print)
    assert AsyncioLoop(loop).is_idle(0)


def test_a_loop_busy_with_one_callback_is_not_idle() -> None:
    async def main() -> None:
        loop = AsyncioLoop(asyncio.get_running_loop())
        assert not loop.is_idle(0)
        await asyncio.sleep(0.001)
        assert not await asyncio.to_thread(loop.is_idle, 10)  # the answer to the first question
        assert await asyncio.to_thread(loop.is_idle, 10)

    asyncio.run(main())
