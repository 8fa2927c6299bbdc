"""What no schedule may bring a client to: to crash, to go on for ever, to pay twice, to hurry, to take half a film."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.schedules import Schedule
from mockserver.steering import ApiHandle, Entry
from pytest_plugin.virtual_time import ClockRanAway

CUT = frozenset({"short_media", "close_mid_body", "reset_mid_body", "half_gzip", "wrong_length", "bad_chunk"})
JUMP = 3600.0  # by how much a clock jumps unless it is told otherwise
JUMPS = 5  # how often it may jump in one run before the client runs out of time
_HURRIED = 0.5  # seconds a client may be early: its clock is not the server's


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
    """One run: what the client raised, if anything, and the sandbox's seconds it took."""

    error: BaseException | None
    elapsed: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed: exceptions to raise, virtual seconds to take, jobs to create."""

    raises: tuple[type[BaseException], ...]
    seconds: float
    submits: int


def judge(
    outcome: Outcome, api: ApiHandle, creates: frozenset[str], schedule: Schedule, limits: Limits
) -> Broken | None:
    """The first rule that a run broke; None when it broke none."""
    entries = list(api.journal)
    checks = (
        _paid_twice(entries, api, creates, limits),
        _hurried(entries, schedule),
        *(Broken(f.rule, f.sentence) for f in api.conduct if f.rule in ("resubmitted", "ignored_retry_after")),
        _ended(outcome, limits, jumped(schedule, sum("clock_jump" in entry.fault for entry in entries))),
        _took_half(outcome, entries),
    )
    return next((each for each in checks if each is not None), None)


def jumped(schedule: Schedule, times: int) -> float:
    """The seconds by which clocks jumped, so many times; no client is to blame for those."""
    jumps = [float(event.get("seconds", JUMP)) for event in schedule if event.get("fault") == "clock_jump"]
    return times * max(jumps, default=0.0)


def _ended(outcome: Outcome, limits: Limits, jump: float) -> Broken | None:
    error = outcome.error
    if isinstance(error, ClockRanAway):
        return Broken("never_ended", f"the client still waited after {limits.seconds:g} virtual seconds: {error}")
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


def _paid_twice(entries: Sequence[Entry], api: ApiHandle, creates: frozenset[str], limits: Limits) -> Broken | None:
    jobs = len(api.jobs)
    if jobs > limits.submits:
        return Broken("submitted_twice", f"{jobs} jobs were created where {limits.submits} was meant")
    lost = False
    for entry in (e for e in entries if e.operation in creates):
        if lost:
            return Broken("submitted_twice", f"{entry.operation} was asked again after it was done and its answer lost")
        lost = "answer_lost" in entry.fault
    return None


def _hurried(entries: Sequence[Entry], schedule: Schedule) -> Broken | None:
    """Whether a request came before the time had passed that a Retry-After to its operation asked for.

    Where several faults give statuses to one operation, the journal does not say which of them it was.
    """
    given = Counter(e["operation"] for e in schedule if e.get("fault") == "status" and "operation" in e)
    told = [e for e in schedule if e.get("retry_after") in ("seconds", "date") and given[e.get("operation", "")] == 1]
    waits: Mapping[Any, Any] = {e["operation"]: e.get("wait", 1) for e in told}
    for before, after in _pairs(entries):
        wait = waits.get(before.operation, 0)
        if "status" in before.fault.split(", ") and after.at - before.at < wait - _HURRIED:
            sentence = f"{before.operation} said to wait {wait} s and was asked again after {after.at - before.at:g} s"
            return Broken("ignored_retry_after", sentence)
    return None


def _pairs(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Each request with the next one of its operation."""
    last: dict[str, Entry] = {}
    for entry in (e for e in entries if e.kind == "request" and e.operation):
        if entry.operation in last:
            yield last[entry.operation], entry
        last[entry.operation] = entry


def _took_half(outcome: Outcome, entries: Sequence[Entry]) -> Broken | None:
    """Whether the client was content although the last bytes of a result it got were cut off."""
    if outcome.error is not None:
        return None
    results = [e for e in entries if e.kind == "media" or e.example == "bytes"]
    cut = set(results[-1].fault.split(", ")) & CUT if results else set()
    return Broken("took_half", f"the client was content with a result cut off by {', '.join(cut)}") if cut else None
