"""Fixed windows that begin at a caller's first hit, and the headers that tell of them. Knows no sandbox."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from mockserver.bounds import WINDOWS
from mockserver.contract import Limit
from mockserver.header_types import HeaderList
from mockserver.records import maker


class Hit(NamedTuple):
    """What one request did to the limit that is tightest for it; `reset` in seconds of the sandbox's clock."""

    limit: Limit
    remaining: int
    reset: float
    refused: bool


class Window(NamedTuple):
    """What one caller may do under a limit: at most `limit` requests in `seconds`."""

    name: str
    caller: str
    limit: int
    seconds: float


class WindowCount(NamedTuple):
    """What a request did to a window; `reset` in seconds of the sandbox's clock."""

    remaining: int
    reset: float
    refused: bool


_hit, _count = maker(Hit), maker(WindowCount)


class Limiter:
    """Counts requests. Every request counts, refused ones too; of several limits the tightest shows.

    Of more than `WINDOWS` windows those that ended are forgotten, then those that began first.
    """

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], list[float]] = {}  # (limit, caller) → [end, hits]

    def hit(self, limits: Sequence[Limit], caller: str, now: float) -> Hit:
        """Count a request of `caller` against each of at least one limit."""
        hit = tightest(limits, self.counts(windows(limits, caller), (), now))
        assert hit is not None, "there is at least one limit"
        return hit

    def counts(self, by_address: Sequence[Window], by_account: Sequence[Window], now: float) -> tuple[WindowCount, ...]:
        """Count a request; what an address is refused does not count against its account."""
        counts: list[WindowCount] = []
        is_refused = self._count(by_address, now, counts) if by_address else False
        if by_account and not is_refused:
            self._count(by_account, now, counts)
        return (*counts,)

    def _count(self, windows: Sequence[Window], now: float, counts: list[WindowCount]) -> bool:
        """Count a request in each of these; gives whether one of them refuses it."""
        is_refused = False
        for name, caller, limit, seconds in windows:
            key = (name, caller)
            window = self._windows.get(key)
            if window is None or now >= window[0]:
                window = self._begin(key, now, now + seconds)
            window[1] += 1
            remaining = limit - int(window[1])
            is_refused = is_refused or remaining < 0
            counts.append(_count((remaining if remaining > 0 else 0, window[0] - now, remaining < 0)))
        return is_refused

    def _begin(self, key: tuple[str, str], now: float, end: float) -> list[float]:
        self._windows.pop(key, None)  # they stand in the order in which they began
        if len(self._windows) >= WINDOWS:
            self._make_room(now)
        window = self._windows[key] = [end, 0.0]
        return window

    def _make_room(self, now: float) -> None:
        """Forget the windows that have ended; of too many open ones a tenth, so that the search is worth while."""
        self._windows = {key: window for key, window in self._windows.items() if now < window[0]}
        for key in [*islice(self._windows, max(0, len(self._windows) - WINDOWS * 9 // 10))]:
            del self._windows[key]

    def windows(self) -> Iterator[tuple[str, str, float, float]]:
        """Every window: of which limit, whose, when it ends, and how many hits it had."""
        return ((*key, *window) for key, window in self._windows.items())  # type: ignore[misc]

    def go_on(self, windows: Iterable[tuple[str, str, float, float]]) -> None:
        """Count on in these windows."""
        for limit, caller, end, hits in windows:
            self._windows[(limit, caller)] = [end, hits]

    def clear(self) -> None:
        """Forget all windows."""
        self._windows.clear()


def windows(limits: Iterable[Limit], caller: str) -> tuple[Window, ...]:
    """The windows of a caller under these limits."""
    return tuple([Window(limit.name, caller, limit.limit, limit.window) for limit in limits])


def tightest(limits: Sequence[Limit], counts: Sequence[WindowCount]) -> Hit | None:
    """Of what was counted under these limits that which shows: a refused one, else the one with least remaining."""
    if len(counts) == 1:
        return _hit((limits[0], *counts[0]))
    tight: Hit | None = None
    for limit, (remaining, reset, refused) in zip(limits, counts, strict=False):  # an account's may not be counted
        if tight is None or (refused, -remaining) > (tight.refused, -tight.remaining):
            tight = _hit((limit, remaining, reset, refused))
    return tight


def seconds_left(hit: Hit) -> int:
    """Whole seconds until the window ends, rounded up."""
    return max(0, math.ceil(hit.reset - 1e-6))


def lines(style: str, hit: Hit, now: float, *, tells_when: bool = True) -> bytes:
    """The header lines of one of the known styles, with Retry-After once the limit is passed, if the answer says so."""
    seconds = seconds_left(hit)
    head_lines = _STYLES[style](hit, seconds, now)
    return head_lines + b"retry-after: %d\r\n" % seconds if hit.refused and tells_when else head_lines


def headers(style: str, hit: Hit, now: float, *, tells_when: bool = True) -> HeaderList:
    """The same as names and values."""
    return pairs(lines(style, hit, now, tells_when=tells_when))


def pairs(lines: bytes) -> HeaderList:
    """Header lines as names and values."""
    parts = [line.partition(b": ") for line in lines.split(b"\r\n")[:-1]]
    return [(name, value) for name, _, value in parts]


def _draft_6(hit: Hit, left: int, now: float) -> bytes:
    return _constant_draft_6(hit.limit.limit, hit.limit.window) % (hit.remaining, left)


@lru_cache(maxsize=256)
def _constant_draft_6(limit: int, window: float) -> bytes:
    policy = b"ratelimit-policy: %d;w=%d\r\nratelimit-limit: %d\r\n" % (limit, window, limit)
    return policy + b"ratelimit-remaining: %d\r\nratelimit-reset: %d\r\n"


def _draft_7(hit: Hit, left: int, now: float) -> bytes:
    numbers = (hit.limit.limit, hit.limit.window, hit.limit.limit, hit.remaining, left)
    return b"ratelimit-policy: %d;w=%d\r\nratelimit: limit=%d, remaining=%d, reset=%d\r\n" % numbers


def _draft_8(hit: Hit, left: int, now: float) -> bytes:
    name = f'"{hit.limit.limit}-in-{_span(hit.limit.window)}"'.encode()
    policy = b"ratelimit-policy: %s; q=%d; w=%d\r\n" % (name, hit.limit.limit, hit.limit.window)
    return policy + b"ratelimit: %s; r=%d; t=%d\r\n" % (name, hit.remaining, left)


def _draft_11(hit: Hit, left: int, now: float) -> bytes:
    name = _string(hit.limit.name)
    policy = b"ratelimit-policy: %s;q=%d;w=%d\r\n" % (name, hit.limit.limit, max(1, math.ceil(hit.limit.window)))
    return policy + b"ratelimit: %s;r=%d;t=%d\r\n" % (name, hit.remaining, left)


@lru_cache(maxsize=256)
def _string(text: str) -> bytes:
    """A text as RFC 9651 writes it, which has no other letters than ASCII's."""
    return (
        b'"'
        + "".join(
            character if " " <= character <= "~" and character not in '"\\' else "_" for character in text
        ).encode()
        + b'"'
    )


def _legacy(hit: Hit, left: int, now: float) -> bytes:
    names = b"x-ratelimit-limit: %d\r\nx-ratelimit-remaining: %d\r\nx-ratelimit-reset: %d\r\n"
    return names % (hit.limit.limit, hit.remaining, math.ceil(now + hit.reset))


def _none(hit: Hit, left: int, now: float) -> bytes:
    return b""


_STYLES = {
    "draft-6": _draft_6, "draft-7": _draft_7, "draft-8": _draft_8, "draft-11": _draft_11,
    "legacy": _legacy, "none": _none,
}  # fmt: skip


def style_of(headers: Mapping[str, str]) -> str:
    """What `limit_headers` calls the newest way in which an answer tells of limits; names are in small letters."""
    value = headers.get("ratelimit")
    if value is not None:
        return "draft-7" if "limit=" in value else "draft-8" if "; r=" in value else "draft-11"
    if "ratelimit-limit" in headers:
        return "draft-6"
    return "legacy" if {"x-ratelimit-limit", "x-rate-limit-limit"} & headers.keys() else "none"


def _span(window: float) -> str:
    for unit, name in ((3600, "h"), (60, "min")):
        if window >= unit and window % unit == 0:
            return f"{int(window // unit)}{name}"
    return f"{int(window)}s"
