"""What will become of a job, as JSON from which others can compute how it stands at any time. Asks no clock."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from mockserver.jobs import PlannedJob

SAMPLES = 16
"""Into so many parts a curve is cut that does not rise in a straight line."""
SHORTLY = 1e-5  # before a moment: rather too early than too late by a rounding


def timeline(job: PlannedJob) -> dict[str, Any]:
    """The states that it comes to, and points of its progress, which rises in straight lines between them."""
    moments = [job.created, *job.moments(job.created)]
    states: list[dict[str, Any]] = []
    for at in moments:
        state = job.status(at).state
        if not states or states[-1]["state"] != state:
            states.append({"state": state, "at": at})
    return {"states": states, "progress": _points(job, moments)}


def _points(job: PlannedJob, moments: list[float]) -> list[list[float]]:
    parts = 1 if job.plan.curve.kind == "linear" and job.bend is None else SAMPLES
    found = [[moments[0], job.status(moments[0]).progress]]
    for start, end in pairwise(moments):
        if end - start > 2 * SHORTLY:
            found += _risen(job, start, end - SHORTLY, parts)
        _add(found, end, job.status(end).progress)
    return found


def _risen(job: PlannedJob, start: float, end: float, parts: int) -> list[list[float]]:
    """Points behind the start of a stretch; none where nothing rises but its end."""
    first, last = job.status(start).progress, job.status(end).progress
    if first == last:
        return [[end, last]]
    inner = (start + (end - start) * n / parts for n in range(1, parts))
    return [*([at, job.status(at).progress] for at in inner), [end, last]]


def _add(found: list[list[float]], at: float, progress: int) -> None:
    if found[-1] != [at, progress]:
        found.append([at, progress])
