"""What a run leaves for its summary: requests that came too late, clocks that stood, which answers the tests saw.

Plain values throughout: under xdist each worker sends its own, and the controller adds them up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.errors import is_on_purpose
from mockserver.shares import ShareRow, joined_counts, summed

__tracebackhide__ = is_on_purpose

UsedAnswer = tuple[str, str, str, int]  # api, operation, example, status


class Findings:
    """Counts by (owner, request), rows of the coverage by answer; sentences by the test that waited."""

    def __init__(self) -> None:
        self.stood: dict[tuple[str, str], None] = {}
        self.late: Counter[tuple[str, str]] = Counter()
        self.answers: dict[UsedAnswer, ShareRow] = {}

    def add_late(self, owner: str, requests: Iterable[str]) -> None:
        """Requests to a sandbox after its test had ended."""
        self.late.update((owner, request) for request in requests)

    def add_stood(self, test: str, sentence: str) -> None:
        """A test that waited while its sandbox's clock stood."""
        self.stood[(test, sentence)] = None

    def add_coverage(self, told: Any) -> None:
        """How often each answer of the contracts was given, as the control API tells it; None from one that cannot."""
        for each in told or ():
            key = (each["api"], each["operation"], each["example"], each["status"])
            self.answers[key] = joined_counts(self.answers.get(key), each)

    def coverage(self) -> dict[str, dict[str, Any]]:
        """By API how much was seen of what can be met, as `mockserver report` counts it."""
        by_api: dict[str, list[ShareRow]] = {}
        for (api, *_), row in self.answers.items():
            by_api.setdefault(api, []).append(row)
        return {api: summed(rows) for api, rows in by_api.items()}

    def told(self) -> dict[str, Any]:
        """As plain lists, to be sent to another process."""
        return {
            "late": [[*key, n] for key, n in self.late.items()],
            "answers": [dict(row) for row in self.answers.values()],
            "stood": [[*key] for key in self.stood],
        }

    def add(self, told: Mapping[str, Any]) -> None:
        """What another process sent."""
        for owner, request, n in told["late"]:
            self.late[(owner, request)] += n
        self.add_coverage(told["answers"])
        for test, sentence in told["stood"]:
            self.add_stood(test, sentence)
