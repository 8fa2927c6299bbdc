"""The lines that a job writes while it runs, and when. Knows no store, no HTTP and no clock."""

from __future__ import annotations

from typing import NamedTuple

from mockserver.milestones import share_at
from mockserver.timeline import TimelinePlan, run_time


class LogLine(NamedTuple):
    """A line of a log, and when it appeared."""

    text: str
    at: float


def lines(plan: TimelinePlan, created: float, progress: int, now: float) -> list[LogLine]:
    """The lines that a job of so much progress has written; none while it waits."""
    if progress <= 0:
        return []
    return [LogLine(text, min(now, created + _reached(plan, at))) for at, text in plan.log if progress >= at]


def _reached(plan: TimelinePlan, most: float) -> float:
    """The seconds after creation at which progress comes to so many percent, in whole ones."""
    spans, start = [], 0.0
    for step in plan.steps:
        if step.phase == "running":
            spans.append((start, step.until))
        start = step.until
    remaining = run_time(plan) * share_at(plan.curve, max(1.0, most))
    for begin, end in spans:
        if remaining <= end - begin:
            return begin + remaining
        remaining -= end - begin
    return start
