"""What a server with a store prints at its start: where the state is, and which options change nothing there."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator

import pytest
from engine_kit import found, running_engine
from serve_kit import Served, serving
from wire_kit import PATIENCE

PROGRAMS = found()
OPTIONS = ("--clock", "x60", "--seed", "nightly", "--scenario", "vidgen=slow", "--quirk", "mirrago.completedc=off")


@pytest.fixture
def store() -> Iterator[str]:
    with running_engine(PROGRAMS[min(PROGRAMS)]) as engine:
        yield engine.url


def sentences(served: Served) -> list[str]:
    """What it printed behind its URL, once it has ended."""
    served.process.send_signal(signal.SIGTERM)
    assert served.process.stdout is not None
    lines = served.process.stdout.read().splitlines()
    assert served.process.wait(PATIENCE) == 0
    return [each["message"] for each in map(json.loads, lines)]


def started(store: str, *options: str) -> list[str]:
    with serving("--store", store, "--log", "json", *options) as served:
        return sentences(served)


def test_where_the_state_is_is_said_without_its_password_and_so_are_options_that_change_nothing_there(
    store: str,
) -> None:
    where = store.removeprefix("unix://")
    kept = f"the state is kept at the store {where}"
    secret = store.replace("unix://", "unix://default:any@")
    assert started(secret, *OPTIONS) == [kept]
    assert started(store, *OPTIONS) == [kept], "they are as they were found"
    assert started(store) == [kept], "nothing was asked for"
    first, idle = started(store, "--clock", "x30", *OPTIONS[2:], "--strict")
    assert first == kept
    assert "stays as it is; without effect on it: --strict, --clock. Change it over" in idle
    assert started(f"{store}?db=1", "--clock", "x30") == [f"{kept} (database 1)"]
    workers = started(store, "--workers", "2", "--quirk", "mirrago.completedc=on")
    assert "without effect on it: --quirk. Change it over" in workers[0]
    assert workers[1] == f"2 workers share their state at the store {where}"
