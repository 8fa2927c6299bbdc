"""Fixed windows that begin at a caller's first hit, and the headers that tell of them. Knows no sandbox."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from mockserver.bounds import WINDOWS
from mockserver.contract import Limit

Headers = list[tuple[bytes, bytes]]


class Hit(NamedTuple):
    """What one request did to the limit that is tightest for it; `reset` in seconds of the sandbox's clock."""

    limit: Limit
    remaining: int
    reset: float
    refused: bool


class Limiter:
    """Counts requests. Every request counts, refused ones too; of several limits the tightest shows.

    Of more than `WINDOWS` windows those that ended are forgotten, then those that began first.
    """

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], list[float]] = {}  # (limit, caller) → [end, hits]

    def hit(self, limits: Sequence[Limit], caller: str, now: float) -> Hit:
        """Count a request of `caller` against each of at least one limit."""
        tightest = self._count(limits[0], caller, now)
        for limit in limits[1:]:
            tightest = tighter(tightest, self._count(limit, caller, now))
        return tightest

    def _count(self, limit: Limit, caller: str, now: float) -> Hit:
        key = (limit.name, caller)
        window = self._windows.get(key)
        if window is None or now >= window[0]:
            window = self._begin(key, now, now + limit.window)
        window[1] += 1
        hits = int(window[1])
        return Hit(limit, max(limit.limit - hits, 0), window[0] - now, hits > limit.limit)

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


def tighter(a: Hit | None, b: Hit) -> Hit:
    """Of two hits the one that shows: a refused one, else the one with less remaining."""
    if a is None:
        return b
    return b if (b.refused, -b.remaining) > (a.refused, -a.remaining) else a


def seconds_left(hit: Hit) -> int:
    """Whole seconds until the window ends, rounded up."""
    return max(0, math.ceil(hit.reset - 1e-6))


def headers(style: str, hit: Hit, now: float, *, tells_when: bool = True) -> Headers:
    """The headers of one of the known styles, with Retry-After once the limit is passed, if the answer `tells_when`."""
    left = seconds_left(hit)
    made = _STYLES[style](hit, left, now)
    if hit.refused and tells_when:
        made.append((b"retry-after", b"%d" % left))
    return made


def _draft_6(hit: Hit, left: int, now: float) -> Headers:
    return [
        *_constant_draft_6(hit.limit.limit, hit.limit.window),
        (b"ratelimit-remaining", b"%d" % hit.remaining),
        (b"ratelimit-reset", b"%d" % left),
    ]


@lru_cache(maxsize=256)
def _constant_draft_6(limit: int, window: float) -> Headers:
    return [(b"ratelimit-policy", b"%d;w=%d" % (limit, window)), (b"ratelimit-limit", b"%d" % limit)]


def _draft_7(hit: Hit, left: int, now: float) -> Headers:
    return [
        (b"ratelimit-policy", b"%d;w=%d" % (hit.limit.limit, hit.limit.window)),
        (b"ratelimit", b"limit=%d, remaining=%d, reset=%d" % (hit.limit.limit, hit.remaining, left)),
    ]


def _draft_8(hit: Hit, left: int, now: float) -> Headers:
    name = f'"{hit.limit.limit}-in-{_span(hit.limit.window)}"'.encode()
    return [
        (b"ratelimit-policy", b"%s; q=%d; w=%d" % (name, hit.limit.limit, hit.limit.window)),
        (b"ratelimit", b"%s; r=%d; t=%d" % (name, hit.remaining, left)),
    ]


def _legacy(hit: Hit, left: int, now: float) -> Headers:
    return [
        (b"x-ratelimit-limit", b"%d" % hit.limit.limit),
        (b"x-ratelimit-remaining", b"%d" % hit.remaining),
        (b"x-ratelimit-reset", b"%d" % math.ceil(now + hit.reset)),
    ]


def _none(hit: Hit, left: int, now: float) -> Headers:
    return []


_STYLES = {"draft-6": _draft_6, "draft-7": _draft_7, "draft-8": _draft_8, "legacy": _legacy, "none": _none}


def _span(window: float) -> str:
    for unit, name in ((3600, "h"), (60, "min")):
        if window >= unit and window % unit == 0:
            return f"{int(window // unit)}{name}"
    return f"{int(window)}s"
