"""The port to where a whole server keeps its state, if not in this process: the index and the homes of sandboxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mockserver.journal import EntryFields
from mockserver.state.index_port import Index
from mockserver.state.memory import Memory
from mockserver.state.memory_index import MemoryIndex
from mockserver.state.port import State


class Store(Protocol):
    """One process of a server at its store. `entered` is told of each entry of it, with its sandbox's name.

    `noticed` is told a sentence when the store cannot be asked any more, and when it can again.
    """

    entered: Callable[[str, EntryFields], None]
    noticed: Callable[[str], None]

    def index(self, home: MemoryIndex) -> Index:
        """Which sandboxes there are; `home` is what this process would keep by itself."""

    def state(self, home: Memory) -> State:
        """The state of a sandbox; `home` knows how it begins, and who delivers its webhooks in this process."""

    def wait(self) -> None:
        """This process is prepared and waits for its place: it does not count as one that serves."""

    def serve(self) -> None:
        """It serves from now on."""

    async def latency(self) -> float:
        """How many seconds one question takes. Raises StateError."""

    async def close(self) -> None:
        """Leave it: others look after what was under way here."""
