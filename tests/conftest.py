"""One server for a test run, one sandbox with a manual clock per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from running_kit import on_loop

from mockserver import Running, start
from mockserver.clock import Clock
from mockserver.sandbox import Sandbox

# How long an example takes depends on what else the machine does; what it finds must not.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """A real server on a free loopback port."""
    with start() as server:
        yield server


MakeSandbox = Callable[..., Sandbox]


@pytest.fixture
def make_sandbox(running: Running) -> Iterator[MakeSandbox]:
    """Makes sandboxes (manual clock unless told otherwise) and closes them afterwards."""
    made: list[Sandbox] = []

    def make(**options: Any) -> Sandbox:
        options.setdefault("clock", Clock("manual"))
        made.append(running.app.sandboxes.create(**options))
        return made[-1]

    yield make
    for sandbox in made:
        on_loop(running, _close(running, sandbox.name))


async def _close(running: Running, name: str) -> None:
    if running.app.sandboxes.get(name) is not None:
        running.app.sandboxes.close(name)


@pytest.fixture
def sandbox(make_sandbox: MakeSandbox) -> Sandbox:
    """A world of the test's own."""
    return make_sandbox()


@pytest.fixture
def advance(running: Running) -> Callable[[Sandbox, float], None]:
    """Moves a sandbox's clock, webhooks included."""
    return lambda sandbox, seconds: on_loop(running, sandbox.outbox.advance(seconds))


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Callable[[str], httpx.Client]]:
    """Real HTTP clients of an API in the test's sandbox, with a key where the API takes one."""
    clients: list[httpx.Client] = []

    def connect(api: str) -> httpx.Client:
        account = next(iter(sandbox.apis[api].accounts.values()))
        clients.append(httpx.Client(base_url=sandbox.url(api), headers={"X-API-Key": account.key}, trust_env=False))
        return clients[-1]

    yield connect
    for each in clients:
        each.close()
