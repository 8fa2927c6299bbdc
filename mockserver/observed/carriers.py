"""Which requests carry a value, gathered once: how much it flows is asked of every value that an answer hands out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import answer_leaves, is_id_name, looks_like_id, named_by_request


class Carriers:
    """By value: the numbers of the calls whose requests name it, and how clearly all up to each do together."""

    def __init__(self, calls: Iterable[ObservedCall]) -> None:
        self._numbers: dict[str, list[int]] = {}
        self._sums: dict[str, list[int]] = {}
        self._handed: dict[str, int] = {}
        for call in calls:  # by number
            for at, handed in answer_leaves(call):
                if type(handed) in (str, int) and (is_id_name(at) or looks_like_id(str(handed))):
                    self._handed.setdefault(str(handed), call.number)
            for value, weight in named_by_request(call).items():
                sums = self._sums.setdefault(value, [0])
                sums.append(sums[-1] + weight)
                self._numbers.setdefault(value, []).append(call.number)

    def first(self, value: str) -> float:
        """The number of the first call that names a value; infinity where none does."""
        numbers = self._numbers.get(value)
        return numbers[0] if numbers else float("inf")

    def repeats(self, call: ObservedCall) -> bool:
        """Whether a request names an id that an earlier answer had."""
        return any(self._handed.get(value, call.number) < call.number for value in named_by_request(call))

    def weight(self, value: str, after: int) -> int:
        """How clearly the calls behind one name a value, together."""
        if value not in self._sums:
            return 0
        sums = self._sums[value]
        return sums[-1] - sums[bisect_right(self._numbers[value], after)]
