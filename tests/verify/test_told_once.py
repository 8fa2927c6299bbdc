"""A difference in the items of a list is told once an operation, and all that was seen of it is kept."""

from __future__ import annotations

from typing import Any

from mockserver import pointers
from mockserver.launch import contracts_in
from mockserver.verify import Report
from mockserver.verify.drift import STRICT, Drift

VIDGEN = next(each for each in contracts_in() if each.name == "vidgen")


def drift(at: str, **more: Any) -> Drift:
    return Drift(more.pop("kind", "new_enum_value"), STRICT, "listJobs", at, "/paths/x", f"{at} is new")


def test_each_item_of_a_list_tells_the_same() -> None:
    report = Report(VIDGEN)
    for index, value in enumerate(("a", "b", "a")):
        report.add(drift(f"/jobs/{index}/status"), value)
    report.add(drift("/jobs/0/kind"), pointers.MISSING)
    assert [each.at for each in report.drifts.values()] == ["/jobs/0/status", "/jobs/0/kind"]
    assert report.seen[drift("/jobs/9/status").key] == ["a", "b"]


def test_other_kinds_and_other_places_are_told_apart() -> None:
    assert drift("/jobs/0/status").key != drift("/jobs/0/status", kind="other_type").key
    assert drift("/jobs/0").key != drift("/jobs").key
