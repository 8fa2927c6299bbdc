"""How progress rises: one function for each kind of curve. Knows no job and no time."""

from __future__ import annotations

from bisect import bisect_right

from mockserver.lifecycle import Curve


def percent(curve: Curve, t: float) -> float:
    """Progress in percent at `t` (0 to 1) of the running time; monotone in t."""
    match curve.kind:
        case "linear":
            return 100.0 * t
        case "ease-in-out":
            return 100.0 * t * t * (3.0 - 2.0 * t)
        case "steps":
            return 100.0 * int(t * curve.numbers[0] + 1e-9) / curve.numbers[0]
        case "stall":
            return _stalled(t, *curve.numbers)
        case "keyframes":
            return _between(curve.points, t)


def _stalled(t: float, at: float, share: float) -> float:
    """Rise to `at` percent, hold for `share` of the time, rise on."""
    moving = 1.0 - share
    rise = moving * at / 100.0
    if t < rise:
        return at * t / rise
    if t < rise + share or moving <= 0 or at >= 100:
        return at
    return at + (100.0 - at) * (t - rise - share) / (moving - rise)


def _between(points: tuple[tuple[float, float], ...], t: float) -> float:
    index = bisect_right(points, (t, float("inf")))
    if index == 0:
        return points[0][1]
    if index == len(points):
        return points[-1][1]
    (t0, p0), (t1, p1) = points[index - 1], points[index]
    return p0 + (p1 - p0) * (t - t0) / (t1 - t0)
