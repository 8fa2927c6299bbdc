"""One request to a live server, one answer: paced, and never more paid jobs than allowed."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import SplitResult, urlsplit

from mockserver import clock
from mockserver.answers import is_refusal
from mockserver.contract import Contract, Operation
from mockserver.errors import UsageError
from mockserver.live.credentials import Credentials, token_request
from mockserver.live.match_example import recognise
from mockserver.live.reply import LiveReply, read_reply
from mockserver.live.throttle import Pace

TIMEOUT = 30.0


class Spent(UsageError):
    """As many paid jobs as allowed were created already."""


class OutOfTime(Spent):
    """The time that a run may take is over."""


Sender = Callable[[str, str, Sequence[tuple[str, str]], bytes], LiveReply]


@dataclass
class Live:
    """An API at `url` (the vendor's origin; the vendor's own path is appended to it).

    `created` counts the jobs that requests of this client created, those that may have been among them: beyond
    `max_jobs` paid ones `ask` raises Spent. Nothing is asked after `until`, which `clock.monotonic` tells.
    `has_limits` is False where limits were switched off, so that no answer tells of them.
    """

    contract: Contract
    url: str
    credentials: Credentials
    max_jobs: int | None = None
    sleep: Callable[[float], object] = clock.sleep
    is_paced: bool = True
    has_limits: bool = True
    created: int = 0
    until: float | None = None
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._parts = check_url(self.url)
        self.pace = Pace(self.sleep, clock.wall)

    def request(self, method: str, path: str, headers: Sequence[tuple[str, str]] = (), body: bytes = b"") -> LiveReply:
        """Ask for a vendor's own path. Raises OSError and HTTPException where no answer comes, OutOfTime."""
        self._be_in_time(self.pace.owed if self.is_paced else 0.0)
        if self.is_paced:
            self.pace.before()
        host = (self._parts.hostname or "").rstrip(".")  # the vendor's own does not have what stands before paths there
        target = self._parts.path.rstrip("/") + path.removeprefix(self.contract.hosts.get(host, ""))
        reply = self._exchange(method, target, headers, body)
        self.pace.after(reply.headers)
        return reply

    def ask(
        self, operation: Operation | None, method: str, path: str,
        headers: Sequence[tuple[str, str]] = (), body: bytes = b"",
    ) -> LiveReply:  # fmt: skip
        """As `request`, for an operation: counts the jobs it creates. Raises Spent instead of creating one too many."""
        if operation is None or not self._is_paid(operation):
            return self.request(method, path, headers, body)
        if self.max_jobs is not None and self.created >= self.max_jobs:
            raise Spent(f"{self.max_jobs} paid jobs were created; --max-jobs allows no more")
        self._be_in_time(self.pace.owed if self.is_paced else 0.0)
        self.created += 1  # before it is sent: if no answer comes, there may be a job all the same
        reply = self.request(method, path, headers, body)
        self.created -= self._is_refused(operation, reply)
        return reply

    def wait(self, seconds: float) -> None:
        """Let time pass for the server. Raises OutOfTime instead of waiting for too long."""
        self._be_in_time(seconds)
        self.close()  # a server hangs up on who is silent for long, and a POST on that connection would be lost
        self.sleep(seconds)

    def reach(self) -> None:
        """Raises UsageError when nobody is there."""
        self.close()
        try:
            self._connected().connect()
        except OSError as error:
            raise UsageError(f"{self.url} does not answer: {type(error).__name__}: {error}") from None
        finally:
            self.close()

    def _be_in_time(self, seconds: float) -> None:
        real = seconds if self.sleep is clock.sleep else 0.0
        if self.until is not None and clock.monotonic() + real >= self.until:
            raise OutOfTime("the time that the run may take is over")

    def _is_refused(self, operation: Operation, reply: LiveReply) -> bool:
        """Whether an answer says that no job was made; a gateway's 5xx does not."""
        names = recognise(self.contract, operation, reply.status, reply.json)
        is_named = any(is_refusal(self.contract, operation, name) for name in names)
        return 400 <= reply.status < 500 or is_named

    def _is_paid(self, operation: Operation) -> bool:
        """Whether an operation starts work: its resource changes by itself or has a price."""
        made = [self.contract.resources[name] for name in operation.resources]
        return operation.verb == "create" and any(r.run is not None or r.cost or r.cost_of for r in made)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes) -> LiveReply:
        for attempt in (1, 2):
            kept, connection = self._connection is not None, self._connected()
            try:
                _send(connection, method, target, headers, body)
                return read_reply(connection.getresponse())
            except (ConnectionError, http.client.RemoteDisconnected):
                self.close()
                if attempt == 2 or not kept or method not in ("GET", "HEAD", "OPTIONS"):
                    raise
            except (OSError, http.client.HTTPException):
                self.close()
                raise
        raise AssertionError("the second attempt answers or raises")

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            host, port = self._parts.hostname or "", self._parts.port
            if self._parts.scheme == "https":
                context = ssl.create_default_context()
                self._connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
            else:
                self._connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        return self._connection


def check_url(url: str) -> SplitResult:
    """The parts of a URL. Raises UsageError for one that leads to no server."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} is no URL of a server; write https://host or http://127.0.0.1:8000/NAME")
    return parts


def _send(
    connection: http.client.HTTPConnection, method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes
) -> None:
    connection.putrequest(method, target or "/", skip_accept_encoding=True)
    ours = {"host", "content-length", "transfer-encoding", "connection"}
    for name, value in headers:
        if name.lower() not in ours:
            connection.putheader(name, value.encode("utf-8", "surrogateescape"))
    if body or method in ("POST", "PUT", "PATCH"):
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)


def live(contract: Contract, url: str, credentials: Credentials, **options: Any) -> Live:
    """A client with a fresh token where the contract issues them. Raises UsageError when the server gives none."""
    made = Live(contract, url, credentials, **options)
    asked = token_request(contract, credentials) if credentials.token is None else None
    if asked is not None:
        issuer, body, kind = asked
        made.reach()
        reply = made.request(issuer.method, issuer.path, [("Content-Type", kind)], body)
        token = reply.json.get("access_token") if isinstance(reply.json, dict) else None
        if reply.status != 200 or not isinstance(token, str):
            made.close()
            raise UsageError(f"{url} gave no token: {reply.status} {reply.body[:200]!r}")
        made.credentials = replace(credentials, token=token)
    return made


def fetch(
    url: str, method: str = "GET", headers: Sequence[tuple[str, str]] = (), body: bytes = b"", timeout: float = TIMEOUT
) -> LiveReply:
    """Ask for a URL as anybody, without following redirects; status 0 and the reason when no answer comes.

    `timeout` is in seconds, for each step of the way.
    """
    try:
        parts = check_url(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        try:
            _send(connection, method, parts.path + (f"?{parts.query}" if parts.query else ""), headers, body)
            return read_reply(connection.getresponse())
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, UsageError) as error:
        return LiveReply(0, {}, str(error).encode())
