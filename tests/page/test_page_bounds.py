"""However much happens and however long the live page is open, what it keeps and what it draws stay small."""

from __future__ import annotations

import pytest
from load_kit import Client
from page_kit import Tab, World

from mockserver.state import noted_changes

ENTRIES = """
const { Journal, MOST_ENTRIES } = await import("/_mock/live/entries.js");
const journal = new Journal("nobody", () => {});
const hook = (n, request) => ({ n, at: "", kind: "webhook", request, outcome: "delivered" });
const entry = (n) => n % 10 ? { n, at: "", kind: "request", method: "GET", path: "/" + n, status: 200 }
  : hook(n, n % 20 ? n - 1 : Math.max(1, n - 2 * MOST_ENTRIES)); // every second one is about what is long forgotten
for (let n = 1; n <= 5 * MOST_ENTRIES; n += 100) journal.add([...Array(100).keys()].map((each) => entry(n + each)));
const sizes = () => [journal.entries.length, journal.byNumber.size, journal.attempts.size * 10];
const kept = Math.max(...sizes());
for (let n = 0; n < 200; n += 1) journal.add([hook(6 * MOST_ENTRIES + n, 7)]);
journal.add(journal.entries.slice(0, 50)); // told twice
const numbers = journal.entries.map((each) => each.n);
const isInOrder = numbers.every((n, at) => at === 0 || n > numbers[at - 1]);
return [MOST_ENTRIES, kept, Math.max(...sizes()), journal.newest, isInOrder];
"""


def test_the_newest_entries_are_kept_and_no_more(live: Tab) -> None:
    most, kept, later, newest, is_in_order = live.run(ENTRIES)
    assert most <= kept <= most * 1.1
    assert most <= later <= most * 1.1
    assert newest == 6 * most + 199
    assert is_in_order


JOBS = """
const { Sandbox } = await import("/_mock/live/sandbox.js");
const kept = { jobs: new Map(), webhooks: new Map(), readings: new Set() };
const sandbox = Object.assign(Object.create(Sandbox.prototype), kept);
for (let n = 0; n < 100; n += 1) {
  const created = (each) => new Date(1e12 + (n * 100 + each) * 1000).toISOString();
  const jobs = [...Array(100).keys()].map((each) => ({ id: `${n}-${each}`, rev: 1, created: created(each) }));
  sandbox.on_jobs({ jobs, left_out: 0 });
  sandbox.on_webhooks({ webhooks: jobs.map(({ id }) => ({ id })), left_out: 0 });
}
return [sandbox.jobs.size, sandbox.webhooks.size, sandbox.jobs.has("99-99"), sandbox.webhooks.has("99-99")];
"""


def test_the_newest_jobs_and_webhooks_are_kept_and_no_more(live: Tab) -> None:
    jobs, webhooks, *newest = live.run(JOBS)
    assert (jobs <= 2200, webhooks <= 2000, newest) == (True, True, [True, True])


ROWS = """
const { render } = await import("/_mock/live/dom.js");
const { ListState, list } = await import("/_mock/live/list.js");
const place = document.createElement("div");
const state = new ListState(() => {});
const items = [...Array(10000).keys()];
const draw = () => render(place, list(state, {
  id: "many", label: "Many", items, keyOf: (n) => n, chosen: 7, onchoose: () => {},
  row: (n) => [{ content: String(n) }],
}));
draw();
const first = place.querySelectorAll(".row").length;
state.top = 28 * 5000;
draw();
const rows = [...place.querySelectorAll(".row")];
const count = place.querySelector("[role=grid]").ariaRowCount;
return [first, rows.length, rows.some((e) => e.textContent === "5005"), count];
"""


def test_of_ten_thousand_rows_only_those_in_sight_are_drawn(live: Tab) -> None:
    first, later, is_there, count = live.run(ROWS)
    assert first < 60
    assert later < 60
    assert (is_there, count) == (True, "10000")


def test_more_than_an_event_tells_is_read_and_nothing_is_missing(
    live: Tab, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send("PUT", "limits", {"on": False})
    live.go(world.name, "journal")
    live.says("Nothing has happened here yet")
    monkeypatch.setattr(noted_changes, "MOST", 3)
    client = Client(world)
    client.send(700)
    live.says("700 entries")
    monkeypatch.undo()
    client.send()
    client.close()
    live.says("701 entries")


OLDER = """
const asked = performance.getEntriesByType("resource").map((e) => e.name).filter((name) => name.includes("/journal?"));
return asked.map((name) => new URL(name).search);
"""


def test_a_long_journal_is_read_in_pages_without_what_was_sent(live: Tab, world: World) -> None:
    world.send("PUT", "limits", {"on": False})
    client = Client(world)
    client.send(2500)
    client.close()
    live.run("performance.clearResourceTimings()")
    live.go(world.name, "journal")
    live.says("2500 entries")
    assert live.run(OLDER) == ["?whole=false&limit=2000", "?whole=false&limit=2000&before=501"]


PLACE = """
const { render } = await import("/_mock/live/dom.js");
const { ListState, list } = await import("/_mock/live/list.js");
const place = document.body.appendChild(document.createElement("div"));
place.className = "split";
place.style.cssText = "position: fixed; inset: 0 auto auto 0; width: 300px; height: 280px;";
const state = new ListState(() => {});
const draw = async (items, follows) => {
  render(place, list(state, {
    id: "places", label: "Places", items, keyOf: (n) => n, onchoose: () => {}, follows,
    row: (n) => [{ content: `row ${n}` }],
  }));
  await frames();
};
const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
const top = (n) => see.one("#places .row", `row ${n}`)?.getBoundingClientRect().top;
const some = (from, to) => [...Array(to - from).keys()].map((n) => n + from);
try {
  await draw(some(0, 100), true);
  await draw(some(0, 100), true);
  const end = place.querySelector("#places").scrollTop;
  place.querySelector("#places").scrollTop = 28 * 50 + 9;
  await frames();
  await draw(some(0, 100), true);
  const before = top(52);
  await draw(some(0, 100), true);
  await draw(some(20, 130), true); // older ones made room
  const dropped = top(52);
  await draw(some(-40, 130), true); // newer ones came on top
  return [end, before, dropped, top(52)];
} finally {
  place.remove();
}
"""


def test_what_is_looked_at_stays_where_it_is_while_others_come_and_go_above_it(live: Tab) -> None:
    end, before, dropped, added = live.run(PLACE)
    assert end == 100 * 28 - 280
    assert before == dropped == added == 2 * 28 - 9


def test_a_sandbox_that_is_reset_is_empty_and_goes_on(live: Tab, world: World) -> None:
    world.submit()
    live.go(world.name)
    live.says("1 job")
    world.send("POST", "reset")
    live.says("No jobs yet")
    job = world.submit()
    live.says(job, "#job-list")
