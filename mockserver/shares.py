"""How much of what clients can meet they have met: one count for `mockserver report` and for pytest's summary.

Pure: rows of a coverage as the control API tells them, numbers out. Knows no contract.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

ShareRow = Mapping[str, Any]
"""An answer of a contract with how often it was given, and what it `needs`."""
APART = ("account", "wrong_request", "fault", "quirk", "stray_request", "variant", "operation")
"""What it takes to meet an answer that does not count by itself."""


def summed(rows_given: Sequence[ShareRow], also: Collection[str] = ()) -> dict[str, Any]:
    """How much of one API was seen of what counts, in percent to a tenth, what was not, and what is told apart."""
    counted = _units(each for each in rows_given if each["needs"] == "nothing" or each["needs"] in also)
    unseen = [rows[0] for rows in counted if not any(row["answers"] for row in rows)]
    seen, total = len(counted) - len(unseen), len(counted)
    percent = round(100 * seen / total, 1) if total else 100.0
    operations = {each["operation"]: False for each in rows_given if each["operation"]}
    operations |= {each["operation"]: True for each in rows_given if each["operation"] and each["answers"]}
    apart = {need: _units(each for each in rows_given if each["needs"] == need) for need in APART if need not in also}
    return {
        "percent": percent,
        "seen": seen,
        "total": total,
        "called": any(each["answers"] for each in rows_given),
        "operations": {"seen": sum(operations.values()), "total": len(operations)},
        "apart": {need: _share(units) for need, units in apart.items() if units},
        "unseen": unseen,
    }


def _units(rows: Iterable[ShareRow]) -> list[list[ShareRow]]:
    """What counts as one: a state of an operation, and a refusal whichever operation gives it."""
    by_key: dict[Any, list[ShareRow]] = {}
    for row in rows:
        key = row["example"] if row["kind"] == "refusal" else (row["operation"], row["example"])
        by_key.setdefault(key, []).append(row)
    return list(by_key.values())


def _share(units: Sequence[Sequence[ShareRow]]) -> dict[str, int]:
    return {"seen": sum(any(row["answers"] for row in rows) for rows in units), "total": len(units)}


def line_of(name: str, api: Mapping[str, Any]) -> str:
    """What was `summed` of one API, in a line."""
    operations = api["operations"]
    text = f"{name}: {api['percent']:g} % seen of what its calls can meet ({api['seen']} of {api['total']})"
    return f"{text}; {operations['seen']} of {operations['total']} operations called"


def joined_counts(one: ShareRow | None, other: ShareRow) -> ShareRow:
    """An answer as two servers, or two sandboxes of one, have counted it: what was called in either was called."""
    if one is None:
        return other
    needs = one["needs"] if one["needs"] != "operation" else other["needs"]
    return {**one, "needs": needs, "answers": one["answers"] + other["answers"]}
