"""What is told about a run: the journal of a failing test, late requests, coverage of the contracts."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.printable import one_line, printable
from mockserver.steering import SandboxHandle
from mockserver.testing.findings import Findings
from mockserver.testing.handler_errors import take_errors
from mockserver.testing.report import coverage_lines, report_text
from mockserver.testing.standstill import standstill_of
from mockserver.testing.watch import Watch
from pytest_plugin.judgement import armed_in_vain

HANDLERS = "stderr mockserver handlers"
HINTS = "stdout mockserver hints"
KEY = "stdout mockserver journal"  # JUnit takes sections that begin so as output


def attach(item: pytest.Item, when: str, sandbox: SandboxHandle | None, watch: Watch) -> None:
    """Give a failing test's reports its sandboxes' journals, their clocks, and what replays them."""
    varied = item.config.getoption("mockserver_seed")
    option = f" --mockserver-seed={varied}" if varied else ""
    parts = []
    if sandbox is not None:
        parts.append(report_text(sandbox, more=f"; to replay: pytest{option} '{item.nodeid}'"))
    parts += [report_text(each.sandbox, each.clock, each.entries, more=", made by the test") for each in watch]
    item.add_report_section(when, KEY, printable("\n".join(parts)))
    if errors := take_errors([*([] if sandbox is None else [sandbox]), *(each.sandbox for each in watch)]):
        item.add_report_section(when, HANDLERS, printable(errors))
    hints = "\n".join(_hints(item, sandbox, watch))
    if hints:
        item.add_report_section(when, HINTS, printable(hints))


def _hints(item: pytest.Item, sandbox: SandboxHandle | None, watch: Watch) -> Iterator[str]:
    """What may explain a failure: a clock that stood, and what took no effect."""
    own = [] if sandbox is None else [standstill_of(sandbox)]
    yield from (str(each) for each in (*own, *(each.standstill() for each in watch)) if each is not None)
    if vain := armed_in_vain(item, sandbox, watch):
        yield vain


def write_junit(config: pytest.Config, report: pytest.TestReport) -> None:
    """Put the journal into system-out also where `junit_logging` says that no output shall be kept."""
    texts = [text for title, text in report.sections if title.startswith((f"Captured {KEY}", f"Captured {HINTS}"))]
    for plugin in config.pluginmanager.get_plugins():
        if texts and type(plugin).__name__ == "LogXML" and getattr(plugin, "logging", "") == "no":
            output = ElementTree.Element("system-out")
            output.text = printable("\n".join(texts))
            plugin.node_reporter(report).append(output)


def summarize(terminal: Any, findings: Findings) -> None:
    """The end of the terminal's report."""
    if findings.late:
        terminal.section("mockserver: requests after their test had ended", sep="-", yellow=True)
        for line in late_lines(findings):
            terminal.line(one_line(line))
    if findings.stood:
        terminal.section("mockserver: tests that waited while a clock stood", sep="-", yellow=True)
        for test, sentence in findings.stood:
            terminal.line(one_line(f"{test}: {sentence}"))
    if findings.answers:
        terminal.section("mockserver: contract coverage", sep="-")
        for line in coverage_lines(findings):
            terminal.line(one_line(line))


def late_lines(findings: Findings) -> Iterator[str]:
    """Who still asked after the end of a test, and what; they were answered 410."""
    for (owner, request), n in sorted(findings.late.items()):
        times = f" ({n} times)" if n > 1 else ""
        yield f"{owner or 'a sandbox without owner'}: {request}{times} was answered 410: something it began still runs"
