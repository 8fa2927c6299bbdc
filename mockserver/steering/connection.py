"""Requests to the control API: the standard library alone, keep-alive, from any thread.

What it needs of `socket` and `http.client` is bound when this module is imported: a test that replaces time or
sends calls elsewhere must never reach the one that controls it.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from types import MappingProxyType
from urllib.parse import quote, urlencode, urlsplit

from mockserver.errors import MockserverError, UsageError, is_on_purpose
from mockserver.json_types import Json, JsonValue
from mockserver.reprs import brief

__tracebackhide__ = is_on_purpose

_socket = socket.socket
_NO_DELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
_IDLE = 8
TIMEOUT = 60.0
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class ControlError(UsageError):
    """The control API refused: `status`, its sentence as the message, and its whole `problem` document."""

    def __init__(self, status: int, sentence: str, problem: Json) -> None:
        self.status = status
        self.problem = problem
        super().__init__(sentence)


class Unreachable(MockserverError):
    """No server answers at that URL."""


for _error in (ControlError, Unreachable):
    _error.__module__ = "mockserver.steering"  # where they are imported from, and short in a report


class _Connection(HTTPConnection):
    """A connection that dials by itself, with what was bound at import."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._context = context

    def connect(self) -> None:
        sock = _socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.settimeout(TIMEOUT)
            sock.connect((self.host, self.port))
            sock.setsockopt(*_NO_DELAY)
            self.sock = self._context.wrap_socket(sock, server_hostname=self.host) if self._context else sock
        except BaseException:
            sock.close()
            raise

    def is_stale(self) -> bool:
        """Whether the server hung up while the connection lay idle."""
        try:
            self.sock.setblocking(False)
            self.sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            self.sock.settimeout(TIMEOUT)
            return False
        except OSError:
            pass
        return True


class Control:
    """The control API of one server; `token` is what a server beyond loopback wants, `ca_pem` whom to trust."""

    def __init__(self, url: str, token: str | None = None, *, ca_pem: bytes | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{url!r} is no URL of a server; write it like http://127.0.0.1:8000")
        self.url = url.rstrip("/")
        self._host, self._port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
        self._prefix = parts.path.rstrip("/") + "/_mock"
        self._context = _trusting(ca_pem) if parts.scheme == "https" else None
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._idle: deque[_Connection] = deque()
        self._process = os.getpid()
        self._is_closed = False

    def __repr__(self) -> str:
        return brief("Control", self.url)

    def get(self, *path: str, **query: JsonValue) -> JsonValue:
        """GET a resource, its parts percent-encoded. Raises ControlError and Unreachable."""
        return self.request("GET", *path, query=query)

    def request(self, method: str, *path: str, body: JsonValue = None, query: Json | None = None) -> JsonValue:
        """The JSON of an answer; None when it has none. Raises ControlError and Unreachable."""
        target = "/".join((self._prefix, *(quote(part, safe="") for part in path)))
        parameters = {name: value for name, value in (query or {}).items() if value is not None}
        target += "?" + urlencode(parameters) if parameters else ""
        data = None if body is None and method in ("GET", "DELETE") else json.dumps(body or {}).encode()
        status, answer = self._exchange(method, target, data)
        found = _json(answer)
        if status >= 400:
            raise _refused(status, f"{method} {target}", found)
        return found

    def stream(self, *path: str, headers: Mapping[str, str] = NO_HEADERS) -> Iterator[str]:
        """The lines of an answer as they come, on a connection of its own. Raises ControlError and Unreachable."""
        target = "/".join((self._prefix, *(quote(part, safe="") for part in path)))
        connection = _Connection(self._host, self._port, self._context)
        try:
            connection.request("GET", target, headers={**self._headers, **headers})
            response = connection.getresponse()
            if response.status >= 400:
                raise _refused(response.status, f"GET {target}", _json(response.read()))
            while line := response.readline():
                yield line.decode().rstrip("\r\n")
        except (OSError, HTTPException) as error:
            raise Unreachable(f"no mockserver answers at {self.url}: {error!r}") from None
        finally:
            connection.close()

    def close(self) -> None:
        """Hang up; a later request dials for itself alone, so that nothing is left open."""
        self._is_closed = True
        self._hang_up()

    def _hang_up(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _exchange(self, method: str, target: str, data: bytes | None) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request(method, target, data, self._headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, HTTPException) as error:
            connection.close()
            raise Unreachable(f"no mockserver answers at {self.url}: {error!r}") from None
        if response.will_close or len(self._idle) >= _IDLE:
            connection.close()
        else:
            self._idle.append(connection)
            if self._is_closed:  # by now: another thread may do so meanwhile
                self._hang_up()
        return response.status, answer

    def _connection(self) -> _Connection:
        if self._process != os.getpid():  # a fork: both processes would read from the connections kept so far
            self._process = os.getpid()
            self._hang_up()
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return _Connection(self._host, self._port, self._context)
            if not connection.is_stale():
                return connection
            connection.close()


def _refused(status: int, request: str, value: JsonValue) -> ControlError:
    problem = value if isinstance(value, dict) else {}
    sentence = problem.get("detail") or problem.get("title") or f"{request} was answered {status}"
    return ControlError(status, str(sentence), problem)


def if_known(ask: Callable[[], JsonValue]) -> JsonValue:
    """What is asked for; None when the server does not know the address."""
    try:
        return ask()
    except ControlError as error:
        if error.status == 404:
            return None
        raise


def _trusting(ca_pem: bytes | None) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=ca_pem.decode() if ca_pem else None)


def _json(answer: bytes) -> JsonValue:
    try:
        return json.loads(answer) if answer else None
    except (ValueError, RecursionError):
        return None
