"""How long to wait before the next request, by what an answer's rate-limit headers say. Waits nowhere itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

LONGEST = 900.0  # seconds; whoever asks for more is not waited for
_UNIX = 100_000_000  # a reset beyond this is a moment, not a number of seconds


def wait_after(headers: Mapping[str, str], now: float) -> float:
    """Seconds to wait: what Retry-After says, else until the window ends when nothing is left in it.

    `headers` have lower-case names, `now` is in seconds since 1970. What cannot be read says nothing.
    """
    retry = headers.get("retry-after")
    if retry is not None and (said := _seconds(retry, now)) is not None:
        return said
    for left, reset in _windows(headers):
        if left <= 0:
            return _bounded(reset - now if reset > _UNIX else reset)
    return 0.0


def _seconds(text: str, now: float) -> float | None:
    if text.strip().isdigit():
        return _bounded(float(text))
    try:
        return _bounded(parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def _bounded(seconds: float) -> float:
    return min(max(0.0, seconds), LONGEST)


def _windows(headers: Mapping[str, str]) -> list[tuple[float, float]]:
    """(requests left, seconds or moment of reset) in every form of the field that is understood."""
    found = [
        (headers.get(f"{name}-remaining", ""), headers.get(f"{name}-reset", ""))
        for name in ("ratelimit", "x-ratelimit")
    ]
    words: dict[str, str] = dict(re.findall(r"\b(remaining|reset|r|t)=(\d+)", headers.get("ratelimit", "")))
    found.append((words.get("remaining", words.get("r", "")), words.get("reset", words.get("t", ""))))
    return [(float(left), float(reset)) for left, reset in found if left.isdigit() and reset.isdigit()]


class Pace:
    """Waits before a request as long as the answer before it asked for; `waited` are the seconds so far."""

    def __init__(self, sleep: Callable[[float], object], now: Callable[[], float]) -> None:
        self._sleep = sleep
        self._now = now
        self._owed = 0.0
        self.waited = 0.0

    @property
    def owed(self) -> float:
        """The seconds to wait before the next request."""
        return self._owed

    def before(self) -> None:
        """Wait what is owed."""
        if self._owed > 0:
            self.waited += self._owed
            self._sleep(self._owed)
            self._owed = 0.0

    def after(self, headers: Mapping[str, str]) -> None:
        """Note what an answer asks for."""
        self._owed = wait_after(headers, self._now())
