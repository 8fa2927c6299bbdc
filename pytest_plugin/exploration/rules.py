"""What no schedule may bring a client to: to crash, to go on for ever, to pay twice, to hurry, to take half a film."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.schedules import Schedule
from mockserver.steering import ApiHandle, Entry
from pytest_plugin.virtual_time import ClockRanAway

CUT = frozenset({"short_media", "close_mid_body", "reset_mid_body", "half_gzip", "wrong_length", "bad_chunk"})
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
        _ended(outcome, limits),
        _took_half(outcome, entries),
    )
    return next((each for each in checks if each is not None), None)


def _ended(outcome: Outcome, limits: Limits) -> Broken | None:
    error = outcome.error
    if isinstance(error, ClockRanAway):
        return Broken("never_ended", f"the client still waited after {limits.seconds:g} virtual seconds: {error}")
    if error is not None and not isinstance(error, limits.raises):
        raised = traceback.format_exception_only(error)[-1].strip()
        return Broken(f"raised_{type(error).__name__}", f"the client raised {raised:.300}", place(error))
    if outcome.elapsed > limits.seconds:
        return Broken("too_long", f"the client took {outcome.elapsed:g} of {limits.seconds:g} virtual seconds")
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
    """Whether a request came before a Retry-After in seconds, or as a date, that was sent to its operation had passed."""
    waits: Mapping[Any, Any] = {
        e["operation"]: e.get("wait", 1)
        for e in schedule
        if e.get("retry_after") in ("seconds", "date") and "operation" in e
    }
    for before, after in _pairs(entries):
        wait = waits.get(before.operation, 0)
        if "status" in before.fault.split(", ") and after.at - before.at < wait - _HURRIED:
            told = f"{before.operation} said to wait {wait} s and was asked again after {after.at - before.at:g} s"
            return Broken("ignored_retry_after", told)
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
