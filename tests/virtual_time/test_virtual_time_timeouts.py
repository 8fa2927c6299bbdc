"""Virtual time-outs and timers under asyncio; with asyncio's own loop and with uvloop."""

from __future__ import annotations

import asyncio
import textwrap
import time
from collections.abc import Coroutine
from typing import Any

import pytest
from virtual_time_kit import FakeTime, Run, never

from mockserver.virtual_time import fast_forward


def test_a_stuck_job_times_out_under_asyncio_timeout(run: Run, sandbox: FakeTime, client: Any) -> None:
    started = time.perf_counter()
    with pytest.raises(TimeoutError):
        run(client.poll_within(never, 1200))
    assert sandbox.elapsed == 1200
    assert time.perf_counter() - started < 100  # in real time it takes 1200 s


def test_a_job_that_ends_in_time_does_not_time_out(run: Run, sandbox: FakeTime, client: Any) -> None:
    run(client.poll_within(lambda: sandbox.elapsed >= 25, 1200))
    assert sandbox.elapsed == 30


def test_a_deadline_by_the_loops_clock_is_virtual(run: Run, sandbox: FakeTime, client: Any) -> None:
    assert run(client.poll_until(never, 1200)) is False
    assert sandbox.elapsed == 1200


def test_timeout_at_takes_the_loops_virtual_time(run: Run, sandbox: FakeTime, client: Any) -> None:
    async def main() -> None:
        await asyncio.sleep(100)
        async with asyncio.timeout_at(asyncio.get_running_loop().time() + 35) as scope:
            await client.poll(never)
        assert scope.expired()

    with pytest.raises(TimeoutError):
        run(main())
    assert sandbox.elapsed == 135


def test_a_timeout_can_be_moved_and_taken_away(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(10) as scope:
            assert scope.when() == loop.time() + 10
            scope.reschedule(loop.time() + 50)
            await asyncio.sleep(40)
            scope.reschedule(None)
            assert scope.when() is None
            await asyncio.sleep(100)
        async with asyncio.timeout(None) as scope:
            await asyncio.sleep(1)
        assert not scope.expired()

    run(main())
    assert sandbox.elapsed == 141


def test_a_timeout_of_zero_expires_at_once(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        async with asyncio.timeout(0):
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        run(main())
    assert sandbox.elapsed == 0


def test_the_inner_of_two_timeouts_comes_first(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        async with asyncio.timeout(100):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(20):
                    await asyncio.sleep(50)
            await asyncio.sleep(30)

    run(main())
    assert sandbox.elapsed == 50


def test_wait_for_times_out_in_virtual_time(run: Run, sandbox: FakeTime, client: Any) -> None:
    async def main() -> None:
        await asyncio.wait_for(client.poll(never), 45)

    with pytest.raises(TimeoutError):
        run(main())
    assert sandbox.elapsed == 45


def test_wait_for_returns_what_is_ready(run: Run, sandbox: FakeTime) -> None:
    async def main() -> list[object]:
        return [
            await asyncio.wait_for(asyncio.sleep(5, "slept"), 10),
            await asyncio.wait_for(asyncio.sleep(5, "no time-out"), None),
            await asyncio.wait_for(asyncio.ensure_future(asyncio.sleep(5, "task")), 10),
        ]

    assert run(main()) == ["slept", "no time-out", "task"]
    assert sandbox.elapsed == 15


def test_wait_tells_done_from_pending(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        tasks = {asyncio.create_task(asyncio.sleep(n, n)) for n in (5, 50)}
        done, pending = await asyncio.wait(tasks, timeout=10)
        assert {task.result() for task in done} == {5}
        assert sandbox.elapsed == 10
        done, more = await asyncio.wait(pending, timeout=100)
        assert len(done) == 1
        assert not more

    run(main())
    assert sandbox.elapsed == 50


def test_timers_of_the_loop_are_virtual_and_can_be_cancelled(run: Run, sandbox: FakeTime) -> None:
    async def main() -> list[tuple[str, float]]:
        loop, rung = asyncio.get_running_loop(), []
        loop.call_later(10, lambda: rung.append(("later", sandbox.elapsed)))
        at = loop.call_at(loop.time() + 20, lambda name: rung.append((name, sandbox.elapsed)), "at")
        off = loop.call_later(5, lambda: rung.append(("off", sandbox.elapsed)))
        off.cancel()
        assert off.cancelled()
        assert at.when() == loop.time() + 20
        await asyncio.sleep(30)
        return rung

    assert run(main()) == [("later", 10), ("at", 20)]


def test_a_time_out_past_the_limit_just_does_not_come(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        async with asyncio.timeout(30 * 86_400):
            await asyncio.sleep(10)

    run(main())
    assert sandbox.elapsed == 10


def test_timers_and_time_outs_of_a_library_are_real(run: Run, sandbox: FakeTime) -> None:
    library: dict[str, Any] = {"__file__": "/v/site-packages/library.py", "asyncio": asyncio}
    source = """
        async def work(sandbox):
            loop = asyncio.get_running_loop()
            assert 0 < loop.time() < 1e9
            rung = asyncio.Event()
            loop.call_later(0.001, rung.set)
            loop.call_at(loop.time(), rung.set)
            await asyncio.wait_for(rung.wait(), 20)
            async with asyncio.timeout(20), asyncio.timeout_at(loop.time() + 20):
                await asyncio.wait({asyncio.ensure_future(rung.wait())}, timeout=20)
            assert sandbox.elapsed == 0
            await asyncio.sleep(5)
    """
    exec(textwrap.dedent(source), library)
    run(library["work"](sandbox))
    assert sandbox.moves == [5]


def test_a_time_out_that_came_too_late_is_forgotten(sandbox: FakeTime) -> None:
    rung: list[str] = []

    async def main() -> None:
        with fast_forward(sandbox) as forward:
            timer = forward.timer(5, lambda: rung.append("rung"))
            timer.wake()
            forward.cancel(timer)
            await asyncio.sleep(10)

    asyncio.run(main())
    assert rung == []


async def after(seconds: float, result: int) -> int:
    await asyncio.sleep(seconds)
    return result


def test_as_completed_gives_what_is_done_in_time_and_times_out_for_the_rest(run: Run, sandbox: FakeTime) -> None:
    async def main() -> list[object]:
        found: list[object] = []
        for each in asyncio.as_completed([after(10, 1), after(5000, 2), after(20, 3)], timeout=60):
            try:
                found.append(await each)
            except TimeoutError:
                found.append((TimeoutError, sandbox.elapsed))
        return found

    assert run(main()) == [1, 3, (TimeoutError, 60)]


def test_as_completed_gives_what_was_done_before_it_timed_out_also_when_asked_late(run: Run) -> None:
    async def main() -> list[int]:
        completed = asyncio.as_completed([after(1, 1), after(2, 2)], timeout=60)
        first = await next(completed)
        await asyncio.sleep(100)
        return [first, await next(completed)]

    assert run(main()) == [1, 2]


def test_as_completed_without_a_time_out_waits(run: Run, sandbox: FakeTime) -> None:
    async def main() -> list[int]:
        return [await each for each in asyncio.as_completed([after(900, 1), after(100, 2)])]

    assert run(main()) == [2, 1]
    assert sandbox.elapsed == 900


class _AsyncOnly:
    """What as_completed gives from Python 3.13 on, as far as `async for` goes."""

    def __init__(self, futures: list[Coroutine[object, object, int]]) -> None:
        self._futures = [asyncio.ensure_future(each) for each in futures]

    def __aiter__(self) -> _AsyncOnly:
        return self

    async def __anext__(self) -> int:
        if not self._futures:
            raise StopAsyncIteration
        return await self._futures.pop(0)


def test_as_completed_is_iterated_asynchronously_too(
    run: Run, sandbox: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.virtual_time.real_time.asyncio_as_completed", _AsyncOnly)

    async def main(seconds: float) -> list[object]:
        return [each async for each in asyncio.as_completed([after(10, 1), after(seconds, 2)], timeout=60)]

    assert run(main(20)) == [1, 2]
    with pytest.raises(TimeoutError):
        run(main(2000))
    assert sandbox.elapsed == 80
