"""The live page comes back after it was cut off: it shows what it missed, nothing twice, and says that it was away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from events_kit import Stream
from page_kit import World, tab
from relay_kit import relay
from running_kit import on_loop
from steered_kit import everywhere

from mockserver import Running, start
from mockserver.control.watching import event_log
from mockserver.control.watching.watch import StateWatch

NUMBERS = "[...document.querySelectorAll('#journal-list .row .number')].map((each) => Number(each.textContent))"
FAULTS = "(see.one('nav.tabs a', 'Faults').querySelector('.count')?.innerText ?? '')"
NOTICE = ".notices .notice"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with start() as running:
        yield running


@pytest.fixture
def world(server: Running) -> Iterator[World]:
    made = World(server.url)
    yield made
    made.close()


def test_a_page_that_was_cut_off_shows_what_it_missed_once_and_says_so(
    server: Running, world: World, host: str
) -> None:
    events = Stream(server.url, f"/_mock/sandboxes/{world.name}/events")  # who reads keeps what is told
    with events, relay(server.url) as line, tab(host, line.url) as page:
        page.open()
        world.ask("GET", "/api/jobs")
        page.go(world.name, "journal")
        page.says("1 entry")
        line.cut()
        page.says("connection lost", ".connection")
        job = world.submit()
        world.send("POST", "faults", {"api": "vidgen", "fault": "status"})
        world.advance(5)
        line.mend()
        page.says("live", ".connection")
        page.says("2 entries")
        assert page.run(f"return {NUMBERS}") == [1, 2]
        page.says("The connection was lost for ", NOTICE)
        page.says("What happened meanwhile was read.", NOTICE)
        page.until(f"{FAULTS} === '1'")
        assert page.run("return see.text('.clock b')") == "01:46:45.0"
        world.ask("GET", "/api/jobs")
        page.says("3 entries")
        page.go(world.name, "jobs")
        page.says(job, "#job-list")
        assert page.problems == []


def test_a_page_whose_stream_the_server_closes_asks_for_it_again(server: Running, world: World, host: str) -> None:
    world.ask("GET", "/api/jobs")
    with tab(host, server.url) as page:
        page.open()
        page.go(world.name, "journal")
        page.says("1 entry")
        on_loop(server, ended(watches_of(server, world)))
        world.ask("GET", "/api/jobs")
        page.says("Everything was read anew.", NOTICE)
        page.says("2 entries")
        assert page.run(f"return {NUMBERS}") == [1, 2]
        assert page.problems == []


def test_a_page_that_is_too_late_reads_anew_and_says_so(
    server: Running, world: World, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.ask("GET", "/api/jobs")
    with tab(host, server.url) as page:
        page.open()
        page.go(world.name, "journal")
        page.says("1 entry")
        monkeypatch.setattr(event_log, "EVENTS_COUNT", 1)
        job = world.submit()  # several events at once, of which the last one is kept
        page.says("More happened than this page could read. Everything was read anew.", NOTICE)
        monkeypatch.undo()
        page.says("2 entries")
        assert page.run(f"return {NUMBERS}") == [1, 2]
        page.go(world.name, "jobs")
        page.says(job, "#job-list")
        assert page.problems == []


def test_a_server_that_was_started_anew_is_read_anew_and_nothing_of_the_old_one_is_left(host: str) -> None:
    old = start()
    try:
        world = World(old.url, name="mine")
        for _ in range(3):
            world.ask("GET", "/api/jobs")
        world.send("POST", "faults", {"api": "vidgen", "fault": "status"})
        with tab(host, old.url) as page:
            page.open()
            page.go("mine", "journal", "1")
            page.says("3 entries")
            page.says("GET", "[aria-label=Request]")
            page.until(f"{FAULTS} === '1'")
            old.stop()
            world.leave()
            page.says("connection lost", ".connection")
            with start(port=int(old.url.rpartition(":")[2])) as new:
                again = World(new.url, name="mine")
                again.ask("GET", "/api/status/other")
                page.says("live", ".connection")
                page.says("Everything was read anew.", NOTICE)
                page.says("1 entry")
                page.says("/api/status/other", "[aria-label=Request]")
                assert page.run(f"return {NUMBERS}") == [1]
                page.until(f"{FAULTS} === ''")
                page.says("mine", "#sandbox-list")
                again.leave()
                assert page.problems == []
    finally:
        old.stop()


def watches_of(server: Running, world: World) -> list[StateWatch]:
    """Of the server that is read from; of two that answer by turns, one is."""
    found = everywhere(server.app.sandboxes.get(world.name))
    return [each.watch for each in found if each.watch is not None]


async def ended(watches: list[StateWatch]) -> None:
    for each in watches:
        each.end()
