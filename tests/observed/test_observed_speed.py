"""The time in which a contract is made of a recording is about linear: in its jobs, and in the fields of its bodies.

Ratios of CPU time at n and 4n, never seconds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from archive_kit import HOST, archive, call, job

from mockserver.observed import contract_of

MOST = 8.0
"""So many times the time may it take for four times as much: what is quadratic takes sixteen times."""
ATTEMPTS = 4


def _jobs(count: int) -> Any:
    """Jobs that are polled until they end, some of which are refused first, and some of which fail."""
    entries = []
    for n in range(count):
        number, at, body = f"job_{n:012x}", n * 10.0, {"prompt": f"a picture {n}", "size": "small"}
        link = {"url": f"https://cdn.acme.example/{number}.png"} if n % 4 else {"error": "it broke down"}
        end = job("completed" if n % 4 else "failed", number, prompt=body["prompt"], **link)
        why = {"error": {"code": "busy", "message": "too many at once"}}
        entries += [call(at, "POST", "/v1/jobs", 409, why, body=body)] if n % 3 == 0 else []
        entries += [
            call(at + 1, "POST", "/v1/jobs", 201, job("queued", number, prompt=body["prompt"]), body=body),
            call(at + 2, "GET", f"/v1/jobs/{number}/result", 409, why),
            call(at + 3, "GET", f"/v1/jobs/{number}", 200, job("running", number, prompt=body["prompt"])),
            call(at + 4, "GET", f"/v1/jobs/{number}", 200, end),
        ]
    return archive(*entries)


def _polls(count: int) -> Any:
    """One job that is asked for again and again."""
    number = "job_1a2b3c4d5e6f"
    polls = [call(n + 1.0, "GET", f"/v1/jobs/{number}", 200, job("running", number, n=n)) for n in range(count)]
    last = call(count + 1.0, "GET", f"/v1/jobs/{number}", 200, job("completed", number, n=count))
    return archive(call(0, "POST", "/v1/jobs", 201, job("queued", number), body={"prompt": "x"}), *polls, last)


def _paid(count: int) -> Any:
    """Jobs that are paid for, of which webhooks and a stream tell, and a balance after each."""
    entries, left, hook = [], 10.0 * count, "https://hooks.example/x"
    for n in range(count):
        number, at, body = f"job_{n:012x}", n * 10.0, {"prompt": "a cat", "callback": hook}
        end, left = job("completed" if n % 3 else "failed", number), left - 5.0 * bool(n % 3)
        told = "".join(f"data: {json.dumps(each)}\n\n" for each in (job("queued", number), job("running", number), end))
        streamed = call(at + 2, "GET", f"/v1/jobs/{number}/events", 200, told, media="text/event-stream")
        entries += [
            call(at, "POST", "/v1/jobs", 201, job("queued", number), body=body), streamed,
            call(at + 5, "GET", f"/v1/jobs/{number}", 200, end),
            call(at + 6, "POST", "/x", 200 if n % 5 else 500, body=end, host="hooks.example"),
            call(at + 7, "GET", "/v1/account", 200, {"credits": left}),
        ]  # fmt: skip
    return archive(*entries)


def _fields(count: int) -> Any:
    """A request of many fields, all of which the answers repeat; every value stands in it twice."""
    body = {f"field{n}": f"value {n // 2}" for n in range(count)}
    return archive(
        call(0, "POST", "/v1/jobs", 201, job("queued", **body), body=body),
        call(1, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job("running", **body)),
        call(2, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job("completed", **body)),
    )


def _seconds(document: Any) -> float:
    began = time.process_time()
    contract_of(document, "Acme", HOST)
    return time.process_time() - began


@pytest.mark.parametrize(("made", "small"), [(_jobs, 100), (_polls, 300), (_fields, 300), (_paid, 100)])
def test_a_contract_is_made_in_linear_time(made: Callable[[int], Any], small: int) -> None:
    less, more = made(small), made(4 * small)
    ratios = []
    for _ in range(ATTEMPTS):
        ratios.append(_seconds(more) / _seconds(less))
        if ratios[-1] <= MOST:
            return
    pytest.fail(f"four times as much took {min(ratios):.1f} times the time")
