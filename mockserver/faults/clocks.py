"""Faults of the clock: what time the answers claim, what time it suddenly is, how long a token lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.kinds import Category
from mockserver.faults.parameters import Seconds, Shift


@dataclass(frozen=True, slots=True)
class SkewedDate:
    """Sends a Date header that is so many seconds ahead (behind, when negative)."""

    name: ClassVar[str] = "skewed_date"
    category: ClassVar[Category] = "clock"
    times: ClassVar[int | None] = None
    seconds: Shift = 3600.0


@dataclass(frozen=True, slots=True)
class ClockJump:
    """Moves the sandbox's clock forward as the request arrives; once, unless told otherwise."""

    name: ClassVar[str] = "clock_jump"
    category: ClassVar[Category] = "clock"
    times: ClassVar[int | None] = 1
    seconds: Seconds = 3600.0


@dataclass(frozen=True, slots=True)
class TokenDiesEarly:
    """Refuses a bearer token as expired so many seconds before its time."""

    name: ClassVar[str] = "token_dies_early"
    category: ClassVar[Category] = "clock"
    times: ClassVar[int | None] = None
    seconds: Seconds = 3600.0
