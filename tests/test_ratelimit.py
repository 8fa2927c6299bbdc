"""The counting of requests itself: what is forgotten once many callers have come."""

from __future__ import annotations

import pytest

from mockserver import ratelimit
from mockserver.contract import Limit
from mockserver.ratelimit import Limiter

MINUTE = Limit("minute", "account", frozenset(), 3, 60.0)
HOUR = Limit("hour", "account", frozenset(), 100, 3600.0)


@pytest.fixture
def limiter(monkeypatch: pytest.MonkeyPatch) -> Limiter:
    """One that looks for ended windows as soon as it holds ten."""
    monkeypatch.setattr(ratelimit, "WINDOWS", 10)
    return Limiter()


def test_windows_that_ended_are_forgotten(limiter: Limiter) -> None:
    for n in range(1000):
        limiter.hit([MINUTE], f"caller {n}", 30.0 * n)
    assert len(limiter._windows) <= 10


def test_a_window_that_is_open_is_not_forgotten_with_shorter_ones(limiter: Limiter) -> None:
    limiter.hit([HOUR], "regular", 0.0)
    for n in range(100):
        limiter.hit([MINUTE], f"passer-by {n}", 30.0 * n)
    assert limiter.hit([HOUR], "regular", 3000.0).remaining == 98


def test_of_too_many_open_windows_the_first_are_forgotten(limiter: Limiter) -> None:
    for n in range(100):
        limiter.hit([HOUR], f"caller {n}", 0.0)
        assert len(limiter._windows) <= 10
    assert limiter.hit([HOUR], "caller 99", 0.0).remaining == 98
    assert limiter.hit([HOUR], "caller 0", 0.0).remaining == 99
