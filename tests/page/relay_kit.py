"""A line between a browser and a server that can be cut: what goes over it breaks off, and nobody gets through."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from wire_kit import PATIENCE


class Relay:
    """Takes connections at `url` and hands on what they say to a server, in both directions."""

    def __init__(self, target: str) -> None:
        self._target = (urlsplit(target).hostname, urlsplit(target).port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock, self._open, self._is_cut = threading.Lock(), set[socket.socket](), False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break off all that goes over it, and let nobody through."""
        with self._lock:
            self._is_cut, ended = True, [*self._open]
            self._open.clear()
        for each in ended:
            _end(each)

    def mend(self) -> None:
        """Let everybody through again."""
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        _end(self._listener)
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                self._join(self._listener.accept()[0])

    def _join(self, client: socket.socket) -> None:
        with self._lock:
            if self._is_cut:
                return _end(client)
            server = socket.create_connection(self._target, timeout=PATIENCE)
            server.settimeout(None)
            self._open |= {client, server}
        for one, other in ((client, server), (server, client)):
            threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()
        return None


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while piece := one.recv(1 << 16):
            other.sendall(piece)
    _end(other)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@contextmanager
def relay(target: str) -> Iterator[Relay]:
    """A line to a server."""
    made = Relay(target)
    try:
        yield made
    finally:
        made.close()
