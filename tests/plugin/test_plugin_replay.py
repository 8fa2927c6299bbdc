"""The marker that `explore` prints replays a failure, pasted on a test with the fixtures that it names."""

from __future__ import annotations

import pytest
from plugin_kit import Run

CLIENT = """
import json
import time
import urllib.request

def look(api, timeout):
    request = urllib.request.Request(f"{api.url}/api/jobs", headers={"X-API-Key": api.api_key})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)
"""


@pytest.mark.parametrize(
    ("event", "raised"),
    [
        ({"fault": "hang"}, "TimeoutError"),
        ({"fault": "stall"}, "TimeoutError"),
        ({"fault": "latency", "seconds": 45.0}, "TimeoutError"),
        ({"fault": "truncated_json"}, "JSONDecodeError"),
    ],
)
def test_a_marker_replays_what_happened(run: Run, event: dict[str, object], raised: str) -> None:
    schedule = [{"api": "vidgen", "operation": "listJobs", **event, "times": 1}]
    result = run(f"""{CLIENT}
import pytest

@pytest.mark.mockserver(seed='explore', schedule={schedule!r})
def test_it(vidgen, fast_forward, intercept):
    began = time.perf_counter()
    try:
        look(vidgen, 30)
    except Exception as error:
        assert type(error).__name__ == {raised!r}
    else:
        raise AssertionError("nothing was raised")
    assert time.perf_counter() - began < 25
    assert look(vidgen, 30)["jobs"] == []
""")
    result.assert_outcomes(passed=1)
