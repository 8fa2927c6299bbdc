"""A server in a thread of this process is steered without HTTP, and answers as it does over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver import Running, start
from mockserver.control.operations import BODY_BYTES
from mockserver.steering import SandboxHandle, Steering, Unreachable

ASKED: list[tuple[str, str, Any]] = [
    ("GET", "health", None),
    ("GET", "openapi.json", None),
    ("GET", "sandboxes/{name}", None),
    ("GET", "sandboxes/{name}/clock", None),
    ("PUT", "sandboxes/{name}/clock", {"mode": "manual"}),
    ("PUT", "sandboxes/{name}/clock", {"mode": "fast"}),
    ("POST", "sandboxes/{name}/clock/advance", {"seconds": -1}),
    ("POST", "sandboxes/{name}/clock/run-until", {"job": "nobody", "state": "COMPLETED"}),
    ("POST", "sandboxes/{name}/faults", {"api": "vidgen", "fault": "statsu"}),
    ("POST", "sandboxes/{name}/plans", {"api": "vidgen", "outcome": "LOST"}),
    ("POST", "sandboxes/{name}/plans", {}),
    ("PUT", "sandboxes/{name}/limits", {"on": False, "off": True}),
    ("POST", "sandboxes", {"name": "default"}),
    ("POST", "sandboxes", {"owner": "x" * BODY_BYTES * 9}),
    ("DELETE", "sandboxes/default", None),
    ("DELETE", "sandboxes/{name}/faults/none", None),
    ("GET", "sandboxes/{name}/jobs?limit=1&api=vidgen", None),
    ("GET", "sandboxes/{name}/jobs?limt=1", None),
    ("GET", "sandboxes/{name}/journal", None),
    ("GET", "sandboxes/{name}/journal?format=har", None),
    ("GET", "sandboxes/{name}/requests", None),
    ("GET", "sandboxes/{name}/conduct", None),
    ("GET", "sandboxes/{name}/unused", None),
    ("GET", "sandboxes/{name}/coverage?api=vidgen", None),
    ("GET", "sandboxes/a%2Fb/clock", None),
    ("GET", "sandboxes/%C3%A9%20/clock", None),
]


@pytest.fixture
def world(running: Running) -> Iterator[SandboxHandle]:
    with running.sandbox(requests=True) as made:
        vidgen = made.api("vidgen")
        httpx.get(f"{vidgen.url}/api/jobs", headers={"X-API-Key": vidgen.api_key})
        httpx.get(f"{vidgen.url}/api/status/nobody", headers={"X-API-Key": vidgen.api_key})
        yield made


@pytest.mark.parametrize(("method", "path", "body"), ASKED)
def test_what_is_asked_here_is_answered_as_over_http(
    running: Running, world: SandboxHandle, method: str, path: str, body: Any
) -> None:
    path = "/_mock/" + path.replace("{name}", world.name)
    whole = httpx.request(method, running.url + path, json=body, headers={"Content-Type": "application/json"})
    data = None if body is None else json.dumps(body).encode()
    status, told = running.steering.control._exchange(method, path, data)
    assert status == whole.status_code
    if "%2F" not in path:  # over HTTP that is another path, once it is decoded
        assert still(json.loads(told) if told else None) == still(whole.json() if whole.content else None)


def still(told: Any) -> Any:
    """An answer without what is another from one moment to the next."""
    moving = ("loop_lag", "in_flight", "store_latency")
    return {name: 0 if name in moving else value for name, value in told.items()} if isinstance(told, dict) else told


def test_no_byte_of_it_goes_through_a_socket(world: SandboxHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.steering.connection._socket", None)
    vidgen = world.api("vidgen")
    vidgen.fault("status", times=1).disarm()
    vidgen.clock.advance(1)
    assert (len(vidgen.journal.filter()), vidgen.conduct, world.requests[0].operation) == (2, [], "listJobs")
    world.snapshot()


def test_a_server_elsewhere_is_steered_over_http(running: Running) -> None:
    with Steering(running.url) as steering:
        steering.default.clock.now()
        assert len(steering.control._idle) == 1


def test_a_server_that_was_stopped_is_told_as_one_that_does_not_answer() -> None:
    with start() as server:
        default = server.default
    with pytest.raises(Unreachable, match=f"no mockserver answers at {server.url}"):
        default.clock.now()


def test_a_control_token_is_needed_over_http_alone() -> None:
    with start(control_token="choose-one") as server:
        server.default.clock.now()
        assert httpx.get(f"{server.url}/_mock/sandboxes").status_code == 401


def test_a_mistake_of_the_server_is_raised_as_it_is(
    running: Running, world: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(request: Any) -> None:
        raise ZeroDivisionError

    operations = running.app.operations
    monkeypatch.setitem(operations._handlers, "readConduct", broken)
    operations._compiled.cache_clear()
    try:
        with pytest.raises(ZeroDivisionError):
            _ = world.conduct
    finally:
        operations._compiled.cache_clear()


def test_steering_one_imports_no_starlette() -> None:
    code = """
import subprocess
import sys
from mockserver import start
with start() as server, server.sandbox(requests=True) as world:
    api = world.api("vidgen")
    api.fault("status", times=1).disarm()
    api.clock.advance(1)
    api.journal.filter(), api.conduct, api.violations, world.requests, world.coverage
print(sorted(name for name in sys.modules if name.startswith("starlette")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
