"""How many postings an outbox keeps, and how many wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from running_kit import on_loop

from mockserver import Running, outbox
from mockserver.clock import Clock
from mockserver.errors import DeliveryDue
from mockserver.sandbox import Sandbox
from mockserver.upload_store import Shelf


def test_the_newest_postings_are_kept(
    running: Running, make_sandbox: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.posting_list.POSTINGS_COUNT", 3)
    box = make_sandbox().outbox
    postings: list[Any] = [
        SimpleNamespace(
            n=n,
            target="",
            is_for_account=False,
            webhook=SimpleNamespace(name="x"),
            key=f"{n} x",
            endpoint="",
            weight=0,
            job=SimpleNamespace(id=n, created=0.0, kept=None, plan=SimpleNamespace(seconds=3e9)),
        )
        for n in range(10)
    ]

    async def post() -> None:
        for each in postings:
            each.parted, each.due = Mock(return_value=[each]), 3e9
            box.post(each)

    on_loop(running, post())
    assert [*box.postings] == postings[-3:]
    assert box.dropped == 7


def test_deliveries_that_have_ended_a_moment_ago_are_not_waited_for_without_end(
    running: Running, make_sandbox: Callable[..., Sandbox]
) -> None:
    """From Python 3.12 on `gather` gives ended tasks back at once: what discards them has to get its turn."""
    box = make_sandbox().outbox

    async def nothing() -> None:
        pass

    async def ended() -> None:
        task = asyncio.get_running_loop().create_task(nothing())
        box._tasks.add(task)
        task.add_done_callback(box._tasks.discard)
        await asyncio.sleep(0)
        assert task.done()
        assert box._tasks, "nobody has discarded it yet"
        await box.settle()

    on_loop(running, ended())
    assert not box._tasks


def test_a_clock_that_is_to_move_without_deliveries_stays_while_one_is_under_way(
    running: Running, make_sandbox: Callable[..., Sandbox]
) -> None:
    sandbox = make_sandbox()
    before = sandbox.clock.now()

    async def move() -> None:
        over = asyncio.Event()
        task = asyncio.get_running_loop().create_task(over.wait())
        sandbox.outbox._tasks.add(task)  # type: ignore[arg-type]
        with pytest.raises(DeliveryDue):
            await sandbox.outbox.advance(60, quietly=True)
        over.set()
        await task
        sandbox.outbox._tasks.clear()
        assert sandbox.clock.now() == before
        await sandbox.outbox.advance(60, quietly=True)

    on_loop(running, move())
    assert sandbox.clock.now() == before + 60


def test_one_that_waited_elsewhere_to_be_overtaken_is_held_here_until_it_was_tried(
    running: Running, make_sandbox: Callable[..., Sandbox]
) -> None:
    box = make_sandbox().outbox

    def waiting(tries: int, overtaken: bool = True) -> Any:
        return SimpleNamespace(
            tries=tries, fault=SimpleNamespace(overtaken=overtaken), weight=0, target="", is_for_account=False,
            webhook=SimpleNamespace(name="x"), key="x", endpoint="", outcome="waiting", next_at=None,
            is_like=lambda _: False,
            job=SimpleNamespace(id="a", created=0.0, kept=None, plan=SimpleNamespace(seconds=3e9)),
        )  # fmt: skip

    async def go_on() -> None:
        held, due = waiting(0), (3e9, 3e9, 3e9, None)
        for each, at in zip((held, waiting(1), waiting(0, overtaken=False), waiting(0)), due, strict=True):
            box.go_on(each, at)
        assert box._held == [held]

    on_loop(running, go_on())


def test_no_more_wait_for_a_slow_receiver_than_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "WAITING", 5)

    async def slow(*_: Any) -> None:
        await asyncio.Event().wait()

    async def post() -> list[str]:
        sandbox = Sandbox("world", (), slow, Shelf(), clock=Clock("manual"))
        sandbox.outbox._attempt = slow  # type: ignore[method-assign]
        plan, api = SimpleNamespace(seconds=0.0), SimpleNamespace(contract=SimpleNamespace(name="x"))
        postings: list[Any] = []
        for n in range(9):
            job = SimpleNamespace(id=f"j{n}", created=0.0, kept=None, plan=plan)
            posting = SimpleNamespace(api=api, job=job, target="", weight=0, entry=n, fault=None, outcome="waiting")
            posting.is_for_account, posting.webhook = False, SimpleNamespace(name="x")
            posting.key, posting.endpoint = f"j{n} x", ""
            posting.parted, posting.due = Mock(return_value=[posting]), 0.0
            postings.append(posting)
            sandbox.outbox.post(posting)  # type: ignore[arg-type]
            for _ in range(4):
                await asyncio.sleep(0)
        sandbox.outbox.close()
        return [each.outcome for each in postings]

    assert asyncio.run(post()) == ["waiting"] * 5 + ["never sent"] * 4
