"""A server that stands for a sandbox, and the vendor's host that leads to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.intercept_kit import HOST, PREFIX, Server, serving


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def server(shared: Server) -> Server:
    shared.seen.clear()
    shared.clients.clear()
    return shared


@pytest.fixture
def routes(server: Server) -> dict[str, str]:
    return {HOST: server.origin + PREFIX}
