"""What will become of a job, as JSON from which others can compute how it stands at any time. Asks no clock."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import Any

from mockserver.curves import percent
from mockserver.jobs import PlannedJob
from mockserver.timeline import spent

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
    parts = 1 if job.plan.curve.kind == "linear" and job.fault is None else SAMPLES
    points = [[moments[0], job.status(moments[0]).progress]]
    for start, end in pairwise(moments):
        if end - start > 2 * SHORTLY:
            points += _risen(job, start, end - SHORTLY, parts)
        _add(points, end, _progress(job, end))
    return points


def _risen(job: PlannedJob, start: float, end: float, parts: int) -> list[list[float]]:
    """Points behind the start of a stretch; none where nothing rises but its end."""
    first, last = _progress(job, start), _progress(job, end)
    if first == last:
        return [[end, last]]
    inner = (start + (end - start) * n / parts for n in range(1, parts))
    return [*([at, _progress(job, at)] for at in inner), [end, last]]


def _progress(job: PlannedJob, at: float) -> float:
    """As answers have it, but not rounded down where the plan alone lets it rise: points would lag behind."""
    plan = job.plan
    total = spent(plan, job.created, (), "running", inf)
    if job.fault is not None or job.moves or not total or at >= job.created + plan.seconds:
        return job.status(at).progress
    return round(percent(plan.curve, spent(plan, job.created, (), "running", at) / total), 3)


def _add(points: list[list[float]], at: float, progress: float) -> None:
    if points[-1] != [at, progress]:
        points.append([at, progress])
