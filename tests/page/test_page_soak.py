"""A day on the live page, in a minute: what has passed is let go, and what is drawn does not become more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from load_kit import WATCH, Client, Gauge, caught_up, requests
from page_kit import Tab, World, tab
from serve_kit import serving

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

FULL, DAY = 12_000, 50_000
GROWTH = 4e6
"""Bytes of the page's memory: what it keeps of entries is of different lengths."""
RATE, SECONDS = 500, 10
IMAGE = {"prompt": "A red kite over a quiet harbour", "name": "kite"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("--quiet") as server:
        yield server.url


@pytest.fixture(scope="module")
def page(host: str, url: str) -> Iterator[Tab]:
    with tab(host, url) as made:
        made.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        made.open()
        yield made


def test_a_page_that_has_seen_fifty_thousand_entries_is_as_small_as_after_the_first_ones(page: Tab, url: str) -> None:
    world, client = World(url, name="day", limits=False), None
    page.go("day", "journal")
    for _ in range(2_500):  # more jobs than are kept
        assert world.ask("POST", "/api/image/generate", api="miraflow", json=IMAGE).is_success
    client = Client(world)
    client.send(FULL)
    caught_up(page, 2_500 + FULL)
    first = Gauge.of(page)
    client.send(DAY)
    caught_up(page, 2_500 + FULL + DAY)
    last = Gauge.of(page)
    client.close()
    world.close()
    print(f"heap {first.heap / 1e6:.1f} MB, then {last.heap / 1e6:.1f} MB; {first.nodes:.0f} nodes, {last.nodes:.0f}")
    assert last.heap - first.heap < GROWTH
    assert abs(last.nodes - first.nodes) < 50


def test_a_page_shows_five_hundred_entries_a_second_as_they_come(page: Tab, url: str) -> None:
    world = World(url, name="busy", limits=False)
    page.go("busy", "journal")
    page.run("tasks.length = 0;")
    with requests(world, RATE) as client:
        page.run(f"await new Promise((done) => setTimeout(done, {SECONDS * 1000}));")
    late, tasks = caught_up(page, client.sent), page.run("return tasks")
    print(f"{client.sent} entries in {SECONDS} s, the last one {late:.2f} s late, {len(tasks)} tasks over 50 ms")
    assert page.problems == []
    world.close()
