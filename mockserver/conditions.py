"""Conditions of a contract, as frozen data: what facts must be. Knows no fact and reads none."""

from __future__ import annotations

from typing import NamedTuple

from mockserver.json_types import JsonValue


class Rule(NamedTuple):
    """What a fact must be: one of these values (None: absent), or a list that `has` one of them.

    Or it is `present`, whatever it says, or absent; or it is a number from `least` to `most`.
    """

    fact: str
    any_of: tuple[JsonValue, ...] = ()
    has: bool = False
    present: bool | None = None
    least: float | None = None
    most: float | None = None

    @property
    def has_bounds(self) -> bool:
        """Whether it wants a number within bounds."""
        return self.least is not None or self.most is not None

    @property
    def is_exact(self) -> bool:
        """Whether it looks for constants alone."""
        return not self.has and bool(self.any_of) and None not in self.any_of

    def allows(self, value: JsonValue) -> bool:
        """Whether a JSON value is as the rule says."""
        if self.has:
            return isinstance(value, list) and any(self._is_named(item) for item in value)
        if self.present is not None:
            return (value is not None) is self.present
        return self.is_within(value) if self.has_bounds else self._is_named(value)

    def is_within(self, value: JsonValue) -> bool:
        """Whether a JSON value is a number within its bounds."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def _is_named(self, value: JsonValue) -> bool:
        return any(is_same(value, constant) for constant in self.any_of)


def is_same(value: JsonValue, other: JsonValue) -> bool:
    """JSON's equality: 1 is 1.0, and neither is true."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


Condition = tuple[tuple[Rule, ...], ...]
"""Holds where all rules of one of its rows hold."""
