"""Two servers in the place of each one that a test makes, over one engine: requests come to them by turns.

Both are in the test's process, each with a connection, homes and memories of its own. What a test reads of a server, it
reads of the first one.
"""

from __future__ import annotations

import os
from itertools import count
from typing import Any

import pytest
from steered_kit import is_inside, waited

from mockserver.app import Mockserver
from mockserver.launch import _LocalControl
from mockserver.sandboxes import Sandboxes
from mockserver.stores.redis.served import ServedStore

BOTH = ("replace", "stopped", "measured", "_set_base")
"""What both are told by whoever has one."""


class SpaceStore(ServedStore):
    """A store of two servers alone."""

    def __init__(self, url: str, space: str) -> None:
        super().__init__(url, "")
        self.worker.space = space


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


def take_turns(url: str, patch: pytest.MonkeyPatch) -> None:
    """From now on."""
    spaces = count(1)
    init, call = Mockserver.__init__, Mockserver.__call__

    def make(server: Any, contracts: Any, settings: Any = None, *, has_wire: bool = True, store: Any = None) -> None:
        if store is not None:
            init(server, contracts, settings, has_wire=has_wire, store=store)
            return
        space = f"{os.getpid()} {next(spaces)}"
        other = object.__new__(Mockserver)
        for each in (server, other):
            init(each, contracts, settings, has_wire=has_wire, store=SpaceStore(url, space))
        server.turns = Turns(server, other)
        server.at_once = server.turns.at_once

    async def ask(server: Any, scope: Any, receive: Any, send: Any) -> None:
        turns = vars(server).get("turns")
        if turns is None:
            await call(server, scope, receive, send)
        elif scope["type"] == "http":
            await call(turns.next(), scope, receive, send)
        else:
            await call(turns.both[0], scope, receive, send)
            turns.both[1].sandboxes.end()
            await turns.both[1].sandboxes.index.leave()

    patch.setattr(Mockserver, "__init__", make)
    patch.setattr(Mockserver, "__call__", ask)
    for name in BOTH:
        patch.setattr(Mockserver, name, _told_to_both(getattr(Mockserver, name)))
    exchange = _LocalControl._exchange

    def by_turns(control: Any, *words: Any) -> Any:
        turns = vars(control._app).get("turns")
        if turns is None:
            return exchange(control, *words)
        own, control._app = control._app, turns.next()
        try:
            return exchange(control, *words)
        finally:
            control._app = own

    patch.setattr(_LocalControl, "_exchange", by_turns)
    create = Sandboxes.create

    def created(sandboxes: Any, name: str | None = None, **settings: Any) -> Any:
        loops = [] if sandboxes.is_alone else sandboxes.store.worker.loops
        if not loops or is_inside():
            return create(sandboxes, name, **settings)
        return waited(sandboxes.default, sandboxes.make(name, **settings))

    patch.setattr(Sandboxes, "create", created)


def _told_to_both(method: Any) -> Any:
    def told(server: Any, *words: Any) -> Any:
        turns = vars(server).get("turns")
        if turns is not None:
            method(turns.both[1], *words)
        return method(server, *words)

    return told
