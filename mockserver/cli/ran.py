"""What came of a command that ran against the mock: gathered, told to people, written for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from mockserver.cli import COULD_NOT_RUN_IN, FOUND
from mockserver.cli.annotations import Note
from mockserver.cli.report import conduct_notes, gather, show
from mockserver.cli.terminal import tell
from mockserver.errors import MockserverError
from mockserver.printable import one_line, printable_json

if TYPE_CHECKING:
    from mockserver.launch import Running
    from mockserver.proxy import Traffic

FAILURES = ("violations", "conduct", "unmocked")
PATIENCE = 300.0
"""Seconds that the server has to tell: the machine may be busy with what the command left to it."""
SHOWN = 10
"""So many violations are told; the file of `--report` has all."""


class Ran(NamedTuple):
    """A command, its exit code, the hosts that it asked for, and what the server found.

    `untold` says why the server's part is not there, or not all of it.
    """

    words: Sequence[str]
    code: int
    hosts: Mapping[str, Mapping[str, Any]]
    violations: Sequence[Mapping[str, Any]]
    report: Mapping[str, Any]
    untold: str = ""


def ran(words: Sequence[str], code: int, running: Running, traffic: Traffic) -> Ran:
    """Gather it from the server, while that runs; what that does not tell takes nothing from the rest."""
    hosts: dict[str, Mapping[str, Any]] = {
        "mocked": traffic.met, "let_through": traffic.passed, "refused": traffic.refused,
        "distrusted": traffic.distrusted,
    }  # fmt: skip
    report: Mapping[str, Any] = {"conduct": {}, "coverage": {}}
    violations: list[Mapping[str, Any]] = []
    try:
        report = gather(running.url, None, None, timeout=PATIENCE)
        violations += (violation for name in report["conduct"] for violation in _violations(running, name))
    except click.ClickException as error:
        return Ran(words, code, hosts, violations, report, error.message)
    except (MockserverError, OSError) as error:
        return Ran(words, code, hosts, violations, report, str(error))
    return Ran(words, code, hosts, violations, report)


def _violations(running: Running, sandbox: str) -> Iterator[Mapping[str, Any]]:
    from mockserver.steering.records import entry_of

    for record in running.steering.control.get("sandboxes", sandbox, "journal"):
        violation = entry_of(record).violation
        if violation is not None:
            yield {"sandbox": sandbox, "api": violation.api, "text": str(violation)}


def failures(run: Ran, kinds: Collection[str]) -> list[str]:
    """Which of these there were."""
    has = {
        "violations": bool(run.violations),
        "conduct": any(run.report["conduct"].values()),
        "unmocked": bool(run.hosts["refused"]),
    }
    return [name for name in kinds if has[name]]


def exit_code(run: Ran, kinds: Collection[str], *, is_written: bool) -> int:
    """That of the command; in the place of 0 what was found, or that it could not be looked for, or written whole."""
    if run.code:
        return run.code
    if failures(run, kinds):
        return FOUND
    lacks = bool(run.untold) and (is_written or bool({"violations", "conduct"} & {*kinds}))
    return COULD_NOT_RUN_IN["exec"] if lacks else 0


def notes(run: Ran) -> Iterator[Note]:
    """The same as annotations."""
    for violation in run.violations:
        yield Note(f"{violation['api']}: a request broke the contract", violation["text"])
    for host in run.hosts["refused"]:
        yield Note("mockserver exec", f"{host} is not mocked", level="warning")
    yield from conduct_notes(run.report["conduct"], "warn")
    if run.untold:
        yield Note("mockserver exec", f"the server did not tell what it found: {run.untold}", level="warning")


def show_ran(run: Ran) -> None:
    """For people, on standard error: standard output is the command's."""
    for line in _lines(run):
        tell(line, err=True)
    if not run.untold:
        show(run.report, err=True)


def _lines(run: Ran) -> Iterator[str]:
    hosts = run.hosts
    yield f"mockserver: {one_line(' '.join(run.words))[:80]} ended with {run.code}"
    yield f"Mocked: {counted(hosts['mocked']) or 'no host of a contract was asked for'}"
    if hosts["let_through"]:
        yield f"Let through: {counted(hosts['let_through'])}"
    if hosts["refused"]:
        yield f"Refused: {counted(hosts['refused'])}; --passthrough lets a host through, --map mocks one"
    for host, why in hosts["distrusted"].items():
        yield f"{host or 'A host'}: the client broke TLS off ({why}); it trusts authorities of its own"
    if run.violations:
        yield f"{len(run.violations)} request{'s' * (len(run.violations) > 1)} broke a contract:"
        yield from (f"  {violation['text']}" for violation in run.violations[:SHOWN])
    if run.untold:
        yield f"What broke contracts and how the client behaved cannot be told: {one_line(run.untold)}"


def counted(hosts: Counter[str] | Mapping[str, int]) -> str:
    """Hosts, each with how often it was asked for."""
    return ", ".join(f"{host} ({number})" for host, number in sorted(hosts.items()))


def as_json(run: Ran) -> str:
    """As JSON."""
    document = {
        "command": list(run.words), "exit_code": run.code, "hosts": {k: dict(v) for k, v in run.hosts.items()},
        "violations": list(run.violations), **run.report, **({"untold": run.untold} if run.untold else {}),
    }  # fmt: skip
    return printable_json(document, indent=2) + "\n"
