"""What requests that were taken said, gathered once: refused ones are held against it.

Knows no operation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import sent
from mockserver.pointers import MISSING


class RequestParts:
    """`always` are the fields and files that each request had; `kinds` the types of each field."""

    def __init__(self, calls: Iterable[ObservedCall]) -> None:
        self._values: dict[str, set[Any]] = {}
        self._filled: Counter[str] = Counter()
        self._bodies = 0
        self.kinds: dict[str, set[type]] = {}
        named: Counter[str] = Counter()
        files: Counter[str] = Counter()
        count = 0
        for call in calls:
            count += 1
            files.update([*call.files])
            for at, value in (*sent(call), *((f"query.{name}", text) for name, text in call.query.items())):
                self._values.setdefault(at, set()).add(value)
            if call.body is not MISSING and isinstance(call.body, dict):
                self._bodies += 1
                named.update([*call.body])
                self._filled.update(name for name, value in call.body.items() if value)
                for name, value in call.body.items():
                    self.kinds.setdefault(name, set()).add(type(value))
        self.always = {name for name, times in named.items() if times == self._bodies}
        self.always |= {name for name, times in files.items() if times == count}

    def is_filled(self, name: str) -> bool:
        """Whether each body had something there."""
        return self._filled[name] == self._bodies

    def has(self, at: str, value: Any) -> bool:
        """Whether this plain value stood there in any: a pointer, or `query.` and a name."""
        return value in self._values.get(at, ())
