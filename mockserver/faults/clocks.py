"""Faults of the clock: what time the answers claim, what time it suddenly is, how long a token lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from mockserver.faults.base import ClockFault
from mockserver.faults.parameters import Seconds, Shift


@final
@dataclass(frozen=True, slots=True)
class SkewedDate(ClockFault):
    """Sends a Date header that is so many seconds ahead (behind, when negative)."""

    name: ClassVar[str] = "skewed_date"
    on_downloads: ClassVar[bool] = True
    seconds: Shift = 3600.0


@final
@dataclass(frozen=True, slots=True)
class ClockJump(ClockFault):
    """Moves the sandbox's clock forward as the request arrives; once, unless told otherwise."""

    name: ClassVar[str] = "clock_jump"
    on_create: ClassVar[bool] = False
    times: ClassVar[int | None] = 1
    seconds: Seconds = 3600.0


@final
@dataclass(frozen=True, slots=True)
class TokenDiesEarly(ClockFault):
    """Refuses a bearer token as expired so many seconds before its time."""

    name: ClassVar[str] = "token_dies_early"
    on_create: ClassVar[bool] = False
    seconds: Seconds = 3600.0
