"""The short way of the commonest requests, straight from the bytes that arrived to those of the answer.

Reading a job, and submitting one in JSON. They go through the same stages in the same order as an Exchange, which
answers everything else: requests with a query, other verbs, bodies that arrive in pieces or break the contract,
HTTP/1.0, faults, stores that must be waited for.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import getsizeof
from typing import TYPE_CHECKING, Any

from mockserver import pointers
from mockserver.answers import Answer
from mockserver.api_state import SandboxApi
from mockserver.app.capture import bodies, named
from mockserver.app.credentials import credential
from mockserver.app.exchange import admit, own_headers, refusal
from mockserver.app.fields import Headers, by_name
from mockserver.app.recording import record_at_once
from mockserver.bounds import ALIKE, ALIKE_COUNT, ALIKE_HEADERS, ENTRY, PATH, SENTENCE, cut
from mockserver.clock import date_line, monotonic, perf_counter
from mockserver.contract import Contract, Match, Operation
from mockserver.errors import let_go
from mockserver.operations import Call, Refused, perform
from mockserver.operations.create import matching
from mockserver.request_log import RequestLog
from mockserver.statuses import BODILESS
from mockserver.store import MemoryStore

if TYPE_CHECKING:
    from mockserver.app.application import Api, Mockserver

Way = Callable[["Mockserver", "Api", SandboxApi, "Arrived"], bytes | None]
KEPT = b"keep-alive"
_REQUEST_LINE = re.compile(rb"(GET|POST) (/[A-Za-z0-9/@._~-]+) HTTP/1\.1\r\n").match
_FIELD = re.compile(rb"([^:\r\n]++):([^\r\n]*+)\r\n").findall
_NAMES = {b"GET": "GET", b"POST": "POST"}


@dataclass(slots=True)
class Arrived:
    """A request as it arrived, and where it leads."""

    operation: Operation
    values: tuple[str, ...]
    method: str
    path: str
    client: str
    given: str | None
    fields: bytes
    headers: Headers
    body: bytes


def answer_at_once(server: Mockserver, request: bytes, end: int, client: str) -> bytes | None:
    """The whole answer; None for a request that has to go the long way. The wire has judged the head lawful.

    The head ends at `end`; all that follows is the body, and all of it.
    """
    line = _REQUEST_LINE(request)
    if line is None:
        return None
    fields, method, path = request[line.end() : end], _NAMES[line[1]], line[2].decode()
    if len(fields) > ALIKE:
        return None
    try:
        headers = _headers(fields)
    except ValueError:
        return None
    name, rest, api = server.address(path, headers)
    match = None if api is None else api.routes.match(rest)
    operation = None if match is None else match[0].methods.get(method)
    if api is None or match is None or operation is None:
        return None
    if headers.get(b"connection", KEPT) != KEPT or b"origin" in headers:  # the answer to a page says who may read it
        return None
    way = api.ways.get(operation.id)
    if way is None:
        return None
    given = credential(operation, headers)
    prefixed = name is not None
    if given is not None and not prefixed:
        name = server.claimed(api, operation, given)
    sandbox = server.sandboxes.default if name is None else server.named(name, prefixed)
    if sandbox is None:
        return None
    side = sandbox.apis[api.contract.name]
    if operation.id in side.faults.watched or not isinstance(side.store, MemoryStore):
        return None
    arrived = Arrived(operation, match[1], method, path, client, given, fields, headers, request[end:])
    answer = way(server, api, side, arrived)
    return answer if sandbox.requests is None else _recorded(sandbox.requests, side, arrived, rest, answer)


def _recorded(log: RequestLog, side: SandboxApi, arrived: Arrived, rest: str, answer: bytes | None) -> bytes | None:
    if answer is None:
        return None
    where = side.contract.name, arrived.operation.id, arrived.method, rest, arrived.path
    record_at_once(log, side.sandbox, *where, arrived.fields, arrived.body, answer)
    return answer


# A client that polls sends the same headers each time.
@lru_cache(maxsize=ALIKE_COUNT)
def _headers(fields: bytes) -> Headers:
    """Raises ValueError for so many that they are not worth remembering."""
    found = _FIELD(fields)
    if len(found) > ALIKE_HEADERS:
        raise ValueError(len(found))
    return by_name([(name.lower(), value.strip(b" \t")) for name, value in found])


def _reading(server: Mockserver, api: Api, side: SandboxApi, arrived: Arrived) -> bytes | None:
    return None if arrived.body else _answer(server, side, arrived, None, None)


def _creating(server: Mockserver, api: Api, side: SandboxApi, arrived: Arrived) -> bytes | None:
    """Only what fits the contract and asks for no fault: whatever else there is to say of it takes longer anyway."""
    operation, headers = arrived.operation, arrived.headers
    if b"expect" in headers or b"content-encoding" in headers:
        return None
    kind = headers.get(b"content-type", b"").decode("latin-1")
    values = api.entrance_of(side.sandbox).at_once(operation, kind, arrived.body, side.off)
    if values is pointers.MISSING:
        return None
    rows = matching(side, operation.id, values)
    if rows and any(row.fault is not None for row in rows):
        return None
    return _answer(server, side, arrived, values, rows)


def _waits(operation: Operation) -> bool:
    """Whether what a request names may have to be drawn first, in a thread."""
    return bool(operation.results) or any(not reference.listed for reference in operation.references)


_WAYS: Mapping[str, Way] = {"show": _reading, "create": _creating}


def ways(contract: Contract) -> Mapping[str, Way]:
    """The operations whose requests may go the short way, and how."""
    return {o.id: _WAYS[o.verb] for o in contract.operations.values() if o.verb in _WAYS and _is_short(o)}


def _is_short(operation: Operation) -> bool:
    if operation.id_at is not None or any(each.where != "path" for each in operation.parameters):
        return False
    if any(example.status in BODILESS for several in operation.examples.values() for example in several):
        return False
    return operation.verb == "show" or not (operation.security.kind == "signed" or _waits(operation))


def _driven(work: Coroutine[Any, Any, Answer | None]) -> Answer:
    """What a coroutine gives that has nothing to wait for, such as a store in this process."""
    try:
        work.send(None)
    except StopIteration as done:
        answer: Answer = done.value
        return answer
    raise RuntimeError("a store in this process had to be waited for")


def _answer(server: Mockserver, side: SandboxApi, arrived: Arrived, values: Any, rows: Sequence[Match] | None) -> bytes:
    sandbox = side.sandbox
    started = perf_counter()
    sandbox.used = monotonic()
    sandbox.clock.tick()
    call = Call(side, arrived.operation, sandbox.clock.now(), arrived.values, sandbox.journal.next())
    why, read = "", b""
    try:
        admit(call, arrived.client, arrived.given)
        call.values, call.rows, read = values, rows, arrived.body
        if read:
            call.weight = len(read) if read.isascii() and read.find(b"\\u") < 0 else 4 * len(read)
        answer = _driven(perform(call))
    except Refused as refused:
        answer, why = refusal(call, refused.problem, refused.why, refused.field)
        let_go(refused)
    body = call.body(answer)
    own = own_headers(call, answer)
    more = b"".join([b"%s: %s\r\n" % line for line in own]) if own else b""
    answered = answer.head, more, body, len(body)
    _enter(call, arrived, read, answered, (answer.status, answer.name, why), started)
    if call.posting is not None:
        sandbox.outbox.post(
            call.posting
        )  # what it starts comes after the answer: nothing is waited for until that is written
    server.after(sandbox)
    return b"%bcontent-length: %d\r\n%b%b\r\n%b" % (answer.head, len(body), date_line(int(call.now)), more, body)


def _enter(
    call: Call, arrived: Arrived, read: bytes, answered: Any, outcome: tuple[int, str, str], started: float
) -> None:
    """The entry of the journal, as `capture` makes it of a Starlette scope; `read` is the body that was looked at."""
    sandbox, path, (status, example, why) = call.api.sandbox, arrived.path, outcome
    hidden = sandbox.redaction
    job, weight = call.job.id if call.job is not None else named(call, hidden), ENTRY
    if why or call.job is None:
        path, why = cut(hidden.text(path), PATH), cut(hidden.text(why), SENTENCE)
        weight += getsizeof(why)
    text, answered = bodies(hidden, call, read, answered)
    if text:
        weight += getsizeof(text)
    heads, more = hidden.shared(arrived.fields, arrived.headers.items())
    sent = (heads, "", len(arrived.body), text, zlib.crc32(read)) if arrived.body else (heads,)
    account = call.account.id if call.account is not None else ""
    sandbox.journal.add((
        call.entry, call.now, "request", call.api.contract.name, arrived.operation.id, arrived.method, path, status,
        example, why, perf_counter() - started, None, account, job, sent, answered,
    ), weight + more + len(path) + len(answered[1]) + len(answered[2]))  # fmt: skip
