"""A sandbox's time for tests of virtual time: an object with a lock, and code under test written to a file."""

from __future__ import annotations

import importlib.util
import itertools
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

START = 1_000_000_000.0
Run = Callable[[Coroutine[Any, Any, Any]], Any]
_names = itertools.count()


def never() -> bool:
    return False


class FakeTime:
    """A manual clock that remembers how it was moved."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = START
        self.moves: list[float] = []
        self.flights = 0
        self.holds: tuple[int, float | None] | None = None
        self.on_advance = lambda: None

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self.on_advance()
        with self._lock:
            self._now += seconds
            self.moves.append(seconds)

    def in_flight(self) -> int:
        return self.flights

    def held(self) -> tuple[int, float | None] | None:
        return self.holds

    @property
    def elapsed(self) -> float:
        return self._now - START


def load(folder: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import `source` as a module of its own, as the code under test would be: outside site-packages."""
    name = f"code_under_test_{next(_names)}"
    path = folder / f"{name}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module
