"""The order of a recording is that in which requests were begun, whatever clocks say."""

from __future__ import annotations

from itertools import count

import pytest
from recorder_kit import GOOD, Fixed, asking, entries, got, recorded

from mockserver import clock


def test_a_clock_that_steps_back_does_not_change_the_order() -> None:
    times = count(1_000_000_000, -3600)
    with recorded(Fixed(GOOD), now=lambda: float(next(times))) as found:
        for name in "abc":
            got(found, asking(f"/{name}"))
    assert [each["request"]["url"][-1] for each in entries(found)] == ["a", "b", "c"]
    assert {each["time"] for each in entries(found)} == {0}


def test_times_of_a_recording_go_on_when_somebody_sets_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    set_back = count(2_000_000_000.0, -86_400.0)
    monkeypatch.setattr(clock, "_time", lambda: next(set_back))
    with recorded(Fixed(GOOD)) as found:
        for name in "abc":
            got(found, asking(f"/{name}"))
    times = [each["startedDateTime"] for each in entries(found)]
    assert times == sorted(times)
    assert {each[:10] for each in times} == {"2033-05-18"}
