"""One server and one browser for the room, and for each test a sandbox of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_kit import Receiver, receiving
from browser_kit import browser, has_browser
from page_kit import Tab, World, tab

from mockserver import Running, start


@pytest.fixture(scope="session")
def served() -> Iterator[Running]:
    with start() as running:
        yield running


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a browser is steered."""
    if not has_browser():
        pytest.skip("chromium is missing")
    with browser(tmp_path_factory.mktemp("profile")) as made:
        yield made


@pytest.fixture(scope="session")
def shared(served: Running, host: str) -> Iterator[Tab]:
    with tab(host, served.url) as made:
        made.open()
        yield made


@pytest.fixture
def world(served: Running) -> Iterator[World]:
    made = World(served.url)
    yield made
    made.close()


@pytest.fixture
def live(shared: Tab) -> Iterator[Tab]:
    """The page; at the end nothing has gone wrong in it."""
    shared.as_usual()
    yield shared
    assert shared.problems == []


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Takes webhooks."""
    with receiving() as made:
        yield made
