"""Which run a job is in, when it comes to so much progress, and until when it shows the same. Knows no store."""

from __future__ import annotations

from math import inf

from mockserver.curves import percent
from mockserver.lifecycle import Curve
from mockserver.timeline import Move, TimelinePlan, begun_by, next_change, run_time, status


def same_until(plan: TimelinePlan, created: float, moves: tuple[Move, ...], now: float, progress: int) -> float:
    """Until when a job shows what it shows at `now`, or shortly before that."""
    start = ran = 0.0
    run = begun_by(plan, created, moves) if moves else None
    if run is not None:
        (plan, created), moves = run, ()
    for step in () if moves else plan.steps:
        end = created + step.until
        if now < end:
            if step.phase != "running" or progress >= 99:
                return _before(end)
            start_of_run, total = created + start - ran, run_time(plan)  # as if it had run all the time
            share = _share_below(plan.curve, progress + 1, max(0.0, now - start_of_run) / total) if total else 1.0
            return min(_before(end), _before(start_of_run + total * share))
        if step.phase == "running":
            ran += step.until - start
        start = step.until
    change = next_change(plan, created, moves, now) if plan.delays else None
    return inf if change is None else _before(change)


def _before(moment: float) -> float:
    return moment - 1e-5  # rather too early than too late by a rounding


def _share_below(curve: Curve, most: int, low: float) -> float:
    """The share of the running time up to which progress stays below so many percent, from one at which it does."""
    high = 1.0
    for _ in range(20):  # every curve is monotone
        middle = (low + high) / 2
        low, high = (middle, high) if percent(curve, middle) < most else (low, middle)
    return low


def moment_of(plan: TimelinePlan, created: float, percentage: int) -> float:
    """When progress comes to so many percent; inf when it does not while the job runs."""
    total, start = run_time(plan), 0.0
    if not 0 < total < inf or int(percent(plan.curve, 1.0)) < percentage:
        return inf
    remaining = total * share_at(plan.curve, percentage)
    for step in plan.steps:
        if step.phase == "running" and remaining <= step.until - start:
            moment = round(created + start + remaining, 6)
            later = (moment + bump * 1e-6 for bump in range(4))  # a rounding may hide it
            return next((at for at in later if status(plan, created, (), at).progress >= percentage), inf)
        remaining -= step.until - start if step.phase == "running" else 0.0
        start = step.until
    return inf


def share_at(curve: Curve, percentage: float) -> float:
    """The share of the running time at which a curve comes to so many percent; every curve is monotone."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if percent(curve, middle) >= percentage else (middle, high)
    return high


def going(plan: TimelinePlan, created: float, moves: tuple[Move, ...]) -> tuple[TimelinePlan, float]:
    """The run that a job is in, or was in last, and what its times are reckoned from."""
    for count in range(len(moves), 0, -1):
        if (run := begun_by(plan, created, moves[:count])) is not None:
            return run
    return plan, created


def outcome_of(plan: TimelinePlan, created: float, moves: tuple[Move, ...]) -> str:
    """The state in which the run of a job ends, also one that is still to begin."""
    run, _ = going(plan, created, moves)
    return (run.run or run).outcome
