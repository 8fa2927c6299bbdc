"""Makes the pictures of the documentation from the real page: `python tests/page/pictures.py`.

The clock is manual and the seed fixed, so that the same page gives the same pictures, but for fonts.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from api_kit import receiving
from browser_kit import browser
from page_kit import Tab, World, tab
from PIL import Image

from mockserver import start

FOLDER = Path(__file__).parent.parent.parent / "docs" / "pictures"
WIDTH, HEIGHT, COLOURS = 1280, 720, 128


def main() -> None:
    """All of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        start(seed=7) as server,
        tempfile.TemporaryDirectory() as profile,
        browser(Path(profile)) as host,
        tab(host, server.url) as page,
        receiving([401] * 20) as receiver,
    ):
        page.open()
        page.size(WIDTH, HEIGHT)
        page.prefer(color_scheme="light")
        for name, make in PICTURES.items():
            world = World(
                server.url, name=name, seed=7, insecure_webhooks=True, owner=f"tests/test_video.py::test_{name}"
            )
            make(page, world, receiver.url)
            page.until("!see.text('main').includes('Loading')")
            (FOLDER / f"live-{name}.png").write_bytes(small(page.picture()))
            world.close()
            page.go("default")


def small(picture: bytes) -> bytes:
    """The same in few colours."""
    made = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS).save(made, "PNG", optimize=True)
    return made.getvalue()


def jobs(page: Tab, world: World, hook: str) -> None:
    """Three jobs at different times, one of them open."""
    world.submit()
    world.advance(60)
    world.send("POST", "plans", {"api": "vidgen", "curve": "linear", "queued": 10, "running": 120})
    chosen = world.submit(webhookUrl=hook)
    world.advance(70)
    page.go(world.name, "jobs", chosen)
    page.says("Webhook", ".agenda")


def journal(page: Tab, world: World, hook: str) -> None:
    """A client that meets a bad gateway and breaks the contract."""
    job = world.submit()
    world.send(
        "POST",
        "faults",
        {"api": "vidgen", "fault": "status", "operation": "getStatus", "status": 502, "page": "nginx", "times": 2},
    )
    for _ in range(5):
        world.ask("GET", f"/api/status/{job}")
        world.advance(3)
    world.ask("GET", "/api/jobs?limit=0")
    page.go(world.name, "journal", "3")
    page.says("took effect", ".detail")


def webhook(page: Tab, world: World, hook: str) -> None:
    """A webhook that its receiver refuses, for its signature is wrong on purpose."""
    world.send("POST", "faults", {"api": "vidgen", "fault": "webhook_bad_signature"})
    world.submit(webhookUrl=hook)
    world.advance(20)
    page.go(world.name, "webhooks", str(world.get("webhooks")[0]["id"]))
    page.says("signature wrong", ".detail")


def faults(page: Tab, world: World, hook: str) -> None:
    """A fault that was met, one that was not, and the form."""
    world.send(
        "POST", "faults", {"api": "vidgen", "fault": "status", "operation": "listJobs", "status": 503, "times": 3}
    )
    world.send("POST", "faults", {"api": "vidgen", "fault": "stuck"})
    world.ask("GET", "/api/jobs")
    page.go(world.name, "faults")
    page.says("took effect 1 of 1")
    page.says("Which requests")


PICTURES: dict[str, Callable[[Tab, World, str], None]] = {
    "jobs": jobs, "journal": journal, "webhook": webhook, "faults": faults,
}  # fmt: skip

if __name__ == "__main__":
    main()
