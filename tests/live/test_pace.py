"""What rate-limit headers say of the next request, and who waits for it."""

from __future__ import annotations

import pytest

from mockserver.live import Pace, wait_after

NOW = 1_000_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Sun, 09 Sep 2001 01:46:52 GMT"}, 12),
        ({"retry-after": "Sun, 09 Sep 2001 01:46:30 GMT"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "999999999"}, 900),
        ({"retry-after": "3", "ratelimit-remaining": "0", "ratelimit-reset": "60"}, 3),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "42"}, 42),
        ({"ratelimit-remaining": "1", "ratelimit-reset": "42"}, 0),
        ({"ratelimit-remaining": "none", "ratelimit-reset": "42"}, 0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000000005"}, 5),
        ({"ratelimit": "limit=100, remaining=0, reset=9"}, 9),
        ({"ratelimit": '"100-in-1min"; r=0; t=8'}, 8),
        ({"ratelimit": '"100-in-1min"; r=5; t=8'}, 0),
        ({"ratelimit": "garbage"}, 0),
    ],
)
def test_headers_say_how_long_to_wait(headers: dict[str, str], seconds: float) -> None:
    assert wait_after(headers, NOW) == seconds


def test_what_is_owed_is_waited_for_once() -> None:
    slept: list[float] = []
    pace = Pace(slept.append, lambda: NOW)
    pace.before()
    pace.after({"retry-after": "4"})
    pace.before()
    pace.before()
    assert slept == [4]
    assert pace.waited == 4
