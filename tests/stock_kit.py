"""The command line of Schemathesis as an outsider runs it: no hooks, no configuration, no exemptions of ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from mockserver import start
from mockserver.launch import Running

ST = Path(sys.executable).with_name("st")


@contextmanager
def serving() -> Iterator[Running]:
    """A server as `mockserver serve` starts it."""
    with start() as running:
        yield running


def failures(url: str, folder: Path, *options: str, patience: float = 540) -> list[tuple[str, str]]:
    """The operation and the text of each failure and error that a run reports, deterministic, with one worker.

    `patience` is in seconds.
    """
    report = folder / "report.xml"
    fixed = ["--workers", "1", "--generation-deterministic", "--report", "junit", "--report-junit-path", str(report)]
    run = subprocess.run(
        [ST, "run", url, *fixed, *options], cwd=folder, capture_output=True, text=True, timeout=patience, check=False
    )
    assert report.exists(), run.stdout + run.stderr
    cases = ElementTree.parse(report).iter("testcase")
    return [
        (case.get("name") or "", (each.text or "") + (each.get("message") or "")) for case in cases for each in case
    ]
