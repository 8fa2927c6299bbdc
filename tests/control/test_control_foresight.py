"""Foresight over the control API: whether a request would meet a silence that outlasts its client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from control_kit import Steered, refused, told

from mockserver import Running, start
from mockserver.steering import ControlError, SandboxHandle, Silence

GET = {"method": "GET", "path": "/miraflow/api/avatars"}


def arm(control: Steered, sandbox: str, **fault: Any) -> None:
    told(control.ask("POST", f"{sandbox}/faults", json={"api": "miraflow", "operation": "listAvatars", **fault}), 201)


def foreseen(control: Steered, sandbox: str, **asked: Any) -> tuple[bool, float | None]:
    found = told(control.ask("POST", f"{sandbox}/foresight", json={**GET, **asked}), 200)
    return found["silent"], found["seconds"]


def test_without_a_fault_a_request_is_to_be_sent(control: Steered, sandbox: str) -> None:
    assert foreseen(control, sandbox, patience=15) == (False, None)


def test_a_hang_is_a_silence_without_end(control: Steered, sandbox: str) -> None:
    arm(control, sandbox, fault="hang", times=1)
    assert foreseen(control, sandbox, patience=15) == (True, None)
    assert foreseen(control, sandbox, patience=15) == (False, None)  # it was used up


def test_latency_is_a_silence_for_those_who_wait_less(control: Steered, sandbox: str) -> None:
    arm(control, sandbox, fault="latency", seconds=20)
    assert foreseen(control, sandbox, patience=30) == (False, None)
    assert foreseen(control, sandbox) == (False, None)
    assert foreseen(control, sandbox, patience=15) == (True, 20)


@pytest.mark.parametrize(
    "path", ["/miraflow/nowhere", "/nobody/api/avatars", "nonsense", "", "/../x", "/@other/miraflow/x"]
)
def test_what_leads_nowhere_is_to_be_sent(control: Steered, sandbox: str, path: str) -> None:
    arm(control, sandbox, fault="hang")
    assert foreseen(control, sandbox, path=path, patience=1) == (False, None)


@pytest.mark.parametrize(
    "body", [{"method": "GET"}, {**GET, "patience": -1}, {**GET, "patience": "long"}, {**GET, "x": 1}]
)
def test_a_question_that_is_none_is_refused(control: Steered, sandbox: str, body: dict[str, Any]) -> None:
    refused(control.ask("POST", f"{sandbox}/foresight", json=body), 400)


def test_a_sandbox_tells_how_many_requests_are_in_flight(control: Steered, sandbox: str) -> None:
    assert control.get(sandbox)["in_flight"] == 0


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with start() as running:
        yield running


@pytest.fixture
def world(server: Running) -> Iterator[SandboxHandle]:
    with server.sandbox() as made:
        yield made


def test_the_handle_gives_seconds_of_silence(world: SandboxHandle) -> None:
    api = world.api("miraflow")
    assert world.foresee("GET", "/miraflow/api/avatars", 5) is None
    api.fault("hang", operation="listAvatars", times=1)
    assert world.foresee("GET", "/miraflow/api/avatars", None) == Silence(float("inf"))
    api.fault("latency", operation="listAvatars", seconds=9)
    assert world.foresee("GET", "/miraflow/api/avatars", 5) == Silence(9.0)
    assert world.foresee("GET", "/miraflow/api/avatars", 20, virtual=True) == Silence(9.0, is_done=True)
    assert [(entry.status, entry.fault) for entry in api.journal] == [(0, "hang"), (0, "latency")]


def test_a_server_that_cannot_tell_is_asked_the_request_itself(
    world: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*path: str, **body: object) -> None:
        raise ControlError(404, "there is no such path", {})

    with monkeypatch.context() as patch:
        patch.setattr(world._control, "request", unknown)
        assert world.foresee("GET", "/miraflow/api/avatars", 5) is None


@pytest.mark.parametrize(
    ("selector", "silent"),
    [
        ({"every": 2}, [False, True, False, True, False]),
        ({"nth": 2}, [False, True, False, False, False]),
        ({"first": 2}, [True, True, False, False, False]),
    ],
)
def test_a_silence_foreseen_counts_as_a_request(
    world: SandboxHandle, selector: dict[str, int], silent: list[bool]
) -> None:
    """The client does not send a request whose silence was foreseen; the others it sends."""
    world.api("miraflow").fault("hang", operation="listAvatars", **selector)
    foreseen = []
    for _ in silent:
        foreseen.append(world.foresee("GET", "/miraflow/api/avatars", 5) is not None)
        if not foreseen[-1]:
            httpx.get(f"{world.api('miraflow').url}/api/avatars", trust_env=False)
    assert foreseen == silent


def test_a_key_in_the_path_of_a_request_that_is_not_sent_is_kept_nowhere(control: Steered, sandbox: str) -> None:
    inside = control.server.sandboxes.get(sandbox.rpartition("/")[2])
    assert inside is not None
    key = inside.apis["miraflow"].account().key
    told(control.ask("POST", f"{sandbox}/faults", json={"api": "miraflow", "fault": "hang"}), 201)
    assert foreseen(control, sandbox, path=f"/miraflow/api/video/{key}", patience=1) == (True, None)
    entry = inside.journal.last()
    assert entry is not None
    assert (entry.status, key in entry.path) == (0, False)
