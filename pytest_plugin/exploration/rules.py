"""What a run of a client function broke: to crash, to go on for ever, or what no client may do."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mockserver.exploring import CONDUCT, Broken, jumped, misconduct, paid_twice, took_half
from mockserver.schedules import Schedule
from mockserver.steering import Entry, Finding
from mockserver.virtual_time import ClockRanAway


@dataclass(frozen=True, slots=True)
class ScheduleOutcome:
    """One run: what the client raised, if anything, the sandbox's seconds it took, and what the server saw of it."""

    error: BaseException | None
    elapsed: float
    entries: Sequence[Entry]
    jobs: int
    conduct: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class RuleLimits:
    """What is allowed: exceptions to raise, virtual seconds to take, jobs to create, requests to make."""

    raises: tuple[type[BaseException], ...]
    seconds: float
    submits: int
    requests: int = 1000


def judge(outcome: ScheduleOutcome, schedule: Schedule, limits: RuleLimits) -> Broken | None:
    """The first rule that a run broke; None when it broke none."""
    jumps = sum("clock_jump" in entry.fault for entry in outcome.entries)
    checks = (
        paid_twice(outcome.jobs, limits.submits),
        *misconduct(outcome.conduct, CONDUCT),
        _ended(outcome, limits, jumped(schedule, jumps)),
        took_half(outcome.entries) if outcome.error is None else None,
    )
    return next((check for check in checks if check is not None), None)


def _ended(outcome: ScheduleOutcome, limits: RuleLimits, jump: float) -> Broken | None:
    error = outcome.error
    if isinstance(error, ClockRanAway):
        at, _, why = str(error).partition(": ")
        return Broken("never_ended", f"the client had to be stopped: {why}", Path(at).name)
    if error is not None and not isinstance(error, limits.raises):
        raised = traceback.format_exception_only(error)[-1].strip()
        return Broken(f"raised_{type(error).__name__}", f"the client raised {raised:.300}", place(error))
    if outcome.elapsed - jump > limits.seconds:
        return Broken("too_long", f"the client took {outcome.elapsed - jump:g} of {limits.seconds:g} virtual seconds")
    return None


def place(error: BaseException) -> str:
    """File and line of the innermost frame of the user's own code."""
    found = ""
    for frame in traceback.extract_tb(error.__traceback__):
        own = "site-packages" not in frame.filename and "pytest_plugin" not in frame.filename
        if own and "/lib/python" not in frame.filename:
            found = f"{Path(frame.filename).name}:{frame.lineno}"
    return found
