"""What no schedule may bring a client to, whatever runs it: to pay twice, to hurry, to take half a film.

Reads what a sandbox tells of a run; knows neither functions nor commands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mockserver.schedules import Schedule, that_cut
from mockserver.steering.records import Entry, Finding

JUMP = 3600.0  # by how much a clock jumps unless it is told otherwise
JUMPS = 5  # how often it may jump in one run before the client runs out of time
CONDUCT = frozenset({"resubmitted", "ignored_retry_after"})
"""The rules of the server that are broken under a schedule alone, and cost money or patience."""


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


def paid_twice(jobs: int, submits: int) -> Broken | None:
    """Whether more jobs were created than were meant."""
    if jobs <= submits:
        return None
    return Broken("submitted_twice", f"{jobs} jobs were created where {submits} was meant")


def misconduct(findings: Iterable[Finding], rules: Collection[str]) -> Iterator[Broken]:
    """The findings of the server that are among these rules."""
    yield from (Broken(finding.rule, finding.sentence) for finding in findings if finding.rule in rules)


def took_half(entries: Sequence[Entry]) -> Broken | None:
    """Whether a client that was content got a last result that was cut off."""
    results = [e for e in entries if e.kind == "media" or e.example == "bytes"]
    cut = that_cut(results[-1].fault.split(", ")) if results else []
    return Broken("took_half", f"the client was content with a result cut off by {', '.join(cut)}") if cut else None


def jumped(schedule: Schedule, times: int) -> float:
    """The seconds by which clocks jumped, so many times; no client is to blame for those."""
    jumps = [float(event.get("seconds", JUMP)) for event in schedule if event.get("fault") == "clock_jump"]
    return times * max(jumps, default=0.0)
