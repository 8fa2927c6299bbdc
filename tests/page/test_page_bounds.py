"""However much happens and however long the live page is open, what it keeps and what it draws stay small."""

from __future__ import annotations

from page_kit import Tab, World

ENTRIES = """
const { Journal, MOST_ENTRIES } = await import("/_mock/live/entries.js");
const journal = new Journal("nobody", () => {});
const entry = (n) => n % 10
  ? { n, at: "", kind: "request", method: "GET", path: "/" + n, status: 200 }
  : { n, at: "", kind: "webhook", request: n - 1, outcome: "delivered" };
for (let n = 1; n <= 5 * MOST_ENTRIES; n += 1) journal.add(entry(n));
const kept = [journal.entries.length, journal.byNumber.size, journal.attempts.size * 10];
return [MOST_ENTRIES, Math.max(...kept), journal.newest, journal.entries[0].n + journal.entries.length - 1];
"""


def test_the_newest_entries_are_kept_and_no_more(live: Tab) -> None:
    most, kept, newest, last = live.run(ENTRIES)
    assert most <= kept <= most * 1.1
    assert newest == last == 5 * most


JOBS = """
const { Sandbox } = await import("/_mock/live/sandbox.js");
const sandbox = Object.assign(Object.create(Sandbox.prototype), { jobs: new Map(), webhooks: new Map() });
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


def test_a_busy_sandbox_is_told_in_full(live: Tab, world: World) -> None:
    live.go(world.name, "journal")
    world.send("PUT", "limits", {"on": False})
    for _ in range(700):
        world.ask("GET", "/api/health")
    live.says("700 entries")


def test_a_sandbox_that_is_reset_is_empty_and_goes_on(live: Tab, world: World) -> None:
    world.submit()
    live.go(world.name)
    live.says("1 job")
    world.send("POST", "reset")
    live.says("No jobs yet")
    job = world.submit()
    live.says(job, "#job-list")
