"""What a run of a command broke, by its exit code and by what the server saw of it. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mockserver.conduct import RULES
from mockserver.contract import Contract
from mockserver.errors import UsageError
from mockserver.exploring.command import CommandOutcome
from mockserver.exploring.rules import Broken, misconduct, paid_twice, took_half
from mockserver.faults import CATALOGUE, WebhookFault
from mockserver.printable import one_line
from mockserver.schedules import Event, Schedule
from mockserver.steering.records import Entry, Finding
from mockserver.suggestions import hint

UNFAIR = ("no_backoff", "never_gave_up")
"""Rules that ask how pauses compare, which a machine's own slowness blurs where time goes faster."""
CONDUCT = tuple(rule for rule in RULES if rule not in UNFAIR)
OTHERS = (
    "submitted_twice", "never_ended", "killed", "fails_anyway", "gave_up", "crashed", "took_half", "content_too_soon",
    "believed_forgery",
)  # fmt: skip
SIGNALLED = 128
REPEATABLE = frozenset({"show", "content", "list", "token"})
"""Verbs of operations that may be asked again without a second thought."""
PASSING = frozenset({429, 500, 502, 503, 504})
SAW_END = "seen a job end well"
LONG_WAIT = 60  # seconds that a client need not have the patience for
_ERROR = re.compile(r"\b\w*(?:Error|Exception|panic|fatal)\b.*", re.IGNORECASE)
_CHANGING = re.compile(r"[0-9a-fA-F-]{8,}|\d+")


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What is allowed: jobs to create (None: as many as in an undisturbed run), exit codes by which it says
    that it failed, and what is left out of account.
    """

    submits: int | None = None
    fails_with: frozenset[int] = frozenset()
    ignored: frozenset[str] = frozenset()


def limits(submits: int | None, fails_with: Iterable[int], ignored: Iterable[str]) -> RunLimits:
    """Raises UsageError for a rule that is none."""
    rules = frozenset(ignored)
    for name in sorted(rules - {*CONDUCT, *OTHERS}):
        raise UsageError(f"there is no rule {name!r}; {hint(name, [*CONDUCT, *OTHERS])}")
    return RunLimits(submits, frozenset(fails_with), rules)


@dataclass(frozen=True, slots=True)
class Usual:
    """What the command does in an undisturbed run."""

    jobs: int
    reached: frozenset[str]


def usual(outcome: CommandOutcome, contract: Contract) -> Usual:
    """As an undisturbed run shows it."""
    return Usual(outcome.jobs, frozenset(reached(contract, outcome.entries)))


def first_broken_rule(
    outcome: CommandOutcome, schedule: Schedule, limits: RunLimits, contract: Contract, known: Usual
) -> Broken | None:
    """The first rule that a run broke; None when it broke none."""
    submits = max(1, known.jobs) if limits.submits is None else limits.submits
    checks = (
        paid_twice(outcome.jobs, submits),
        *misconduct(_fair(outcome), CONDUCT),
        *_believed(outcome.entries),
        *(_ended(outcome, schedule, limits, contract) if outcome.code else _content(outcome, contract, known)),
    )
    return next((check for check in checks if check is not None and check.rule not in limits.ignored), None)


def _believed(entries: Iterable[Entry]) -> Iterator[Broken]:
    """Webhooks that nobody can have signed so, and that the client thanked for."""
    for entry in entries:
        forged = [name for name in entry.fault.split(", ") if _is_about_signatures(name)]
        if entry.kind == "webhook" and forged and 200 <= entry.status < 300:
            yield Broken("believed_forgery", f"the client answered {entry.status} to a webhook under {forged[0]}")


def _is_about_signatures(name: str) -> bool:
    kind = CATALOGUE.get(name)
    return kind is not None and issubclass(kind, WebhookFault) and kind.signed


def _fair(outcome: CommandOutcome) -> Iterator[Finding]:
    """Findings, without looks at a job that has ended that were disturbed: there may have been no result yet."""
    struck = {entry.n for entry in outcome.entries if entry.fault}
    for each in outcome.conduct:
        if each.rule != "polled_after_end" or struck.isdisjoint(each.raw.get("entries", ())):
            yield each


def _ended(outcome: CommandOutcome, schedule: Schedule, limits: RunLimits, contract: Contract) -> Iterator[Broken]:
    code = outcome.code
    if outcome.stopped_after is not None:
        yield _never_ended(outcome)
    elif code > SIGNALLED:
        yield Broken("killed", f"the command was ended by signal {code - SIGNALLED}")
    elif not schedule:
        yield Broken("fails_anyway", f"the command ends with {code} in an undisturbed run")
    elif code not in limits.fails_with:
        why = complaint(outcome.output)
        said = f"the command ended with {code}{f': {why}' if why else ''}"
        if limits.fails_with:
            yield Broken("crashed", said, _CHANGING.sub("#", why))
        elif survivable(schedule, contract):
            yield Broken("gave_up", f"{said}; to ask again would have helped", _CHANGING.sub("#", why))


def _never_ended(outcome: CommandOutcome) -> Broken:
    last = next((entry.operation for entry in reversed(outcome.entries) if entry.operation), "")
    said = "the command had to be stopped at its time limit"
    said += f"; the last it asked for was {last}" if last else ""
    if not outcome.is_timed:
        said += f"; its own time goes no faster, and it had {outcome.stopped_after:g} s: a longer --time-limit may do"
    return Broken("never_ended", said, last)


def _content(outcome: CommandOutcome, contract: Contract, known: Usual) -> Iterator[Broken]:
    half = took_half(outcome.entries)
    if half is not None:
        yield half
    missing = known.reached - frozenset(reached(contract, outcome.entries))
    if missing:
        yield Broken("content_too_soon", f"the command ended with 0 and had not {' nor '.join(sorted(missing))}")


def complaint(output: str) -> str:
    """The last line of a program's output that looks like an error, else the last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [found[0] for line in lines if (found := _ERROR.search(line))]
    return one_line((errors or lines or [""])[-1])[:120]


def reached(contract: Contract, entries: Sequence[Entry]) -> Iterator[str]:
    """How far a client came, as far as the server told it; whoever got a result has learned of the end."""
    for entry in entries:
        if not 200 <= entry.status < 300 or _was_lost(entry):
            continue
        if entry.kind == "media" or entry.example == "bytes":
            yield from (SAW_END, "got a result")
        elif _shows_success(contract, entry):
            yield SAW_END


def _was_lost(entry: Entry) -> bool:
    """Whether no client can have read an answer; one whose body is spoiled some can."""
    faults = [CATALOGUE[name] for name in entry.fault.split(", ") if name in CATALOGUE]
    return any(kind.loses_answer and kind.category != "answer" for kind in faults)


def _shows_success(contract: Contract, entry: Entry) -> bool:
    operation = contract.operations.get(entry.operation)
    if operation is None or operation.verb != "show":
        return False
    state = entry.example.rsplit(".", 1)[-1]
    found = [contract.resources[name].states.get(state) for name in operation.resources]
    return any(each is not None and each.end == "success" for each in found)


def survivable(schedule: Schedule, contract: Contract) -> bool:
    """Whether a client that asks again comes to its end all the same, whatever it does otherwise."""
    return all(_passes(event, contract) for event in schedule)


def _passes(event: Event, contract: Contract) -> bool:
    if "plan" in event:
        plan: Mapping[str, object] = event["plan"]
        return not any(value for name, value in plan.items() if name != "resource")
    operation = contract.operations.get(str(event.get("operation", "")))
    if operation is None or operation.verb not in REPEATABLE or not event.keys() & {"times", "nth", "first"}:
        return False
    if event["fault"] == "status":
        return event.get("status", 503) in PASSING and event.get("wait", 0) <= LONG_WAIT
    return CATALOGUE[event["fault"]].category == "wire"
