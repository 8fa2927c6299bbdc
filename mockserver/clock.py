"""What time it is in a sandbox, and how a time is written. The only module that reads the machine's clock.

A clock knows nothing of jobs or requests. Times are seconds since 1970 in UTC, as floats. A test that freezes time or
travels in it (freezegun, time-machine) does so for the code under test; the server goes on in real time.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple, get_args

from mockserver.errors import ClockError, is_on_purpose
from mockserver.suggestions import guess

__tracebackhide__ = is_on_purpose

ClockMode = Literal["real", "manual", "step"]
BOUNDS = {"rate": (0.001, 100_000.0), "step": (0.001, 86_400.0)}
"""The least and the most; the control API's own document says the same."""
WORDS = "use real, x60, manual or step:5; a rate is from 0.001 to 100000, a step from 0.001 to 86400 seconds"
_WORDS = re.compile(r"real|manual|x(?P<rate>[0-9]+(?:\.[0-9]+)?)|step:(?P<step>[0-9]+(?:\.[0-9]+)?)", re.ASCII)
LONGEST_LEAP = 315_576_000
LAST = 250_246_540_800.0  # the year 9900: a century below the last date that can be written
MANUAL_START = 1_000_000_000.0  # 2001-09-09T01:46:40Z: wall time that leaks into a test shows at once


def machine(name: str) -> partial[Any]:
    """A function of `time` as the machine has it. While freezegun has replaced that one, it holds the machine's own;
    of a module's names it replaces those that hold the very function, hence not a partial."""
    freezegun = sys.modules.get("freezegun.api")
    return partial(getattr(freezegun, f"real_{name}", None) or getattr(time, name))


_time: Callable[[], float] = machine("time")
monotonic: Callable[[], float] = machine("monotonic")
"""Seconds on a clock that never goes back; for real durations."""
perf_counter: Callable[[], float] = machine("perf_counter")
sleep: Callable[[float], None] = machine("sleep")


def wall() -> float:
    """Wall time in seconds since 1970."""
    escape = getattr(sys.modules.get("time_machine"), "escape_hatch", None)
    if escape is None or not escape.is_travelling():
        return _time()
    now: float = escape.time.time()  # it replaces what `time.time` does in C, for everybody who holds it
    return now


def steady() -> Callable[[], float]:
    """Wall time as it is now, from where it goes on as `monotonic` does: it never goes back, whoever sets the clock."""
    start, since = wall(), monotonic()
    return lambda: start + monotonic() - since


def clock_settings(words: str | Mapping[str, Any]) -> dict[str, Any]:
    """`real`, `x60`, `manual`, `step:5`, or the same as the control API has it → mode, and rate or step.

    Raises ClockError for anything else, and for a rate or a step out of bounds.
    """
    match = _WORDS.fullmatch(words) if isinstance(words, str) else None
    if match is not None:
        numbers = {name: float(text) for name, text in match.groupdict().items() if text is not None}
        settings: Any = {"mode": "real" if match["rate"] else "step" if match["step"] else match[0], **numbers}
    else:
        settings = words
    if not isinstance(settings, Mapping) or not _is_clock(settings):
        raise ClockError(f"{repr(words)[:80]} is no clock{_meant(words) or f'; {WORDS}'}")
    for name, mode in (("rate", "real"), ("step", "step")):
        if settings["mode"] != mode and settings.get(name, 1) != 1:
            remedy = f'write {{"mode": "{mode}", "{name}": {settings[name]:g}}}, or leave it out'
            raise ClockError(f"a clock of the mode {settings['mode']} has no {name}; {remedy}")
    return dict(settings)


def _meant(words: object) -> str:
    """The mode that a word written wrong may have meant; where a number is wrong, all there is to write says more."""
    word = words.get("mode") if isinstance(words, Mapping) else words
    is_word = isinstance(word, str) and word.isalpha() and word not in get_args(ClockMode)
    return guess(word, get_args(ClockMode)) if is_word else ""


def _is_clock(settings: Mapping[str, Any]) -> bool:
    numbers = {name: value for name, value in settings.items() if name != "mode"}
    return settings.get("mode") in ("real", "manual", "step") and all(
        name in BOUNDS and type(value) in (int, float) and BOUNDS[name][0] <= value <= BOUNDS[name][1]
        for name, value in numbers.items()
    )


def check_leap(seconds: float) -> None:
    """Raises ClockError when a clock cannot be moved by so many seconds: when they are no number from 0 to 10 years."""
    if not 0 <= seconds <= LONGEST_LEAP:
        raise ClockError(f"a clock can be moved forward only, by 0 to {LONGEST_LEAP} seconds")


class ClockReading(NamedTuple):
    """How a clock goes, and what it said when it was read. `rev` grows by one each time it is switched."""

    mode: ClockMode
    rate: float
    step: float
    now: float
    rev: int

    def moment_after(self, seconds: float) -> float:
        """The moment `seconds` from now. Raises ClockError as `check_leap` does, and when no date is left for it."""
        check_leap(seconds)
        moment = _exact(self.now + seconds)
        if moment > LAST:
            raise ClockError("a clock cannot be moved past the year 9900; reset is no help, make a new sandbox")
        return moment


class Clock:
    """One sandbox's time: `real` (wall time times rate), `manual` or `step`. It stands still at the last moment."""

    def __init__(
        self, mode: ClockMode = "real", *, rate: float = 1.0, step: float = 1.0, start: float | None = None
    ) -> None:
        self.mode: ClockMode = mode
        self.rate = rate
        self.step = step
        self._now = start if start is not None else (wall() if mode == "real" else MANUAL_START)
        self._anchor = monotonic()
        self.rev = 1

    @classmethod
    def of(cls, reading: ClockReading) -> Clock:
        """One that goes as the clock did that was read."""
        return cls(reading.mode, rate=reading.rate, step=reading.step, start=reading.now)

    def reading(self) -> ClockReading:
        """How it goes, and what it says."""
        return ClockReading(self.mode, self.rate, self.step, self.now(), self.rev)

    def see(self, reading: ClockReading) -> None:
        """Go as the clock does that was read elsewhere; nothing happens where it was this one."""
        if reading.rev != self.rev or reading.now > self.now():
            self.mode, self.rate, self.step, self._now, self.rev = reading
            self._anchor = monotonic()

    def now(self) -> float:
        """The sandbox's time, in seconds since 1970."""
        if self.mode == "real":
            now = self._now + (monotonic() - self._anchor) * self.rate
            return now if now < LAST else LAST
        return self._now

    @property
    def setting(self) -> tuple[ClockMode, float, float, float, float]:
        """What changes when somebody moves or switches it, and not as time goes by."""
        return self.mode, self.rate, self.step, self._now, self._anchor

    def set(self, mode: ClockMode, *, rate: float = 1.0, step: float = 1.0) -> None:
        """Switch the clock; `now` stays where it is. Raises ClockError for a rate or step out of bounds."""
        clock_settings({"mode": mode, "rate": rate, "step": step})
        self._now, self._anchor = self.now(), monotonic()
        self.mode, self.rate, self.step = mode, rate, step
        self.rev += 1

    def move_to(self, moment: float) -> None:
        """Move a clock forward to `moment`; a moment already past leaves it where it is."""
        now = self.now()
        if moment > now:
            self._now, self._anchor = moment, monotonic()

    def moment_after(self, seconds: float) -> float:
        """The moment `seconds` from now. Raises ClockError as that of a reading does."""
        return self.reading().moment_after(seconds)

    def advance(self, seconds: float) -> None:
        """Move a clock forward by `seconds`. Raises ClockError as `moment_after` does."""
        self.move_to(self.moment_after(seconds))

    def jump(self, seconds: float) -> None:
        """Move a clock forward by `seconds`, or as far as there are dates."""
        self.move_to(min(_exact(self.now() + seconds), LAST))

    def tick(self) -> None:
        """A request to an operation arrived: a stepping clock moves by its step."""
        if self.mode == "step":
            self._now = min(_exact(self._now + self.step), LAST)

    def wall_seconds_until(self, moment: float) -> float | None:
        """Real seconds until the sandbox's time is `moment`; None when it will not come by itself."""
        if self.mode != "real":
            return None
        return max(0.0, (moment - self.now()) / self.rate)


def _exact(moment: float) -> float:
    """To the microsecond: a hundred steps of 0.1 s must come to 10 s, not to a hair less."""
    return round(moment, 6)


@lru_cache(maxsize=4096)
def iso_ms(moment: float) -> str:
    """`2026-05-07T12:34:56.000Z`."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


@lru_cache(maxsize=4096)
def iso_naive_us(moment: float) -> str:
    """`2026-01-24T13:07:14.211044`: microseconds, no zone."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")[:-6]


@lru_cache(maxsize=4096)
def iso(moment: float, digits: int = 0, between: str = "T", zone: str = "", offset: int = 0) -> str:
    """`2026-05-07 12:34:56.7+02:00`: so many digits of the second, `zone` as it is written, `offset` in seconds."""
    moment_there = datetime.fromtimestamp(moment + offset, UTC)
    fraction = f".{moment_there.microsecond:06d}".ljust(10, "0")[: digits + 1] if digits else ""
    return moment_there.isoformat(between, timespec="seconds")[:-6] + fraction + zone


def date_of(moment: float) -> str:
    """`2026-05-07`."""
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


@lru_cache(maxsize=64)
def http_date(second: int) -> str:
    """`Sun, 09 Sep 2001 01:46:40 GMT`."""
    return formatdate(second, usegmt=True)


@lru_cache(maxsize=64)
def date_header(second: int) -> tuple[bytes, bytes]:
    """The header `Date`."""
    return b"date", http_date(second).encode()


@lru_cache(maxsize=64)
def date_line(second: int) -> bytes:
    """The same as it is sent."""
    return b"date: %s\r\n" % http_date(second).encode()
