"""Who walks the clock is gone, or stands still and finds another one at work: the walk ends where it was to, once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from away_kit import Away, _end
from control_kit import Steered, told
from process_kit import FILES
from workers_kit import CONTROL, LONG, Workers, two_workers

from mockserver.webhooks import DeliveryAttempt

HOOK = "https://127.0.0.1:9/hook"
HOUR = 3600
JOBS = 3


class Sending:
    """What a server sends, of which the first one waits until `go`."""

    def __init__(self, server: Steered, sent: list[tuple[Steered, str]]) -> None:
        self.server, self.sent = server, sent
        self.came, self.go = asyncio.Event(), asyncio.Event()
        server.server.sandboxes.default.send = self.send

    async def send(self, url: str, headers: Any, body: bytes, *more: Any, **others: Any) -> DeliveryAttempt:
        self.sent.append((self.server, str(json.loads(body)["jobId"])))
        self.came.set()
        await self.go.wait()
        return DeliveryAttempt(url, "delivered", "It was.")


class Walking:
    """Two servers: the one delivers, and is kept by its first delivery; `sent` is what both sent, in that order."""

    def __init__(self, workers: Workers) -> None:
        self.one, self.other = workers.one, workers.other
        self.sent = list[tuple[Steered, str]]()
        self.kept, its = Sending(self.one, self.sent), Sending(self.other, self.sent)
        its.go.set()
        told(self.one.ask("PUT", f"{CONTROL}/clock", json={"mode": "manual"}), 200)
        self.worker: Any = self.state(self.one).worker
        self.one.get(f"{CONTROL}/webhooks")
        self.jobs = []
        for _ in range(JOBS):
            account = told(self.one.ask("POST", f"{CONTROL}/accounts", json={"api": "vidgen"}), 201)
            self.jobs.append(submitted(self.one, account["api_key"]))
        self.end = round(self.now() + HOUR, 6)

    def state(self, server: Steered) -> Any:
        return server.server.sandboxes.default.state

    def now(self) -> float:
        return float(self.other.get(f"{CONTROL}/clock")["epoch"])

    async def moved(self, at: Steered) -> asyncio.Task[Any]:
        """An hour, asked of a server: the one is at its first delivery."""
        moving = asyncio.create_task(at.asked("POST", f"{CONTROL}/clock/advance", json={"seconds": HOUR}))
        async with asyncio.timeout(LONG):
            await self.kept.came.wait()
        return moving

    def sent_by(self, server: Steered) -> list[str]:
        return [name for by, name in self.sent if by is server]


def submitted(server: Steered, key: str) -> str:
    """A job of an account, of whose end a webhook tells."""
    made = server.ask("POST", "/vidgen/api/jobs", data={"webhookUrl": HOOK}, files=FILES, headers={"X-API-Key": key})
    return str(told(made, 201)["jobId"])


@pytest.fixture
def walking(both: Away, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walking]:
    with two_workers(monkeypatch, both.engine.url) as workers:
        yield Walking(workers)


def test_a_walk_ends_where_it_was_to_though_who_walked_is_gone(walking: Walking) -> None:
    """What another one goes on with is no new walk."""

    async def lost() -> Any:
        moving = await walking.moved(walking.other)
        await _end(walking.worker)
        async with asyncio.timeout(LONG):
            return await moving

    assert told(walking.other.run(lost()), 200)["epoch"] == walking.now() == walking.end
    assert len(walking.sent_by(walking.one)) == 1
    assert sorted(walking.sent_by(walking.other)) == sorted(walking.jobs)


@pytest.mark.parametrize("asked", ["one", "other"])
def test_who_stood_still_sends_nothing_more_and_its_walk_ends_where_it_was_to(walking: Walking, asked: str) -> None:
    """Wherever it was asked for."""

    async def stood_still() -> Any:
        moving = await walking.moved(getattr(walking, asked))
        assert await walking.state(walking.other).role.take(walking.worker.name) == ""
        walking.kept.go.set()
        async with asyncio.timeout(LONG):
            return await moving

    assert told(walking.other.run(stood_still()), 200)["epoch"] == walking.now() == walking.end
    assert len(walking.sent_by(walking.one)) == 1
    assert sorted(walking.sent_by(walking.other)) == sorted(walking.jobs)
