"""Waiting for what processes do, and whether they are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mockserver.clock import monotonic, sleep

PATIENCE = 60.0


def until(met: Any, seconds: float = PATIENCE) -> Any:
    """Return what `met` gives once it is something; fails after so many seconds."""
    end = monotonic() + seconds
    while not (found := met()):
        assert monotonic() < end, "it did not come"
        sleep(0.005)
    return found


def is_there(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False
