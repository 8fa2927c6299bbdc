"""What the live page weighs and how it keeps up: its size, its first paint, and tasks that hold the browser up.

1,000 jobs and 10,000 entries are there when it is opened; then requests come in, ever faster. A task is long that takes
more than 50 ms, as browsers define it. Server, page and load are processes of their own. Needs chromium, and says so
where it is missing.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "page")]

from browser_kit import browser, has_browser  # noqa: E402
from load_kit import WATCH, Client, Gauge, caught_up, drawn, requests  # noqa: E402
from page_kit import Tab, World, tab  # noqa: E402
from serve_kit import serving  # noqa: E402

FOLDER = ROOT / "mockserver" / "pages" / "live"
JOBS, ENTRIES, RATES, SECONDS = 1000, 10_000, (500, 1000, 2000), 6
VIEWS = ("journal", "jobs", "conduct", "coverage")
IMAGE = {"prompt": "A red kite over a quiet harbour", "name": "kite"}


def page() -> None:
    """Print it all."""
    weighed()
    if not has_browser():
        print("chromium is missing: what the page does in a browser is not measured")
        return
    with (
        serving("--quiet") as server,
        tempfile.TemporaryDirectory() as profile,
        browser(Path(profile)) as host,
    ):
        world = World(server.url, name="bench", limits=False)
        paints = [painted(host, server.url) for _ in range(5)]
        print(f"{'live page, first paint':<28} {min(paints) / 1000:5.2f} s at best of 5 (wanted less than 0.3)")
        filled(world)
        with tab(host, server.url) as opened:
            opened.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
            opened.open("/_mock/#/bench/journal")
            opened.until(f"see.text('main').includes('{ENTRIES} entries')")
            print(f"{f'live page, {JOBS} jobs, {ENTRIES} entries':<44} {long_tasks(opened)}")
            for rate in RATES:
                pressed(opened, world, (server.process.pid, profile), rate)
            for view in VIEWS[1:]:
                pressed(opened, world, (server.process.pid, profile), RATES[0], view)


def weighed() -> None:
    """The size of its files."""
    files = [each for each in FOLDER.iterdir() if each.is_file()]
    whole = sum(each.stat().st_size for each in files)
    sent = sum(len(gzip.compress(each.read_bytes())) for each in files)
    print(
        f"{'live page, as browsers get it':<28} {sent / 1000:5.0f} KB in {len(files)} files (wanted at most 100), "
        f"{whole / 1000:.0f} KB unpacked"
    )


def painted(host: str, url: str) -> float:
    """Milliseconds from the navigation to the first content."""
    with tab(host, url) as opened:
        opened.open()
        return float(opened.until("performance.getEntriesByName('first-contentful-paint')[0]?.startTime"))


def filled(world: World) -> None:
    """Jobs and entries; limits are off."""
    for _ in range(JOBS):
        answer = world.ask("POST", "/api/image/generate", api="miraflow", json=IMAGE)
        assert answer.is_success, answer.text
    client = Client(world)
    client.send(ENTRIES - JOBS)
    client.close()


def pressed(opened: Tab, world: World, whose: tuple[int, str], rate: int, view: str = "journal") -> None:
    """Requests come in while a view is looked at: what was sent, what the page shows of it, and what that costs."""
    opened.go("bench", view)
    before, first = Gauge.of(opened, *whose), number(world)
    opened.run("tasks.length = 0;")
    with requests(world, rate) as client:
        time.sleep(SECONDS)
        shown = drawn(opened) - first if view == "journal" else 0
    tasks, after = long_tasks(opened), Gauge.of(opened, *whose)
    late = (
        f", shown {shown / SECONDS:.0f} (the last one {caught_up(opened, number(world)):.2f} s later)" if shown else ""
    )
    print(
        f"{f'live page, {view}, {rate} entries a second':<44} sent {client.sent / SECONDS:.0f}{late}; {tasks}; "
        f"of a core the page's thread {(after.main_thread - before.main_thread) / SECONDS:.0%}, "
        f"all of the browser {(after.browser - before.browser) / SECONDS:.0%}, "
        f"the server {(after.server - before.server) / SECONDS:.0%}; "
        f"heap {(after.heap - before.heap) / 1e6:+.1f} MB, {after.nodes - before.nodes:+.0f} nodes"
    )


def number(world: World) -> int:
    """That of the newest entry."""
    return int(world.get("journal?limit=1&whole=false")[0]["n"])


def long_tasks(opened: Tab) -> str:
    """What held the browser up."""
    tasks = opened.run("return tasks")
    return f"{len(tasks)} tasks over 50 ms, the longest {max(tasks, default=0):.0f} ms"


if __name__ == "__main__":
    page()
