"""What the live page weighs and how it keeps up: its size, its first paint, and tasks that hold the browser up.

1,000 jobs and 10,000 entries are there when it is opened; then requests come in. A task is long that takes more than
50 ms, as browsers define it. Needs chromium, and says so where it is missing.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "page")]

from browser_kit import browser, has_browser  # noqa: E402
from page_kit import Tab, World, tab  # noqa: E402

from mockserver import start  # noqa: E402

FOLDER = ROOT / "mockserver" / "pages" / "live"
JOBS, ENTRIES, RATE, SECONDS = 1000, 10_000, 500, 6
WATCH = """
window.tasks = [];
const seen = (list) => tasks.push(...list.getEntries().map((e) => e.duration));
new PerformanceObserver(seen).observe({ type: "longtask" });
"""
IMAGE = {"prompt": "A red kite over a quiet harbour", "name": "kite"}


def page() -> None:
    """Print it all."""
    files = [each for each in FOLDER.iterdir() if each.is_file()]
    whole = sum(each.stat().st_size for each in files)
    sent = sum(len(gzip.compress(each.read_bytes())) for each in files)
    print(
        f"{'live page, as browsers get it':<28} {sent / 1000:5.0f} KB in {len(files)} files (wanted at most 100), "
        f"{whole / 1000:.0f} KB unpacked"
    )
    if not has_browser():
        print("chromium is missing: what the page does in a browser is not measured")
        return
    with start() as server, tempfile.TemporaryDirectory() as profile, browser(Path(profile)) as host:
        world = World(server.url, name="bench", limits=False)
        paints = [painted(host, server.url) for _ in range(5)]
        print(f"{'live page, first paint':<28} {min(paints) / 1000:5.2f} s at best of 5 (wanted less than 0.3)")
        filled(world)
        with tab(host, server.url) as opened:
            opened.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
            opened.open("/_mock/#/bench/journal")
            opened.until(f"see.text('main').includes('{ENTRIES} entries')")
            told(f"{JOBS} jobs, {ENTRIES} entries", opened)
            opened.run("tasks.length = 0;")
            with requests(world) as sent:
                time.sleep(SECONDS)
            told(f"{len(sent) / SECONDS:.0f} entries a second", opened)


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
    for _ in range(ENTRIES - JOBS):
        world.ask("GET", "/api/health")


@contextmanager
def requests(world: World) -> Iterator[list[Any]]:
    """Requests as fast as was asked for, or as fast as this machine makes them."""
    sent: list[Any] = []
    over = threading.Event()

    def send() -> None:
        began = time.monotonic()
        while not over.is_set():
            if len(sent) < (time.monotonic() - began) * RATE:
                sent.append(world.ask("GET", "/api/health").status_code)
            else:
                over.wait(0.002)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield sent
    finally:
        over.set()
        thread.join()


def told(what: str, opened: Tab) -> None:
    """What held the browser up."""
    tasks = opened.run("return tasks")
    longest = max(tasks, default=0)
    print(f"{'live page, ' + what:<44} {len(tasks)} tasks over 50 ms, the longest {longest:.0f} ms")


if __name__ == "__main__":
    page()
