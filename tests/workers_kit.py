"""Two servers over one state, which is elsewhere for both: each of them sees it through values alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from control_kit import Steered
from state_kit import Slow, SlowIndex

from mockserver import sandbox as sandbox_module
from mockserver import sandboxes as sandboxes_module
from mockserver.state.memory import Memory
from mockserver.state.memory_index import MemoryIndex


class Workers:
    """Two servers; the state of each sandbox is where the one keeps it that made it, the index where the first does."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.one, self.other = Steered(runner), Steered(runner)
        self.other.run(self.other.server.sandboxes.join())

    def close(self) -> None:
        self.one.close()
        self.other.close()


@contextmanager
def two_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """Both of them, for as long as they are needed."""
    homes: dict[str, Memory] = {}
    indexes: list[MemoryIndex] = []

    def index(own: MemoryIndex) -> Any:
        indexes.append(own)
        own.homes = homes  # type: ignore[assignment]
        return SlowIndex(indexes[0])

    monkeypatch.setattr(sandbox_module, "port_to", lambda home: Slow(homes.setdefault(home.name, home)))
    monkeypatch.setattr(sandboxes_module, "port_to_index", index)
    with asyncio.Runner() as runner:
        made = Workers(runner)
        yield made
        made.close()
