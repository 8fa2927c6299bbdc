"""A sandbox that keeps what is sent to it, of each test's own, and a client that goes there."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from mockserver import Running
from mockserver.steering import ApiHandle, SandboxHandle


@pytest.fixture
def world(running: Running) -> Iterator[SandboxHandle]:
    with running.sandbox(requests=True, owner="a test") as made:
        yield made


@pytest.fixture
def vidgen(world: SandboxHandle) -> ApiHandle:
    return world.api("vidgen")


@pytest.fixture
def client(vidgen: ApiHandle) -> Iterator[httpx.Client]:
    """A client with the test's own key."""
    with httpx.Client(base_url=vidgen.url, headers={"X-API-Key": vidgen.api_key}) as made:
        yield made
