"""What came of exploring a client: told to people, written for programs, as annotations."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.cli.annotations import Note
from mockserver.cli.terminal import tell
from mockserver.printable import one_line, printable_json

if TYPE_CHECKING:
    from mockserver.exploring import MinimalFailure
    from mockserver.schedules import Schedule


class Explored(NamedTuple):
    """An API, how often a client of it ran, what was found, and a replay's words before and behind its schedule."""

    api: str
    runs: int
    found: Sequence[MinimalFailure]
    again: tuple[Sequence[str], Sequence[str]]
    is_hopeless: bool
    was_interrupted: bool

    def replay(self, schedule: Schedule) -> str:
        """The line that runs the client under a schedule."""
        before, behind = self.again
        return shlex.join([*before, "--replay", shown_schedule(schedule), *behind])


def shown_schedule(schedule: Schedule) -> str:
    """As `--replay` reads it; the events are all of one API."""
    return json.dumps([{name: value for name, value in event.items() if name != "api"} for event in schedule])


def notes(explored: Explored) -> Iterator[Note]:
    """What was found, as annotations."""
    for broken, schedule, _ in explored.found:
        yield Note(f"{explored.api}: {broken.rule}", f"{broken.sentence}\nreplay: {explored.replay(schedule)}")


def tell_explored(explored: Explored, form: str) -> None:
    """All of it, on standard output."""
    if form == "json":
        tell(printable_json(_written(explored), indent=2))
        return
    for broken, schedule, evidence in explored.found:
        tell(f"{broken.rule}: {one_line(broken.sentence)}")
        for line in evidence.splitlines():
            tell(f"    {line}")
        tell(f"replay: {explored.replay(schedule)}\n")
    tell(_summed(explored))


def _summed(explored: Explored) -> str:
    runs = f"{explored.runs} run{'s' * (explored.runs != 1)} of a client of {explored.api}"
    if explored.is_hopeless:
        return f"{runs}: it fails in an undisturbed run; put that right first"
    if not explored.found:
        return f"{runs}: no failure"
    return f"{runs}: {len(explored.found)} kind{'s' * (len(explored.found) != 1)} of failure"


def _written(explored: Explored) -> dict[str, Any]:
    findings = [
        {
            "rule": broken.rule, "sentence": broken.sentence, "where": broken.where,
            "schedule": [*map(dict, schedule)], "replay": explored.replay(schedule), "evidence": evidence.splitlines(),
        }
        for broken, schedule, evidence in explored.found
    ]  # fmt: skip
    return {"api": explored.api, "runs": explored.runs, "interrupted": explored.was_interrupted, "found": findings}
