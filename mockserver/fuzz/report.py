"""What a run found, shown: a table for people, JUnit XML for CI, and the command that runs one failure again."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from mockserver.fuzz.exemptions import EXEMPTIONS
from mockserver.fuzz.found import FuzzFailure, FuzzResult
from mockserver.fuzz.options import ENGINE, FuzzOptions
from mockserver.printable import printable


def table(founds: Iterable[FuzzResult], options: FuzzOptions) -> str:
    """One line an operation: how often it was answered, with which statuses, and what failed."""
    rows = [("API", "operation", "answers", "statuses", "failed")]
    for found in founds:
        wanted = options.operations or found.contract.operations
        rows += [_row(found, operation) for operation in found.contract.operations if operation in wanted]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def _row(found: FuzzResult, operation: str) -> tuple[str, str, str, str, str]:
    counts: Counter[int] = found.answered.get(operation, Counter())
    statuses = " ".join(f"{status}×{n}" for status, n in sorted(counts.items()))
    failed = ", ".join(sorted({f.check for f in found.failures.values() if f.operation == operation}))
    return found.contract.name, operation, str(sum(counts.values())), statuses, failed


def replay(found: FuzzResult, failure: FuzzFailure, options: FuzzOptions, more: Sequence[str] = ()) -> str:
    """The command that runs the part of a run again in which a failure was found; `more` are further words of it.

    What the engine learned in earlier phases it uses in later ones, so that those are run again, too.
    """
    words = ["mockserver", "fuzz", found.contract.name]
    before = ENGINE[: ENGINE.index(failure.phase)] if failure.phase in ENGINE else ()
    for phase in (*(each for each in before if each in options.phases), failure.phase):
        words += ["--phase", phase]
    words += ["--seed", str(options.seed)]
    if failure.phase != "stateful" and failure.operation in found.contract.operations:
        words += ["--operation", failure.operation]
    return shlex.join([*words, "--max-examples", str(options.max_examples), *more])


def exempted(found: FuzzResult) -> str:
    """A line for each rule by which failures did not count, with the reason."""
    reasons = {row.name: row.reason for row in EXEMPTIONS}
    api = found.contract.name
    return "\n".join(f"{api}: not counted, {n} × {name}: {reasons[name]}" for name, n in sorted(found.exempted.items()))


def junit(founds: Sequence[FuzzResult], options: FuzzOptions, more: Sequence[str] = ()) -> bytes:
    """A report in JUnit's form: a suite an API, a case an operation, and one for the run itself.

    `more` are further words of the commands that run a failure again.
    """
    root = ET.Element("testsuites", name="mockserver fuzz")
    for found in founds:
        suite = ET.SubElement(root, "testsuite", name=found.contract.name, time=f"{found.seconds:.3f}")
        for operation in found.contract.operations:
            case = ET.SubElement(suite, "testcase", classname=found.contract.name, name=operation)
            failures = [f for f in found.failures.values() if f.operation == operation]
            for failure in failures:
                again = replay(found, failure, options, more)
                _failure(case, failure.check, f"{failure.told}\n{failure.command}\n{again}")
            if not found.answered.get(operation):
                ET.SubElement(case, "skipped", message="not asked")
        run = ET.SubElement(suite, "testcase", classname=found.contract.name, name="the run")
        for complaint in found.complaints():
            _failure(run, "incomplete", complaint)
        cases = suite.findall("testcase")
        suite.set("tests", str(len(cases)))
        suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
        suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    report: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return report


def _failure(case: ET.Element, kind: str, text: str) -> None:
    text = printable(text)
    ET.SubElement(case, "failure", type=kind, message=text.partition("\n")[0][:300]).text = text
