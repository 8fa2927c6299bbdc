"""Virtual time under anyio and trio: sleeps, deadlines, clocks; also when the library is imported later."""

from __future__ import annotations

import importlib.util
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
import trio
from virtual_time_kit import FakeTime, load

from mockserver.late_import import when_imported
from mockserver.virtual_time import ClockRanAway, fast_forward
from mockserver.virtual_time.loops import TrioLoop

POLLER = """
from anyio import fail_after, sleep

async def poll_within(seconds):
    with fail_after(seconds):
        while True:
            await sleep(10)
"""

Run = Callable[..., Any]


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest, sandbox: FakeTime) -> Run:
    """Run an async function in virtual time with one of anyio's back ends."""

    def run(main: Callable[..., Any], *args: object) -> Any:
        with fast_forward(sandbox):
            return anyio.run(main, *args, backend=request.param)

    return run


@pytest.fixture
def run_trio(sandbox: FakeTime) -> Run:
    def run(main: Callable[..., Any]) -> Any:
        with fast_forward(sandbox):
            return trio.run(main)

    return run


def test_two_sleeps_of_ten_seconds_move_the_clock_by_ten(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 10)
            group.start_soon(sleep_in_two, 4, 6)

    async def sleep_in_two(first: int, second: int) -> None:
        await anyio.sleep(first)
        await anyio.sleep(second)

    run(main)
    assert sandbox.moves == [4, 6]


def test_a_stuck_job_fails_after_its_deadline(
    run: Run, sandbox: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = load(tmp_path, POLLER, monkeypatch)
    with pytest.raises(TimeoutError):
        run(client.poll_within, 1200)
    assert sandbox.elapsed == 1200


def test_move_on_after_cancels_the_scope(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        with anyio.move_on_after(15) as scope:
            await anyio.sleep(100)
        assert scope.cancelled_caught
        with anyio.move_on_after(15) as scope:
            await anyio.sleep(5)
        assert not scope.cancelled_caught
        with anyio.move_on_after(None):
            await anyio.sleep(5)
        with anyio.fail_after(delay=30):
            await anyio.sleep(5)

    run(main)
    assert sandbox.elapsed == 30


def test_a_deadline_by_the_clock_is_virtual(run: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        deadline = anyio.current_time() + 100
        while anyio.current_time() < deadline:  # noqa: ASYNC110
            await anyio.sleep(30)
        assert anyio.current_time() == time.monotonic()
        await anyio.sleep_until(anyio.current_time() + 5)
        await anyio.sleep_until(0)

    run(main)
    assert sandbox.elapsed == 125


LIBRARY = """
async def wait(seconds):
    deadline = tool.current_time() + seconds
    while tool.current_time() < deadline:
        await tool.sleep(30)
    await tool.sleep_until(tool.current_time() + 5)
"""
GUARD = """
async def guard():
    with tool.fail_at(tool.current_time() + 3600):
        await tool.sleep(30)
"""


def library(source: str, tool: object) -> dict[str, Any]:
    """What a module in site-packages defines."""
    found: dict[str, Any] = {"__file__": "/v/site-packages/library.py", "tool": tool}
    exec(textwrap.dedent(source), found)
    return found


def test_a_library_that_waits_by_the_clock_of_anyio_sees_its_own_sleeps(run: Run, sandbox: FakeTime) -> None:
    run(lambda: library(LIBRARY, anyio)["wait"](100))
    assert sandbox.elapsed == 125


def test_a_library_that_waits_by_the_clock_of_trio_sees_its_own_sleeps(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        trio.run(library(LIBRARY, trio)["wait"], 100)
        trio.run(library(GUARD, trio)["guard"])
    assert sandbox.elapsed == 155


def test_a_sleep_for_ever_is_named(run: Run) -> None:
    async def main() -> None:
        while True:  # noqa: ASYNC110
            await anyio.sleep(86_400)

    with pytest.raises(ClockRanAway, match=r"test_virtual_time_scopes\.py"):
        run(main)


def test_work_in_a_thread_holds_the_clock(run: Run, sandbox: FakeTime) -> None:
    seen: list[float] = []

    def work() -> None:
        until = time.perf_counter() + 0.03
        while time.perf_counter() < until:
            pass
        seen.append(sandbox.elapsed)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.to_thread.run_sync, work)
            await anyio.sleep(10)

    run(main)
    assert seen == [0]
    assert sandbox.elapsed == 10


def test_trio_sleeps_in_virtual_time(run_trio: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        await trio.sleep(10)
        await trio.sleep(0)  # noqa: ASYNC115
        await trio.sleep_until(trio.current_time() + 5)

    run_trio(main)
    assert sandbox.moves == [10, 5]


def test_trios_deadlines_are_virtual(run_trio: Run, sandbox: FakeTime) -> None:
    async def main() -> None:
        with pytest.raises(trio.TooSlowError), trio.fail_after(10):
            await trio.sleep_forever()
        with trio.move_on_after(10) as scope:
            await trio.sleep_forever()
        assert scope.cancelled_caught
        with pytest.raises(trio.TooSlowError), trio.fail_at(trio.current_time() + 10):
            await trio.sleep_forever()
        with trio.move_on_at(trio.current_time() + 10):
            await trio.sleep_forever()
        with trio.move_on_at(trio.current_time() - 10):
            await trio.sleep_forever()
        with trio.move_on_after(float("inf")):
            await trio.sleep(1)

    run_trio(main)
    assert sandbox.elapsed == 41


def test_a_busy_trio_task_holds_the_clock(run_trio: Run, sandbox: FakeTime) -> None:
    async def work() -> None:
        for _ in range(1000):
            await trio.sleep(0)  # noqa: ASYNC115
            assert sandbox.elapsed == 0

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(work)
            await trio.sleep(10)

    run_trio(main)
    assert sandbox.elapsed == 10


def test_a_trio_run_that_ended_does_not_hold_the_clock(sandbox: FakeTime) -> None:
    async def main() -> None:
        await trio.sleep(10)

    with fast_forward(sandbox):
        trio.run(main)
        time.sleep(5)
    assert sandbox.moves == [10, 5]


def test_the_functions_are_put_back(sandbox: FakeTime) -> None:
    names = ("sleep", "sleep_until", "current_time", "move_on_after", "fail_after")
    before = [getattr(library, name) for library in (anyio, trio) for name in names]
    with fast_forward(sandbox):
        pass
    assert before == [getattr(library, name) for library in (anyio, trio) for name in names]


@pytest.fixture
def late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that can be imported and is not yet."""
    name = "imported_later"
    (tmp_path / f"{name}.py").write_text(textwrap.dedent("answer = 41"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, name, sys)
    monkeypatch.delitem(sys.modules, name)
    return name


def test_a_late_import_is_noticed_once_the_module_is_complete(late: str) -> None:
    seen: list[object] = []
    with when_imported({late: lambda module: seen.append(module.answer), "sys": seen.append}):
        assert seen == [sys]
        assert __import__("importlib.util").util.find_spec(late) is not None
        __import__(late)
        __import__(late)
    assert seen == [sys, 41]


def test_after_the_context_a_late_import_is_nobodys_business(late: str) -> None:
    before = list(sys.meta_path)
    with when_imported({late: pytest.fail}), pytest.raises(ImportError):
        __import__("no_such_module_at_all")
    __import__(late)
    assert sys.meta_path == before


def test_a_module_that_does_not_exist_stays_unfound() -> None:
    with when_imported({"no_such_module_at_all": pytest.fail}), pytest.raises(ModuleNotFoundError):
        __import__("no_such_module_at_all")


def test_a_module_that_was_only_looked_for_is_let_alone_afterwards(late: str) -> None:
    with when_imported({late: pytest.fail}):
        spec = importlib.util.find_spec(late)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_a_trio_run_that_ended_takes_no_more_posts() -> None:
    async def main() -> TrioLoop:
        return TrioLoop(trio.lowlevel.current_trio_token())

    loop = trio.run(main)
    assert not loop.turn(print)  # an error here, in a callback, would be trio's internal error
    assert not loop.is_alive()
    assert loop.is_idle(0)
