"""What a client does after it was refused, or heard nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from operator import attrgetter

from mockserver.conduct.finding import ConductFinding, faults_of, finding, groups, pauses, seconds, verb_of
from mockserver.conduct.polling import LEISURELY, advised, grows, least_pause
from mockserver.contract import Contract
from mockserver.journal import JournalEntry, header

RETRIES = 3
"""So many retries must be seen before it can be said that the pauses between them do not grow."""
HAMMERED = 3
"""So many refusals with 409 in a row: one is news, two may be a race, three are a loop."""
_ANYBODY = "\n"  # no account has such a name
SLACK = 0.001
"""Seconds within which a moment counts as reached: sums of floats are not exact."""


def failed(entry: JournalEntry) -> bool:
    """Whether the server failed or was overloaded, as far as the client could tell."""
    return entry.status >= 500 or entry.status in (0, 429)


def told_to_wait(entry: JournalEntry) -> float | None:
    """The seconds a `Retry-After` asked for; None when there is none that can be read."""
    if any(kind.hides_headers for kind in faults_of(entry)):
        return None
    text = header(entry.answered.headers, b"retry-after") if entry.answered is not None else ""
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - entry.at)
    except (ValueError, TypeError):
        return None


def _asked(entry: JournalEntry) -> str:
    """What was asked for: an operation, or a medium by its path."""
    return entry.operation or entry.path


def no_backoff_of_errors(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """The same request again and again after failures, at a steady pace."""
    if "errors" not in contract.advice.backoff:
        return
    for group in groups(entries, lambda entry: (_asked(entry), verb_of(contract, entry) == "show" and entry.job)):
        for run in _runs_of_failures(group):
            between = pauses(run)
            if len(between) >= RETRIES and not grows(between, least_pause(contract)):
                yield finding(
                    "no_backoff",
                    run,
                    f"{len(between)} retries after failures came at a steady pace,"
                    f" the last after {seconds(between[-1])}",
                    f"Double the pause after each failure, with a little chance in it{advised(contract)}.",
                    retries=len(between),
                    first=between[0],
                    last=between[-1],
                )


def _runs_of_failures(entries: Sequence[JournalEntry]) -> Iterator[list[JournalEntry]]:
    """Failures in a row, each run with the attempt that ended it; told waits are another rule's matter."""
    run: list[JournalEntry] = []
    for entry in entries:
        run.append(entry)
        if not failed(entry) or told_to_wait(entry) is not None:
            yield run
            run = []
    yield run


def ignored_retry_after(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """A request before the time that the answer to the one before had named."""
    for group in groups(entries, _asked):
        early = [pair for pair in _pairs(group) if _too_early(*pair)]
        if early:
            told, came = early[0]
            wait = told_to_wait(told) or 0.0
            yield finding(
                "ignored_retry_after",
                list({entry.n: entry for pair in early for entry in pair}.values()),
                f"Retry-After said {seconds(wait)}, the next request came after {seconds(came.at - told.at)}",
                "Wait as long as Retry-After says, then try again.",
                told=wait,
                waited=came.at - told.at,
                times=len(early),
            )


def _pairs(entries: Sequence[JournalEntry]) -> Iterator[tuple[JournalEntry, JournalEntry]]:
    """Each refusal that may tell how long to wait, with the next request of the same caller.

    One walk from the end: who refused requests came from is not said, so that theirs may be anybody's.
    """
    following: dict[str, JournalEntry] = {}
    found: list[tuple[JournalEntry, JournalEntry]] = []
    for entry in reversed(entries):
        if entry.status in (429, 503) or (failed(entry) and entry.example == "rate_limited"):
            callers = (entry.account, "") if entry.account else (_ANYBODY,)
            later = [following[caller] for caller in callers if caller in following]
            if later:
                found.append((entry, min(later, key=attrgetter("n"))))
        following[entry.account] = following[_ANYBODY] = entry
    yield from reversed(found)


def _too_early(told: JournalEntry, came: JournalEntry) -> bool:
    wait = told_to_wait(told)
    return wait is not None and came.at < told.at + wait - SLACK


def hammered_after_409(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """Conflicts in a row, without a look at what stands in the way and without a pause."""
    soon = least_pause(contract) * LEISURELY
    for group in groups(entries, lambda entry: entry.account):
        run: list[JournalEntry] = []
        for entry in (*group, None):
            fits = entry is not None and entry.status == 409 and (not run or _repeats(run[-1], entry, soon))
            if fits and entry is not None:
                run.append(entry)
                continue
            if len(run) >= HAMMERED:
                yield _hammered(run)
            run = [entry] if entry is not None and entry.status == 409 else []


def _repeats(before: JournalEntry, entry: JournalEntry, soon: float) -> bool:
    return (before.operation, before.job) == (entry.operation, entry.job) and entry.at - before.at < soon


def _hammered(run: Sequence[JournalEntry]) -> ConductFinding:
    return finding(
        "hammered_after_409",
        run,
        f"a request was refused with 409 {len(run)} times within {seconds(run[-1].at - run[0].at)}",
        "A 409 stays until something changes: look at the job that is in the way, and wait for its end.",
        refusals=len(run),
        seconds=run[-1].at - run[0].at,
    )
