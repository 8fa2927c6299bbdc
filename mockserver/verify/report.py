"""A report as text and as plain data."""

from __future__ import annotations

from typing import Any

from mockserver.verify.drift import Report


def report_text(report: Report) -> str:
    """Every difference, then what was not walked, then a line that sums up."""
    return "\n".join([*map(str, report.drifts.values()), summary(report)])


def summary(report: Report) -> str:
    """What was not walked, and a line that sums up."""
    lines = [f"not walked: {note}" for note in report.notes]
    examples = sum(len(o.examples) for o in report.contract.operations.values())
    seen = sum(1 for operation, name in report.answered if operation in report.contract.operations and name != "bytes")
    count = len(report.drifts)
    differ = "nothing differs" if count == 0 else f"{count} {'thing differs' if count == 1 else 'things differ'}"
    last = f"{report.contract.name}: {differ}; {report.requests} requests, {seen} of {examples} examples met"
    return "\n".join([*lines, last])


def data(report: Report) -> dict[str, Any]:
    """The same for programs."""
    return {
        "api": report.contract.name,
        "requests": report.requests,
        "notes": report.notes,
        "drift": [
            {
                "kind": d.kind, "judgement": d.judgement, "operation": d.operation, "at": d.at,
                "pointer": d.pointer, "sentence": d.sentence,
            }
            for d in report.drifts.values()
        ],
    }  # fmt: skip
