"""The walk through sandboxes and time that the documentation shows, as it is written."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from mockserver import start

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/explanation/sandboxes.md").read_text(encoding="utf-8")


def test_the_walk_of_the_page_ends_with_the_job_that_was_planned() -> None:
    section = PAGE.split("\n## A sandbox by hand\n")[1].split("\n## ")[0]
    (walk,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    with start() as server:
        text = walk.replace("http://127.0.0.1:8000", server.url)
        done = subprocess.run(["bash", "-c", text], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    (job,) = json.loads(done.stdout[done.stdout.rindex("[{") :])
    assert (job["state"], job["error"]) == ("FAILED", "No face found")
