"""What came of a command that ran against the mock: gathered, told to people, written for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.cli.annotations import Note
from mockserver.cli.report import conduct_notes, gather, show
from mockserver.cli.terminal import tell
from mockserver.printable import one_line, printable_json

if TYPE_CHECKING:
    from mockserver.launch import Running
    from mockserver.proxy import Traffic

FAILURES = ("violations", "conduct", "unmocked")
SHOWN = 10
"""So many violations are told; the file of `--report` has all."""


class Ran(NamedTuple):
    """A command, its exit code, the hosts that it asked for, and what the server found."""

    words: Sequence[str]
    code: int
    hosts: Mapping[str, Mapping[str, Any]]
    violations: Sequence[Mapping[str, Any]]
    report: Mapping[str, Any]


def ran(words: Sequence[str], code: int, running: Running, traffic: Traffic) -> Ran:
    """Gather it from the server, while that runs."""
    report = gather(running.url, None, None)
    hosts: dict[str, Mapping[str, Any]] = {
        "mocked": traffic.met, "let_through": traffic.passed, "refused": traffic.refused,
        "distrusted": traffic.distrusted,
    }  # fmt: skip
    violations = [each for name in report["conduct"] for each in _violations(running, name)]
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


def notes(found: Ran) -> Iterator[Note]:
    """The same as annotations."""
    for each in found.violations:
        yield Note(f"{each['api']}: a request broke the contract", each["text"])
    for host in found.hosts["refused"]:
        yield Note("mockserver exec", f"{host} is not mocked", level="warning")
    yield from conduct_notes(found.report["conduct"], "warn")


def show_ran(found: Ran) -> None:
    """For people, on standard error: standard output is the command's."""
    for line in _lines(found):
        tell(line, err=True)
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
        yield from (f"  {each['text']}" for each in found.violations[:SHOWN])


def counted(hosts: Counter[str] | Mapping[str, int]) -> str:
    """Hosts, each with how often it was asked for."""
    return ", ".join(f"{host} ({number})" for host, number in sorted(hosts.items()))


def as_json(found: Ran) -> str:
    """As JSON."""
    shown = {
        "command": list(found.words), "exit_code": found.code, "hosts": {k: dict(v) for k, v in found.hosts.items()},
        "violations": list(found.violations), **found.report,
    }  # fmt: skip
    return printable_json(shown, indent=2) + "\n"
