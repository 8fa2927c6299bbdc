"""All that is watched on one server, within bounds, and its list of sandboxes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from mockserver.bounds import READERS
from mockserver.control.serialize import show_line, show_listed
from mockserver.control.watching.reading import EventStream
from mockserver.control.watching.sandbox_watch import SandboxWatch
from mockserver.control.watching.watch import StateWatch
from mockserver.errors import FullError
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes
from mockserver.state.noted_changes import Gathered
from mockserver.state.pages import all_sandboxes


class ServerWatch(StateWatch):
    """Which sandboxes are made and closed."""

    def __init__(self, sandboxes: Sandboxes) -> None:
        super().__init__(sandboxes.default.state)
        self._sandboxes = sandboxes
        self._known: dict[str, str] | None = None  # → owner, as the index had them
        self._looking = asyncio.Lock()
        self._begin()

    def _begin(self) -> None:
        self._made, self._closed = Gathered(), Gathered()

    async def start(self) -> dict[str, Any]:
        if self._sandboxes.is_alone:
            return {"sandboxes": await self._sandboxes.index.count()}
        if self._known is None:
            await self._look()
        return {"sandboxes": len(self._known or ())}  # of the others, what comes next tells

    def was_made(self, name: str) -> None:
        """One more is open."""
        if self._sandboxes.is_alone:
            self._made.add(name, name)
        self.touched()

    def was_closed(self, name: str, owner: str) -> None:
        """One is open no more."""
        if self._sandboxes.is_alone:
            self._closed.add(name, {"name": name, "owner": owner})
        self.touched()

    async def _look(self) -> None:
        """Which were made and closed by other processes."""
        async with self._looking:  # a reader that begins and the pulse would each take the other's half for the whole
            before, known = self._known, dict[str, str]()
            async for sandbox in all_sandboxes(self._sandboxes.index):
                known[sandbox.name] = sandbox.owner
                if before is not None and sandbox.name not in before:
                    self._made.add(sandbox.name, show_listed(sandbox))
            for name, owner in (before or {}).items():
                if name not in known:
                    self._closed.add(name, {"name": name, "owner": owner})
            self._known = known

    async def tell(self) -> None:
        if not self._sandboxes.is_alone:
            await self._look()
        made, closed = self._made, self._closed
        self._begin()
        if made or closed:
            opened = [*made] if not self._sandboxes.is_alone else [
                show_line(sandbox, sandbox.clock.reading())
                for sandbox in map(self._sandboxes.get, made) if sandbox is not None
            ]  # fmt: skip
            left_out = made.left_out + closed.left_out
            self.log.add("sandboxes", {"opened": opened, "closed": [*closed], "left_out": left_out})


class Watches:
    """Who watches which sandbox."""

    def __init__(self, sandboxes: Sandboxes) -> None:
        self._sandboxes = sandboxes
        self._of: dict[str, SandboxWatch] = {}
        self._server: ServerWatch | None = None

    def _all(self) -> Iterable[StateWatch]:
        return [*self._of.values(), *([self._server] if self._server else [])]

    def stream(self, sandbox: Sandbox | None, last_id: str | None) -> EventStream:
        """One more reader, of a sandbox or of the list of all. Raises FullError."""
        if sum(watch.readers for watch in self._all()) >= READERS:
            raise FullError(f"{READERS} streams of events are read already; close some")
        return EventStream(self._server_watch() if sandbox is None else self._watch(sandbox), last_id)

    def _server_watch(self) -> ServerWatch:
        if self._server is None or not self._server.is_alive:
            self._server = ServerWatch(self._sandboxes)
        return self._server

    def _watch(self, sandbox: Sandbox) -> SandboxWatch:
        watch = self._of.get(sandbox.name)
        if watch is None or not watch.is_alive:
            self._make_room()
            watch = self._of[sandbox.name] = SandboxWatch(sandbox, self._sandboxes.index)
        return watch

    def _make_room(self) -> None:
        """Of those that nobody reads any more, the oldest make room."""
        self._of = {name: watch for name, watch in self._of.items() if watch.is_alive}
        unread = [name for name, watch in self._of.items() if not watch.readers]
        for name in unread[: max(0, len(self._of) - READERS + 1)]:
            self._of.pop(name).end()

    def was_made(self, name: str) -> None:
        """A sandbox is open."""
        if self._server is not None:
            self._server.was_made(name)

    def was_closed(self, name: str, owner: str) -> None:
        """A sandbox is open no more."""
        self._of.pop(name, None)
        if self._server is not None:
            self._server.was_closed(name, owner)

    def end(self) -> None:
        """The server ends."""
        for watch in self._all():
            watch.end()


def watches_of(sandboxes: Sandboxes) -> Watches:
    """Who watches the sandboxes of a server; it begins with the first reader."""
    if not isinstance(sandboxes.observer, Watches):
        sandboxes.observer = Watches(sandboxes)
    return sandboxes.observer
