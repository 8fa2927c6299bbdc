"""A command under many schedules: what it does in an undisturbed run, then everything that it broke."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

from mockserver.contract import Contract
from mockserver.errors import UsageError
from mockserver.exploring.command import Command, CommandOutcome
from mockserver.exploring.rules import Broken
from mockserver.exploring.search import MinimalFailure, Search
from mockserver.exploring.verdict import RunLimits, Usual, first_broken_rule, usual
from mockserver.generator import Pick
from mockserver.schedules import Alphabet, Schedule
from mockserver.steering import shown

LINES = 12  # of the journal, and of what the command printed

OnRun = Callable[[int, Schedule], None]


class Explorer:
    """Runs a command, and judges each run by the first one, which is undisturbed.

    `watch` is told the number of each run, and its schedule. `anyway` is what the command breaks in an
    undisturbed run; `is_hopeless`: it ends with an error then. With `webhooks`, those are among the disturbances.
    """

    def __init__(
        self, command: Command, contract: Contract, limits: RunLimits, watch: OnRun = lambda n, s: None, *,
        webhooks: bool = False,
    ) -> None:  # fmt: skip
        self.command = command
        self.contract = contract
        self.is_hopeless = False
        self.was_interrupted = False
        self.anyway: list[MinimalFailure] = []
        self._limits = limits
        self._webhooks = webhooks
        self._watch = watch
        self._usual: Usual | None = None
        self._known: dict[str, tuple[Broken | None, str]] = {}
        self._kinds: set[tuple[str, str]] = set()

    def search(self, most: int, pick: Pick) -> Search:
        """What tries at most `most` schedules."""
        return Search(Alphabet(self.contract, webhooks=self._webhooks), self.run, most, pick)

    def explore(self, search: Search) -> None:
        """Search on, unless the command fails in an undisturbed run: then nothing more can be learned.

        Raises UsageError where nothing can disturb the command.
        """
        self._begin()
        if not self.is_hopeless:
            search.run()

    def replay(self, search: Search, schedule: Schedule) -> None:
        """Try one schedule; what the command breaks anyway is of no interest then."""
        self._begin()
        if schedule and not self.is_hopeless:
            self.anyway.clear()
            search.replay(schedule)

    def run(self, schedule: Schedule) -> tuple[Broken | None, str]:
        """What the command broke under a schedule, and the ends of the journal and of its output."""
        key = json.dumps([*schedule], default=dict)
        if key not in self._known:
            self._known[key] = self._confirmed(schedule)
        return self._known[key]

    def _begin(self) -> None:
        """The undisturbed run: what it breaks there says nothing of the others."""
        outcome = self._run([])
        if not outcome.entries:
            raise UsageError(_unreached(self.contract, outcome))
        self._usual = usual(outcome, self.contract)
        self._known["[]"] = None, ""
        self.is_hopeless = outcome.code != 0
        broken, evidence = self._judged([], outcome)
        while broken is not None:
            self.anyway.append(MinimalFailure(broken, [], evidence))
            self._limits = dataclasses.replace(self._limits, ignored=self._limits.ignored | {broken.rule})
            broken, evidence = self._judged([], outcome)

    def _confirmed(self, schedule: Schedule) -> tuple[Broken | None, str]:
        """A failure of a new kind counts when it happens twice: a machine that is busy may have been to blame."""
        broken, evidence = self._judged(schedule, self._run(schedule))
        if broken is not None and broken.kind not in self._kinds:
            broken, evidence = self._judged(schedule, self._run(schedule))
            self._kinds |= {broken.kind} if broken is not None else set()
        return broken, evidence

    def _run(self, schedule: Schedule) -> CommandOutcome:
        self._watch(self.command.runs + 1, schedule)
        return self.command.run(schedule)

    def _judged(self, schedule: Schedule, outcome: CommandOutcome) -> tuple[Broken | None, str]:
        assert self._usual is not None
        broken = first_broken_rule(outcome, schedule, self._limits, self.contract, self._usual)
        return broken, "" if broken is None else _evidence(outcome)


def _evidence(outcome: CommandOutcome) -> str:
    printed = [f"> {line}" for line in outcome.output.splitlines() if line.strip()]
    return "\n".join([*shown(outcome.entries).splitlines()[-LINES:], *printed[-LINES:]])


def _unreached(contract: Contract, outcome: CommandOutcome) -> str:
    asked = f"; it asked for {', '.join(outcome.refused)}" if outcome.refused else ""
    hosts = ", ".join(contract.hosts) or "none of its own (--map HOST=API gives it one)"
    return (
        f"the command made no request to {contract.name}{asked}: nothing can disturb it. Hosts of {contract.name}: "
        f"{hosts}. It ended with {outcome.code}: {outcome.output.strip()[-200:] or 'it printed nothing'}"
    )
