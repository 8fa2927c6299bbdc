"""Two servers in the place of each one that a test makes, over one engine: requests come to them by turns.

Both are in the test's process, each with a connection, homes and memories of its own. What a test reads of a server, it
reads of the first one; what either tells of itself, both tell of both, as workers of one supervisor do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from itertools import count
from pkgutil import walk_packages
from typing import Any

import pytest
from steered_kit import is_inside, waited

import mockserver
from mockserver.app import Mockserver
from mockserver.control.measured import Everywhere, Measured
from mockserver.launch import _LocalControl
from mockserver.sandboxes import Sandboxes
from mockserver.steering import SandboxHandle
from mockserver.stores.redis import line, pipe
from mockserver.stores.redis.served import ServedStore
from mockserver.testing import session, times
from mockserver.testing.times import RemoteTime

BOTH = ("stopped", "measured", "_set_base")
"""What both are told by whoever has one."""
SERVING = ("app", "control", "faults", "operations", "snapshots", "state", "stores", "validation", "webhooks")
"""What a server imports when it needs it. Whoever runs pytest within pytest takes back what was imported meanwhile:
classes would be there twice."""
PATIENCE = 60.0
"""Seconds for which an engine on a busy machine may be silent."""


class SpaceStore(ServedStore):
    """A store of two servers alone."""

    def __init__(self, url: str, space: str) -> None:
        super().__init__(url, "")
        self.worker.space = space
        self.others: Sequence[Mockserver] = ()
        """The servers that answer besides its own."""


class TimeElsewhere(RemoteTime):
    """The time of a sandbox for code that lives in it: its server is in this process, and its clock is not."""

    def __init__(self, handle: SandboxHandle, _: Any) -> None:
        super().__init__(handle)


class Turns:
    """Whose turn it is of two servers."""

    def __init__(self, one: Mockserver, other: Mockserver) -> None:
        self.both = (one, other)
        self._asked = 0
        self._short = [each.at_once for each in self.both]

    def next(self) -> Mockserver:
        """The one that takes the next request."""
        self._asked += 1
        return self.both[(self._asked + 1) % 2]

    def at_once(self, *request: Any) -> bytes | None:
        """A request that may go the short way; where it does not, its turn comes there."""
        answer = self._short[self._asked % 2](*request)
        self._asked += answer is not None
        return answer


def turns_of(server: Any) -> Turns | None:
    """None for a server that is one of two, or stands alone."""
    return vars(server).get("turns")


def take_turns(url: str, patch: pytest.MonkeyPatch, *, by_two: bool) -> None:
    """From now on; else each server of a test stands alone, with its state on the engine."""
    _import_all()
    patch.setattr(Mockserver, "__init__", _making_two(url, Mockserver.__init__, by_two))
    patch.setattr(Mockserver, "__call__", _by_turns(Mockserver.__call__))
    patch.setattr(_LocalControl, "_exchange", _controlled_by_turns(_LocalControl._exchange))
    patch.setattr(Sandboxes, "create", _made_elsewhere(Sandboxes.create))
    patch.setattr(Sandboxes, "get", _opened_here(Sandboxes.get))
    patch.setattr(times, "ThreadTime", TimeElsewhere)
    patch.setattr(session, "_foresight", lambda _, sandbox: session._remote_foresight(sandbox))
    for name in BOTH:
        patch.setattr(Mockserver, name, _told_to_both(getattr(Mockserver, name)))
    for module in (line, pipe):
        patch.setattr(module, "LIMIT", PATIENCE)


def _import_all() -> None:
    for found in walk_packages(mockserver.__path__, "mockserver."):
        if found.name.split(".")[1] in SERVING:
            import_module(found.name)


def _making_two(url: str, init: Callable[..., None], by_two: bool) -> Callable[..., None]:
    spaces = count(1)

    def make(server: Any, *words: Any, store: Any = None, **more: Any) -> None:
        if store is not None or type(server) is not Mockserver:  # what looks at contracts serves nobody
            init(server, *words, store=store, **more)
            return
        space, other = f"{os.getpid()} {next(spaces)}", object.__new__(Mockserver)
        for each in (server, other) if by_two else (server,):
            init(each, *words, store=SpaceStore(url, space), **more)
        if not by_two:
            return
        server.turns = Turns(server, other)
        server.at_once, server.store.others = server.turns.at_once, [other]
        for each in server.turns.both:
            each.everywhere = _of_both(server.turns)

    return make


def _of_both(turns: Turns) -> Everywhere:
    async def everywhere(own: Measured) -> Mapping[str, Measured]:
        return {str(n): await each.meter.measured() for n, each in enumerate(turns.both, 1)}

    return everywhere


def _by_turns(call: Callable[..., Any]) -> Callable[..., Any]:
    async def ask(server: Any, scope: Any, receive: Any, send: Any) -> None:
        turns = turns_of(server)
        if scope["type"] == "lifespan":  # a test may look into a server that nobody has asked for anything yet
            for each in (server,) if turns is None else turns.both:
                _ = each.store and each.store.worker.pipe
        if turns is None:
            await call(server, scope, receive, send)
        elif scope["type"] == "http":
            await call(turns.next(), scope, receive, send)
        else:
            await call(server, scope, receive, send)
            turns.both[1].sandboxes.end()
            await turns.both[1].sandboxes.index.leave()

    return ask


def _controlled_by_turns(exchange: Callable[..., Any]) -> Callable[..., Any]:
    def asked(control: Any, *words: Any) -> Any:
        turns = turns_of(control._app)
        if turns is None:
            return exchange(control, *words)
        own, control._app = control._app, turns.next()
        try:
            return exchange(control, *words)
        finally:
            control._app = own

    return asked


def _made_elsewhere(create: Callable[..., Any]) -> Callable[..., Any]:
    """A sandbox that a test makes in the process of a server is in the index of both."""

    def made(sandboxes: Any, name: str | None = None, **settings: Any) -> Any:
        loops: Sequence[Any] = [] if sandboxes.is_alone else sandboxes.store.worker.loops
        if not loops or is_inside():
            return create(sandboxes, name, **settings)
        return waited(sandboxes.default, sandboxes.make(name, **settings))

    return made


def _opened_here(get: Callable[..., Any]) -> Callable[..., Any]:
    """A sandbox that a test looks for in a server is opened there, whichever of the two has made it."""

    def opened(sandboxes: Any, name: str) -> Any:
        found = get(sandboxes, name)
        if found is not None or is_inside() or sandboxes.is_alone or not sandboxes.store.worker.loops:
            return found
        return waited(sandboxes.default, sandboxes.known(name))

    return opened


def _told_to_both(method: Callable[..., Any]) -> Callable[..., Any]:
    def told(server: Any, *words: Any) -> Any:
        turns = turns_of(server)
        if turns is not None:
            method(turns.both[1], *words)
        return method(server, *words)

    return told
