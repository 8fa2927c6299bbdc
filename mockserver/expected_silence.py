"""`Silence`: what a client is told that asks beforehand how long its request would wait. Knows nothing of why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Silence:
    """The seconds of silence (inf: for ever) that a request meets; `is_done`: after it did what was asked."""

    seconds: float
    is_done: bool = False
