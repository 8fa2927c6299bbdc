"""The short way of the commonest requests, straight from the bytes that arrived to those of the answer.

Reading a job, and submitting one in JSON: an Exchange with a head and a body that are at hand, driven to its end at
once. Where its state has to be waited for, it goes on in a task. Everything else goes the long way: requests with a
query, other verbs, bodies that arrive in pieces or break the contract, HTTP/1.0, faults.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.answers import ResponseTemplate
from mockserver.api_state import SandboxApi
from mockserver.app.addresses import Addresses
from mockserver.app.api import Api
from mockserver.app.credentials import credential
from mockserver.app.exchange import Exchange
from mockserver.app.fields import FieldDict, by_name
from mockserver.app.incoming import Whole
from mockserver.app.overtaken import ENDED, overtaken_bytes
from mockserver.app.recording import record_at_once
from mockserver.app.request import IncomingRequest
from mockserver.bounds import ALIKE, ALIKE_COUNT, ALIKE_HEADERS
from mockserver.clock import date_line
from mockserver.errors import Closed, Overtaken, StateError
from mockserver.operations import Call, named_in_head
from mockserver.operations.matching import matching
from mockserver.sandbox import Sandbox
from mockserver.state.index_port import ClosedSandbox
from mockserver.state.port import Stale

Later = Callable[[bytes | None], None]
"""Who is given an answer that had to be waited for: an empty one when there is none, None to go the long way yet."""
KEPT = b"keep-alive"
HEADS = 1024
"""Whole heads that are remembered."""
_REQUEST_LINE = re.compile(rb"(GET|POST) (/[A-Za-z0-9/@._~-]+) HTTP/1\.1\r\n").match
_FIELD = re.compile(rb"([^:\r\n]++):([^\r\n]*+)\r\n").findall
_NAMES = {b"GET": "GET", b"POST": "POST"}


class BytesExchange(Whole):
    """A body that is at hand, and the answer as bytes."""

    __slots__ = ("whole",)

    def answer(self, call: Call, answer: ResponseTemplate, body: bytes, lines: bytes) -> None:
        date = date_line(int(call.now))
        self.whole = b"%bcontent-length: %d\r\n%b%b\r\n%b" % (answer.head, len(body), date, lines, body)

    def faults(self, exchange: Exchange) -> Any:
        raise AssertionError("such a request goes the long way")

    async def blob(self, call: Call) -> Any:
        raise AssertionError("such a request goes the long way")

    async def feed(self, feed: Any, reply: Any) -> Any:
        raise AssertionError("such a request goes the long way")

    def while_present(self, work: Any, *, ends: bool = False) -> Any:
        raise AssertionError("such a request goes the long way")


@dataclass(slots=True)
class Addressed:
    """Where a head leads, by the routes alone: the sandbox that its path names, and the vendor's own path."""

    api: Api
    name: str | None
    rest: str
    request: IncomingRequest


# A client that polls sends the same headers each time.
@lru_cache(maxsize=ALIKE_COUNT)
def _headers(fields: bytes) -> FieldDict:
    """Raises ValueError for so many that they are not worth remembering."""
    found = _FIELD(fields)
    if len(found) > ALIKE_HEADERS:
        raise ValueError(len(found))
    return by_name([(name.lower(), value.strip(b" \t")) for name, value in found])


def _read(exchange: Exchange, body: bytes) -> bool:
    """Only what fits the contract and asks for no fault: whatever else there is to say of it takes longer anyway."""
    side, operation = exchange.api, exchange.request.operation
    kind = exchange.request.headers.get(b"content-type", b"").decode("latin-1")
    values = exchange.entrance.at_once(operation, kind, body, side.off)
    if values is pointers.MISSING:
        return False
    if operation.id in side.tested:
        return False
    rows = matching(side, operation.id, values)
    if rows and any(row.fault is not None for row in rows):
        return False
    exchange.values, exchange.rows, exchange.body = values, rows, body
    return True


class _Record(NamedTuple):
    """What is written down of a request in a sandbox whose test asked for that."""

    addressed: Addressed
    api: SandboxApi
    body: bytes

    def add(self, answer: bytes) -> None:
        """Write it down with its answer."""
        request, sandbox = self.addressed.request, self.api.sandbox
        if sandbox.recorder is not None and isinstance(request.fields, bytes):
            where = self.api.contract.name, request.operation.id, request.method, self.addressed.rest, request.path
            record_at_once(sandbox.recorder, sandbox, *where, request.fields, self.body, answer)


class Suspended:
    """A coroutine that is waiting for something already; to await it is to wait for that, and to go on."""

    def __init__(self, way: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._way, self._waits_for = way, waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        waits_for = self._waits_for
        while True:
            thrown, got = None, None
            try:
                got = yield waits_for
            except BaseException as error:
                thrown = error
            try:
                waits_for = self._way.send(got) if thrown is None else self._way.throw(thrown)
            except StopIteration:
                return


class ShortWay:
    """What answers the commonest requests of a server; it is told of each that was answered: `after`."""

    def __init__(self, addresses: Addresses, after: Callable[[Sandbox], None]) -> None:
        self._addresses, self._after = addresses, after
        self._heads: dict[bytes, Addressed] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def forget(self) -> None:
        """Look anew where heads lead: an API was replaced."""
        self._heads.clear()

    def answer(self, request: bytes, end: int, client: str, later: Later | None = None) -> bytes | None:
        """The whole answer; None for a request that has to go the long way. The wire has judged the head lawful.

        The head ends at `end`; all that follows is the body, and all of it. Without bytes the answer is given `later`.
        """
        head = request[:end]
        addressed = self._heads.get(head) or self._address(head)
        if addressed is None:
            return None
        api, name, asked = addressed.api, addressed.name, addressed.request
        operation, given = asked.operation, asked.given
        sandbox = self._addresses.sandbox_of(api, operation, name, given)
        if sandbox is None:
            return None
        side = sandbox.apis[api.contract.name]
        if operation.id in side.faults.watched:
            return None
        body = request[end:]
        both = BytesExchange(body)
        exchange = Exchange(side, api.entrance_of(sandbox), asked, client, both, both)
        if operation.verb == "create":
            if not _read(exchange, body):
                return None
        elif body:
            return None
        recorded = None if sandbox.recorder is None else _Record(addressed, side, body)
        return self._drive(sandbox, exchange, both, later, recorded)

    def _address(self, head: bytes) -> Addressed | None:
        """Where a head leads; it is remembered, for a client that polls sends the same each time."""
        line = _REQUEST_LINE(head)
        if line is None or len(head) > ALIKE or not self._addresses.sandboxes.is_joined:
            return None
        fields, method, path = head[line.end() :], _NAMES[line[1]], line[2].decode()
        try:
            headers = _headers(fields)
        except ValueError:
            return None
        name, rest, api = self._addresses.address(path, headers)
        match = None if api is None else api.routes.match(rest)
        operation = None if match is None else match[0].methods.get(method)
        if api is None or match is None or operation is None or operation.id not in api.short:
            return None
        if headers.get(b"connection", KEPT) != KEPT or b"origin" in headers or b"expect" in headers:
            return None  # a page's request: its answer says who may read it
        if b"content-encoding" in headers:
            return None
        given = credential(operation, headers)
        pairs, named = tuple(headers.items()), named_in_head(operation, match[1])
        asked = IncomingRequest(operation, match[1], method, path, b"", headers, fields, pairs, given, named)
        if len(self._heads) >= HEADS:
            self._heads.clear()
        self._heads[head] = addressed = Addressed(api, name, rest, asked)
        return addressed

    def _drive(
        self, sandbox: Sandbox, exchange: Exchange, out: BytesExchange, later: Later | None, record: _Record | None
    ) -> bytes | None:
        """Go as far as nothing has to be waited for: with a state in this process, to the end."""
        way = exchange.run()
        try:
            waits_for = way.send(None)
        except StopIteration:
            if record is not None:
                record.add(out.whole)
            self._after(sandbox)
            return out.whole
        except Stale:
            return None
        assert later is not None, "who asks so is to be answered at once"
        task = asyncio.get_running_loop().create_task(
            self._go_on(sandbox, exchange, Suspended(way, waits_for), out, later, record)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return b""

    async def _go_on(
        self, sandbox: Sandbox, exchange: Exchange, way: Suspended, out: BytesExchange, later: Later,
        record: _Record | None,
    ) -> None:  # fmt: skip
        whole: bytes | None = b""
        try:
            with sandbox.generation:
                await way
            whole = out.whole
            if record is not None:
                record.add(out.whole)
            self._after(sandbox)
        except Stale:
            whole = None
            with suppress(Closed, StateError):  # which the long way will find out
                await sandbox.refresh()
        except ENDED as overtaken:
            is_late = isinstance(overtaken, Overtaken) and (not exchange.has_begun or await self._is_closed(sandbox))
            whole = None if is_late else overtaken_bytes(overtaken, sandbox.clock.now())
        finally:
            later(whole)

    async def _is_closed(self, sandbox: Sandbox) -> bool:
        """Whether it was closed, be it elsewhere: then the long way notes that a request came too late."""
        with suppress(StateError):
            return isinstance(await self._addresses.sandboxes.find(sandbox.name), ClosedSandbox)
        return False
