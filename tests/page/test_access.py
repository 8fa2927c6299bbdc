"""The live page for everybody: keys, screen readers, any width, both schemes, less motion. axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from load_kit import Client
from page_kit import Tab, World

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "tests" / "files" / "node" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / "build" / "page"
SIZES = {375: 740, 1280: 800, 3840: 2000}
VIEWS = ["jobs", "journal", "webhooks", "faults", "scenarios", "conduct", "coverage", "accounts"]


@pytest.fixture(scope="module")
def busy(shared: Tab) -> Iterator[World]:
    """A sandbox in which something of everything has happened."""
    made = World(shared.url, name="busy", owner="tests/page/test_access.py")
    made.send("PUT", "webhooks", {"insecure": True})
    made.send("POST", "plans", {"api": "vidgen", "curve": "linear", "queued": 5, "running": 60})
    job = made.submit(webhookUrl="http://127.0.0.1:9/hook")
    made.send("POST", "faults", {"api": "vidgen", "fault": "status", "operation": "getStatus", "status": 502})
    made.advance(20)
    for _ in range(6):
        made.ask("GET", f"/api/status/{job}")
    made.ask("GET", "/api/jobs?limit=0")
    made.advance(60)
    made.submit()
    made.advance(3)
    yield made
    made.close()


def chosen(world: World, view: str) -> str:
    """What is opened in a view: the first of its things."""
    if view == "jobs":
        return str(world.get("jobs")[0]["id"])
    if view == "journal":
        return "1"
    return str(world.get("webhooks")[0]["id"]) if view == "webhooks" else ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is missing: make test, or npm ci in tests/files/node")
def test_axe_finds_nothing(live: Tab, busy: World, scheme: str) -> None:
    live.prefer(color_scheme=scheme)
    live.command("Runtime.evaluate", expression=AXE.read_text(encoding="utf-8"))
    found = []
    for view in VIEWS:
        things = ("", chosen(busy, view), "9999") if chosen(busy, view) else ("",)  # the last one is there no more
        for thing in things:
            live.go(busy.name, view, thing)
            live.until("!see.text('main').includes('Loading')")
            found += live.run(AUDIT)
    assert found == []


AUDIT = """
await Promise.allSettled(document.getAnimations().map((each) => each.finished)); // what rises is not read yet
const { violations } = await axe.run(document, { resultTypes: ["violations"] });
const shown = (id) => (e) => `${location.hash} ${id}: ${e.html.slice(0, 200)} ${e.failureSummary}`;
return violations.flatMap(({ id, nodes }) => nodes.map(shown(id)));
"""


def look(live: Tab, busy: World, width: int, scheme: str, picture: bool) -> None:
    live.size(width, SIZES[width])
    live.prefer(color_scheme=scheme)
    for view in VIEWS:
        for thing in dict.fromkeys(("", chosen(busy, view))):
            live.go(busy.name, view, thing)
            live.until("!see.text('main').includes('Loading')")
            wide = live.run("return [document.documentElement.scrollWidth, innerWidth]")
            assert wide[0] <= wide[1], (view, wide)
            if picture:
                name = f"{view}{'-one' if thing else ''}-{width}-{scheme}.png"
                (PICTURES / name).write_bytes(live.picture())


@pytest.mark.parametrize("width", SIZES)
def test_every_view_fits_its_window(live: Tab, busy: World, width: int) -> None:
    look(live, busy, width, "light", picture=False)


@pytest.mark.slow
@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_of_all_views_are_left_to_be_looked_at(live: Tab, busy: World, width: int, scheme: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    look(live, busy, width, scheme, picture=True)
    assert len([*PICTURES.glob(f"*-{width}-{scheme}.png")]) >= len(VIEWS)


def test_lists_are_walked_with_keys_and_escape_closes_what_was_opened(live: Tab, busy: World) -> None:
    live.go(busy.name, "journal")
    live.until("document.querySelectorAll('#journal-list .row').length > 3")
    live.run("document.querySelector('#journal-list').focus();")
    live.press("Home")
    live.says("#1 ", ".detail h2")
    live.press("ArrowDown")
    live.until("!see.text('.detail h2').startsWith('#1 ')")
    active = "document.getElementById(document.querySelector('#journal-list').getAttribute('aria-activedescendant'))"
    assert live.run(f"return {active}.getAttribute('aria-selected')") == "true"
    live.run("document.querySelector('.detail').focus();")
    live.press("Escape")
    live.until("!document.querySelector('.detail')")


def test_everything_that_can_be_clicked_can_be_reached_with_the_tab_key(live: Tab, busy: World) -> None:
    live.go(busy.name, "jobs", chosen(busy, "jobs"))
    live.says("Facts", ".detail")
    live.run("document.activeElement.blur(); document.querySelector('.skip').focus();")
    reached = {live.run(FOCUSED)}
    for _ in range(80):
        live.press("Tab")
        reached.add(live.run(FOCUSED))
    missing = live.run(CLICKABLE)
    assert sorted(set(missing) - reached) == []


NAMED = "const named = (e) => (e.getAttribute('aria-label') || e.innerText || e.name || e.tagName).slice(0, 60);"
FOCUSED = NAMED + "return named(document.activeElement);"
CLICKABLE = (
    NAMED
    + """
return [...document.querySelectorAll("a[href], button, select, input")]
  .filter((e) => e.checkVisibility() && !e.disabled).map(named);
"""
)


def test_a_job_is_found_opened_and_finished_with_keys_alone(live: Tab, world: World) -> None:
    job = world.submit()
    live.go(world.name, "jobs")
    live.says(job, "#job-list")
    live.run("document.activeElement.blur(); document.querySelector('.skip').focus();")
    live.press("Enter")  # skips to the view
    tabbed_to(live, "Jobs, newest first")
    live.press("ArrowDown")
    live.says(job, ".detail h2")
    tabbed_to(live, "Finish")
    live.press("Enter")
    live.says("COMPLETED", ".detail .headline")
    tabbed_to(live, "Dismiss")
    live.press("Enter")
    live.until("!document.querySelector('.notices .notice')")


def tabbed_to(live: Tab, name: str) -> None:
    """Press the tab key until something of that name has the focus."""
    for _ in range(60):
        if live.run(FOCUSED) == name:
            return
        live.press("Tab")
    raise AssertionError(f"{name} was not reached")


def test_a_long_list_is_walked_by_pages_and_to_its_ends_with_keys(live: Tab, world: World) -> None:
    client = Client(world)
    client.send(200)
    client.close()
    live.go(world.name, "journal")
    live.says("200 entries")
    live.run("document.querySelector('#journal-list').focus();")
    number = "Number(see.text('.detail h2').match(/\\d+/)[0])"
    live.press("End")
    live.until(f"{number} === 200")
    live.press("PageUp")
    before = live.until(f"{number} < 200 && {number}")
    live.press("PageDown")
    live.until(f"{number} > {before}")
    live.press("Home")
    live.until(f"{number} === 1")
    assert live.until("document.querySelector('#journal-list [aria-selected=true]').getBoundingClientRect().top > 0")


def test_what_changes_is_told_in_live_regions_and_not_more_often_than_it_can_be_heard(live: Tab, world: World) -> None:
    live.go(world.name, "journal")
    live.says("0 entries", "[role=status].unseen")
    live.run(HEARD)
    client = Client(world)
    client.send(100)
    client.close()
    live.says("100 entries", "[role=status].unseen")
    assert live.run("return window.heard.length") <= 3
    assert live.run("return see.text('.connection[role=status]')") == "live"
    live.run("document.querySelector('.clock button').click();")
    live.says("The clock was moved by 10 s.", ".notices[role=log][aria-live=polite]")


HEARD = """
window.heard = [];
const region = document.querySelector("[role=status].unseen");
new MutationObserver(() => heard.push(region.textContent)).observe(region, { characterData: true, subtree: true });
"""


def test_who_wants_less_motion_sees_none(live: Tab, busy: World) -> None:
    live.prefer(reduced_motion="reduce")
    live.go(busy.name)
    live.run("document.querySelector('.clock button').click();")
    live.until("document.querySelector('.notices .notice')")
    assert live.run("return document.getAnimations().length") == 0
    live.prefer(reduced_motion="no-preference")
