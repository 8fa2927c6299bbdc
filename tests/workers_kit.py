"""Two servers over one state, which is elsewhere for both: each of them sees it through values alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import control_kit
import pytest
from check_kit import Mutation, write
from control_kit import Steered, told
from language_kit import NAME, documents
from state_kit import Slow, SlowIndex
from store_kit import Ports, ports_of

from mockserver import held_requests
from mockserver import sandbox as sandbox_module
from mockserver import sandboxes as sandboxes_module
from mockserver.loader import load_folder
from mockserver.state.memory import Memory
from mockserver.state.memory_index import MemoryIndex
from mockserver.stores.redis import RedisStore

CONTROL = "/_mock/sandboxes/default"
LONG = 60.0


class Workers:
    """Two servers; the index is where the first one keeps it, and a sandbox's state where the one does that made it.

    That is so where the state is in this process; else both are on an engine.
    """

    def __init__(self, runner: asyncio.Runner, ports: Sequence[Ports], monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch, self._ports = monkeypatch, ports
        self._runner = runner
        self.one, self.other = (self._steered(each) for each in ports)
        for each in (self.one, self.other):
            each.run(each.server.sandboxes.join())

    def _steered(self, ports: Ports) -> Steered:
        self._monkeypatch.setattr(sandbox_module, "port_to", ports[0])
        self._monkeypatch.setattr(sandboxes_module, "port_to_index", ports[1])
        return Steered(self._runner)

    def close(self) -> None:
        self.one.close()
        self.other.close()


def serving_alone(
    mutation: Mutation, folder: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Workers:
    """Both serve the good contract with a change, and no other; their clock stands, and who waits has long enough."""
    monkeypatch.setattr(held_requests, "PATIENCE", LONG)
    contract, found = load_folder(write(folder / NAME, documents(mutation)))
    assert contract is not None, found
    monkeypatch.setattr(control_kit, "contracts", lambda: [contract])
    workers: Workers = request.getfixturevalue("workers")
    told(workers.one.ask("PUT", f"{CONTROL}/clock", json={"mode": "manual"}), 200)
    told(workers.other.ask("GET", CONTROL), 200)
    return workers


@contextmanager
def two_workers(monkeypatch: pytest.MonkeyPatch, url: str = "") -> Iterator[Workers]:
    """Both of them, for as long as they are needed; without a URL the state is in this process."""
    stores = [RedisStore(url), RedisStore(url)] if url else []
    with asyncio.Runner() as runner:
        made = Workers(runner, [*map(ports_of, stores)] or [_slow()] * 2, monkeypatch)
        if stores:
            monkeypatch.setattr(sandbox_module, "port_to", _by_server(made, stores))
        yield made
        made.close()
        for each in stores:
            runner.run(each.close())


def _slow() -> Ports:
    homes: dict[str, Memory] = {}
    indexes: list[MemoryIndex] = []

    def index(own: MemoryIndex) -> Any:
        indexes.append(own)
        own.homes = homes  # type: ignore[assignment]
        return SlowIndex(indexes[0])

    return lambda home: Slow(homes.setdefault(home.name, home)), index


def _by_server(workers: Workers, stores: Sequence[RedisStore]) -> Any:
    """The state of a sandbox of either server, by the shelf that is its own."""
    both = zip((workers.one, workers.other), stores, strict=True)
    by_shelf = {id(each.server.sandboxes.shelf): store for each, store in both}
    return lambda home: by_shelf[id(home.shelf)].state(home)
