"""The short way of the hottest request: reading a job, straight from the bytes of its head to those of its answer.

It goes through the same stages in the same order as an Exchange, and leaves everything else to it: requests with
a query or a body, other verbs, HTTP/1.0, armed faults, stores that must be waited for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockserver.app.credentials import claimed_sandbox, credential
from mockserver.app.exchange import admit, refusal, told_limits
from mockserver.clock import date_line, monotonic, perf_counter
from mockserver.contract import Operation
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
    headers = {name.lower(): value for name, value in _FIELD(head, line.end())}
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
        name = server.sandboxes.by_credential(api.contract.name, given) or claimed_sandbox(operation, given)
    sandbox = server.sandboxes.default if name is None else server.named(name, prefixed)
    if sandbox is None:
        return None
    return _answer(server, sandbox, api.contract.name, operation, match[1], path, client, given)


def _answer(
    server: Mockserver, sandbox: Sandbox, api: str, operation: Operation, values: tuple[str, ...], path: str,
    client: str, given: str | None,
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
    taken = perf_counter() - started
    sandbox.journal.add((
        call.entry, call.now, "request", api, operation.id, "GET", path, answer.status, answer.name, why, taken, None,
    ))  # fmt: skip
    server.after(sandbox)
    return b"%bcontent-length: %d\r\n%b%b\r\n%b" % (answer.head, len(body), date_line(now), limits, body)
