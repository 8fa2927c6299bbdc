"""What no schedule may bring a client to: to crash, to go on for ever, to pay twice, to hurry, to take half a film."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mockserver.schedules import Schedule, that_cut
from mockserver.steering import Entry, Finding
from mockserver.virtual_time import ClockRanAway

JUMP = 3600.0  # by how much a clock jumps unless it is told otherwise
JUMPS = 5  # how often it may jump in one run before the client runs out of time
CONDUCT = frozenset({"resubmitted", "ignored_retry_after"})  # the rules of the server that are ours, too


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a run broke: its name, what happened, and where in the client, if somewhere."""

    rule: str
    sentence: str
    where: str = ""

    @property
    def kind(self) -> tuple[str, str]:
        """What makes two failures the same one."""
        return self.rule, self.where


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run: what the client raised, if anything, the sandbox's seconds it took, and what the server saw of it."""

    error: BaseException | None
    elapsed: float
    entries: Sequence[Entry]
    jobs: int
    conduct: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed: exceptions to raise, virtual seconds to take, jobs to create, requests to make."""

    raises: tuple[type[BaseException], ...]
    seconds: float
    submits: int
    requests: int = 1000


def judge(outcome: Outcome, schedule: Schedule, limits: Limits) -> Broken | None:
    """The first rule that a run broke; None when it broke none."""
    jumps = sum("clock_jump" in entry.fault for entry in outcome.entries)
    checks = (
        _paid_twice(outcome.jobs, limits),
        *(Broken(each.rule, each.sentence) for each in outcome.conduct if each.rule in CONDUCT),
        _ended(outcome, limits, jumped(schedule, jumps)),
        _took_half(outcome),
    )
    return next((each for each in checks if each is not None), None)


def jumped(schedule: Schedule, times: int) -> float:
    """The seconds by which clocks jumped, so many times; no client is to blame for those."""
    jumps = [float(event.get("seconds", JUMP)) for event in schedule if event.get("fault") == "clock_jump"]
    return times * max(jumps, default=0.0)


def _ended(outcome: Outcome, limits: Limits, jump: float) -> Broken | None:
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


def _paid_twice(jobs: int, limits: Limits) -> Broken | None:
    if jobs <= limits.submits:
        return None
    return Broken("submitted_twice", f"{jobs} jobs were created where {limits.submits} was meant")


def _took_half(outcome: Outcome) -> Broken | None:
    """Whether the client was content although the last bytes of a result it got were cut off."""
    if outcome.error is not None:
        return None
    results = [e for e in outcome.entries if e.kind == "media" or e.example == "bytes"]
    cut = that_cut(results[-1].fault.split(", ")) if results else []
    return Broken("took_half", f"the client was content with a result cut off by {', '.join(cut)}") if cut else None
