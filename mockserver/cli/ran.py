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

    for each in running.steering.control.get("sandboxes", sandbox, "journal"):
        found = entry_of(each).violation
        if found is not None:
            yield {"sandbox": sandbox, "api": found.api, "text": str(found)}


def failures(found: Ran, wanted: Collection[str]) -> list[str]:
    """Which of these there were."""
    there = {
        "violations": bool(found.violations),
        "conduct": any(found.report["conduct"].values()),
        "unmocked": bool(found.hosts["refused"]),
    }
    return [name for name in wanted if there[name]]


def exit_code(found: Ran, wanted: Collection[str], *, is_written: bool) -> int:
    """That of the command; in the place of 0 what was found, or that it could not be looked for, or written whole."""
    if found.code:
        return found.code
    if failures(found, wanted):
        return FOUND
    lacks = bool(found.untold) and (is_written or bool({"violations", "conduct"} & {*wanted}))
    return COULD_NOT_RUN_IN["exec"] if lacks else 0


def notes(found: Ran) -> Iterator[Note]:
    """The same as annotations."""
    for violation in found.violations:
        yield Note(f"{violation['api']}: a request broke the contract", violation["text"])
    for host in found.hosts["refused"]:
        yield Note("mockserver exec", f"{host} is not mocked", level="warning")
    yield from conduct_notes(found.report["conduct"], "warn")
    if found.untold:
        yield Note("mockserver exec", f"the server did not tell what it found: {found.untold}", level="warning")


def show_ran(found: Ran) -> None:
    """For people, on standard error: standard output is the command's."""
    for line in _lines(found):
        tell(line, err=True)
    if not found.untold:
        show(found.report, err=True)


def _lines(found: Ran) -> Iterator[str]:
    hosts = found.hosts
    yield f"mockserver: {one_line(' '.join(found.words))[:80]} ended with {found.code}"
    yield f"Mocked: {counted(hosts['mocked']) or 'no host of a contract was asked for'}"
    if hosts["let_through"]:
        yield f"Let through: {counted(hosts['let_through'])}"
    if hosts["refused"]:
        yield f"Refused: {counted(hosts['refused'])}; --passthrough lets a host through, --map mocks one"
    for host, why in hosts["distrusted"].items():
        yield f"{host or 'A host'}: the client broke TLS off ({why}); it trusts authorities of its own"
    if found.violations:
        yield f"{len(found.violations)} request{'s' * (len(found.violations) > 1)} broke a contract:"
        yield from (f"  {violation['text']}" for violation in found.violations[:SHOWN])
    if found.untold:
        yield f"What broke contracts and how the client behaved cannot be told: {one_line(found.untold)}"


def counted(hosts: Counter[str] | Mapping[str, int]) -> str:
    """Hosts, each with how often it was asked for."""
    return ", ".join(f"{host} ({number})" for host, number in sorted(hosts.items()))


def as_json(found: Ran) -> str:
    """As JSON."""
    shown = {
        "command": list(found.words), "exit_code": found.code, "hosts": {k: dict(v) for k, v in found.hosts.items()},
        "violations": list(found.violations), **found.report, **({"untold": found.untold} if found.untold else {}),
    }  # fmt: skip
    return printable_json(shown, indent=2) + "\n"
