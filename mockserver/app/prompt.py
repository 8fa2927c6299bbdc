"""The short way of the hottest request: reading a job, straight from the bytes of its head to those of its answer.

It goes through the same stages in the same order as an Exchange, and leaves everything else to it: requests with
a query or a body, other verbs, HTTP/1.0, armed faults, stores that must be waited for.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mockserver.app.credentials import credential
from mockserver.app.exchange import admit, refusal, told_limits
from mockserver.clock import date_line, monotonic, perf_counter
from mockserver.contract import Operation
from mockserver.journal import KEPT_BYTES
from mockserver.operations import Call, Refused
from mockserver.operations.show import shown
from mockserver.sandbox import Sandbox
from mockserver.store import MemoryStore

if TYPE_CHECKING:
    from mockserver.app.application import Mockserver

Headers = dict[bytes, bytes]
KEPT = b"keep-alive"
_REQUEST_LINE = re.compile(rb"GET (/[A-Za-z0-9/@._~-]+) HTTP/1\.1\r\n").match
_FIELD = re.compile(rb"([^:\r\n]+):[ \t]*([^\r\n]*?)[ \t]*\r\n").findall


def answer_at_once(server: Mockserver, head: bytes, client: str) -> bytes | None:
    """The whole answer; None for a request that has to go the long way. The wire has judged the head lawful."""
    line = _REQUEST_LINE(head)
    if line is None:
        return None
    fields = head[line.end() :]
    headers = _headers(fields)
    path = line[1].decode()
    name, rest, api = server.address(path, headers)
    match = None if api is None else api.routes.match(rest)
    operation = None if match is None else match[0].methods.get("GET")
    if api is None or match is None or operation is None or headers.get(b"connection", KEPT) != KEPT:
        return None
    if operation.verb != "show" or operation.id_at is not None or api.entrance.queries[operation.id]:
        return None
    given = credential(operation, headers)
    prefixed = name is not None
    if given is not None and not prefixed:
        name = server.claimed(api, operation, given)
    sandbox = server.sandboxes.default if name is None else server.named(name, prefixed)
    if sandbox is None:
        return None
    return _answer(server, sandbox, api.contract.name, operation, match[1], path, client, given, fields)


# A client that polls sends the same headers each time.
@lru_cache(maxsize=256)
def _headers(fields: bytes) -> Headers:
    return {name.lower(): value for name, value in _FIELD(fields)}


def _answer(
    server: Mockserver, sandbox: Sandbox, api: str, operation: Operation, values: tuple[str, ...], path: str,
    client: str, given: str | None, fields: bytes,
) -> bytes | None:  # fmt: skip
    side = sandbox.apis[api]
    store = side.store
    if operation.id in side.faults.watched or not isinstance(store, MemoryStore):
        return None
    started = perf_counter()
    sandbox.used = monotonic()
    sandbox.clock.tick()
    call = Call(side, operation, sandbox.clock.now(), values, sandbox.journal.next())
    why = ""
    try:
        admit(call, client, given)
        answer = shown(call, values[0], store.peek(values[0]))
    except Refused as refused:
        answer, why = refusal(call, refused.problem, refused.why, refused.field)
    body = answer.body(call)
    limits = b"".join([b"%s: %s\r\n" % line for line in told_limits(call)])
    now = int(call.now)
    hidden, kept, named = sandbox.redaction, body, values[0]
    if why or call.job is None or call.job.kept is not None:  # else nothing that a client wrote stands in it
        kept, path, why = hidden.answer(body), hidden.text(path), hidden.text(why)
        named = hidden.text(named)
    elif b"signature=" in body:
        kept = hidden.links(body)
    if len(kept) > KEPT_BYTES:
        kept = kept[:KEPT_BYTES]
    account = call.account.id if call.account is not None else ""
    sent = (hidden.head(fields, _headers(fields).items()),)
    answered = (answer.head, limits, kept, len(body))
    taken = perf_counter() - started
    sandbox.journal.add((
        call.entry, call.now, "request", api, operation.id, "GET", path, answer.status, answer.name, why, taken, None,
        account, named, sent, answered,
    ), len(kept))  # fmt: skip
    server.after(sandbox)
    return b"%bcontent-length: %d\r\n%b%b\r\n%b" % (answer.head, len(body), date_line(now), limits, body)
