"""A server of each file's own, as its readers are counted, and a sandbox of each test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver import Running, start
from mockserver.steering import SandboxHandle


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with start() as made:
        yield made


@pytest.fixture
def sandbox(running: Running) -> Iterator[SandboxHandle]:
    with running.steering.sandbox(insecure_webhooks=True) as made:
        yield made
