"""At the end of a test: did its handlers raise, its requests keep the contract, what it armed take effect, and did the
client behave? The caller fails or warns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.errors import MockserverError, is_on_purpose
from mockserver.printable import one_line, printable
from mockserver.steering import ControlError
from mockserver.testing.handler_errors import take_errors
from mockserver.testing.options import JudgementMode, Options

if TYPE_CHECKING:
    from mockserver.steering import Finding, SandboxHandle, Unused, Violation
    from mockserver.testing.watch import Watch

__tracebackhide__ = is_on_purpose


class MockserverWarning(UserWarning):
    """What would be a failure, were its mode not `warn`."""


class Failure(AssertionError):
    """What a client did and should not have; the message names each request and rule."""

    def __str__(self) -> str:
        return printable(super().__str__())


class ContractViolated(Failure):
    """Requests that broke the contract: `violations`."""

    def __init__(self, violations: Sequence[Violation], remedy: str = "") -> None:
        self.violations = tuple(violations)
        super().__init__("\n".join([violations_text(violations), *([remedy] if remedy else [])]))


class ArmedInVain(Failure):
    """Faults, plans and the like that a test armed and that took no effect: `unused`."""

    def __init__(self, unused: Sequence[Unused], remedy: str = "") -> None:
        self.unused = tuple(unused)
        lines = (line for each in unused for line in _armed_in_vain(each))
        super().__init__("\n".join(["What the test armed took no effect:", *lines, *([remedy] if remedy else [])]))


class BadConduct(Failure):
    """Rules of good conduct that were broken: `findings`."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        lines = (one_line(f"  {finding.api} {finding.rule}: {finding.sentence}") for finding in findings)
        super().__init__("\n".join(["The client behaved badly:", *lines]))


class HandlerRaised(Failure):
    """A test's own handlers raised; the message has their tracebacks."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Something to `fail` or to `warn` for."""

    mode: JudgementMode
    failure: Failure


def judge(sandbox: SandboxHandle | None, others: Watch, options: Options, written: str) -> Iterator[Judgement]:
    """What is to be said, as options and contexts want it.

    `sandbox` is the test's own, `others` are those that it made itself; of these, conduct is not judged. `written` is
    what the options were given to, for the remedy.
    """
    watched = list(others)
    if errors := take_errors([*([] if sandbox is None else [sandbox]), *(each.sandbox for each in watched)]):
        yield Judgement("fail", HandlerRaised(errors))
    mode = options.contract_violations or "fail"
    try:
        own = [sandbox.violations.by_mode(mode)] if sandbox is not None else []
    except ControlError as error:
        if error.status not in (404, 410):
            raise
        own, sandbox = [], None  # another hand closed it: there is nothing left to tell
    found = [*own, *(each.by_mode(mode) for each in watched)]
    warned, failed = ([each for many in found for each in many[which]] for which in ("warn", "fail"))
    if warned:
        yield Judgement("warn", ContractViolated(warned))
    if failed:
        remedy = (
            f'Meant to be so? `with api.violations.off():` around the call, or {written}(contract_violations="off").'
        )
        yield Judgement("fail", ContractViolated(failed, remedy))
    remedy = f'Meant to be so? Disarm it, or {written}(unused="off").'
    yield from _unused(sandbox, others, options.unused or "fail", remedy)
    if sandbox is not None:
        yield from _conduct(sandbox, options.conduct or "off")


def violations_text(violations: Sequence[Violation]) -> str:
    """Violations as a message: operation, pointer and sentence of each."""
    many = "A request broke" if len(violations) == 1 else f"{len(violations)} requests broke"
    return "\n".join([f"{many} the contract:", *(f"  {violation}" for violation in violations)])


def _unused(sandbox: SandboxHandle | None, others: Watch, mode: JudgementMode, remedy: str) -> Iterator[Judgement]:
    found = unused_in(sandbox, others) if mode != "off" else ()
    if found:
        yield Judgement(mode, ArmedInVain(found, remedy))


def unused_in(sandbox: SandboxHandle | None, others: Watch) -> list[Unused]:
    """What the running test armed and took no effect, where that can be had."""
    found: list[Unused] = []
    if sandbox is not None:
        try:
            found += sandbox.armed.unused()
        except MockserverError:  # a server that is gone tells nothing
            return []
    return [*found, *others.unused()]


def _armed_in_vain(unused: Unused) -> Iterator[str]:
    """The line that armed it, why it took no effect, and the request that came nearest."""
    from mockserver.steering import shown

    place = unused.thing.place
    text = f": {place.text}" if place.text else ""
    yield one_line(f"  {place}{text}")
    yield one_line(f"    {unused.thing.title}: {unused.why}")
    if unused.nearest is not None:
        yield f"    {shown([unused.nearest]).strip()}"


def _conduct(sandbox: SandboxHandle, mode: JudgementMode) -> Iterator[Judgement]:
    findings = sandbox.conduct if mode != "off" else ()
    if findings:
        yield Judgement(mode, BadConduct(findings))
