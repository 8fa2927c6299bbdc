"""The servers behind `mock`: for each choice of contracts one in this process, shared until the process ends.

A forked child begins with none: the threads of its parent's servers did not come along.
"""

from __future__ import annotations

import atexit
import os
import threading
from contextlib import AbstractContextManager, ExitStack

from mockserver.errors import is_on_purpose
from mockserver.inbox import Receiver
from mockserver.testing.proxies import Bypass
from mockserver.testing.session import Session
from mockserver.testing.tools import new_receiver
from mockserver.testing.wanted import Choice

__tracebackhide__ = is_on_purpose


class Servers:
    """Everything that uses of one process share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[Choice, Session] = {}
        self._receiver: Receiver | None = None
        self._proxies = Bypass()
        self.patching = threading.Lock()  # held by the one use that replaces functions of this process
        self.patches = ExitStack()  # by which they are put back

    def session(self, choice: Choice) -> Session:
        """The server of a choice. Raises ContractError, UsageError and Unreachable where none comes of it."""
        contracts, url, token = choice
        with self._lock:
            found = self._sessions.get(choice)
            if found is None or not found.is_up:
                found = self._sessions[choice] = Session.begin(contracts, url=url, token=token)
            return found

    def receiver(self) -> Receiver:
        """Where webhooks arrive. Raises UsageError where trustme is not installed."""
        with self._lock:
            if self._receiver is None:
                self._receiver = new_receiver()
            return self._receiver

    def bypassed(self, url: str) -> AbstractContextManager[None]:
        """No request to a URL goes through a proxy that the environment names."""
        return self._proxies.of(url)

    def end(self) -> None:
        """Stop them all; put back what a use replaced that never ended."""
        self.patches.close()
        for session in self._sessions.values():
            session.stop()
        if self._receiver is not None:
            self._receiver.end()


_servers = Servers()


def servers() -> Servers:
    """Those of this process."""
    return _servers


def _begin_anew() -> None:
    global _servers
    _servers = Servers()


atexit.register(lambda: _servers.end())
if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_begin_anew)
