"""Two servers over one state: in this process, as if it were elsewhere, or on an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from away_kit import Away, away
from engine_kit import Engine, found, running_engine
from home_kit import patient
from workers_kit import Workers, two_workers

ENGINES = found()


@pytest.fixture(scope="module")
def engine_of() -> Iterator[Callable[[str], Engine]]:
    """An engine by its name, started when it is asked for first."""
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(running_engine(ENGINES[name])))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    # Some ask for `workers` by its name only after they have changed what servers are made of.
    is_one = metafunc.module.__name__.startswith(("test_two_workers", "test_index"))
    if is_one and {"workers", "request"} & {*metafunc.fixturenames}:
        if "home" not in metafunc.fixturenames:
            metafunc.fixturenames.append("home")
        metafunc.parametrize("home", ["slow", *ENGINES])


@pytest.fixture
def workers(home: str, engine_of: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """The first one keeps the state of what both have from the beginning, where that is in this process."""
    engine = None if home == "slow" else engine_of(home)
    with patient(), two_workers(monkeypatch, "" if engine is None else engine.url) as made:
        yield made
    if engine is not None:
        engine.asked(b"FLUSHALL\r\n")


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Away]:
    """Two workers at each of the engines, of which one may lose its connection, or be gone."""
    with away(ENGINES[request.param], monkeypatch) as made:
        yield made
