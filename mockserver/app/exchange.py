"""One request to an API, from its operation to its answer: one straight way, in the fixed order of refusals.

The application has already found the API, the route and the sandbox.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.answers import Answer
from mockserver.api_state import SandboxApi
from mockserver.app.capture import Answered, capture
from mockserver.app.credentials import basic, check_signature, identify
from mockserver.app.fields import Headers
from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.app.presence import while_present
from mockserver.app.reading import Entrance
from mockserver.app.sending import Send, bytes_reply, send_answer, send_reply
from mockserver.clock import perf_counter
from mockserver.contract import Operation
from mockserver.errors import EmptyFile, RequestError, StorageError, let_go
from mockserver.journal import violation
from mockserver.operations import Breach, Call, Refused, perform
from mockserver.ratelimit import headers as limit_headers
from mockserver.ratelimit import tighter

NO_ROOM = b"HTTP/1.1 507 Insufficient Storage\r\n"


def admit(call: Call, client: str, given: str | None) -> None:
    """Limits of the address, credentials, limits of the account. Raises Refused."""
    count(call, "ip", client)
    call.account = account = identify(call.api, call.operation, given, call.now)
    if account is not None:
        count(call, "account", account.id)


def count(call: Call, per: str, caller: str) -> None:
    """Count a request against the limits of a kind; the tightest of all shows. Raises Refused."""
    limits = call.api.limits(call.operation.id, per)
    if limits is None:
        return
    hit = call.api.limiter.hit(limits, caller, call.now)
    call.hit = tighter(call.hit, hit)
    if hit.refused:
        raise Refused("rate_limited", f"the limit {hit.limit.name} was passed")


def refusal(call: Call, problem: str, why: str, field: str) -> tuple[Answer, str]:
    """The answer that refuses, and why."""
    call.why, call.field = why, field
    table = call.api.table
    return table[call.operation.id].get(problem) or table[""]["malformed_request"], why or problem


def unable(call: Call, why: str) -> tuple[Answer, str]:
    """The answer when there is no room for what was sent: the API's own, else 507 in the form of its refusals."""
    call.why = why
    own = call.api.table[call.operation.id].get("server_error")
    if own is not None:
        return own, why
    refusal = call.api.table[""]["malformed_request"]
    head = NO_ROOM + refusal.head.partition(b"\r\n")[2]
    return replace(refusal, name="server_error", status=507, head=head), why


def own_headers(call: Call, answer: Answer) -> Sequence[tuple[bytes, bytes]]:
    """The headers of an answer that are this call's own: facts, the limit that was hit, and those of a refusal."""
    found: Sequence[tuple[bytes, bytes]] = ()
    if call.hit is not None:
        found = limit_headers(call.api.contract.limit_headers, call.hit, call.now, tells_when=answer.tells_when)
    if answer.header_slots:
        found = [*_facts(call, answer), *found]
    return (*found, *call.headers) if call.headers else found


def _facts(call: Call, answer: Answer) -> Iterator[tuple[bytes, bytes]]:
    for name, slot in answer.header_slots:
        value = slot(call)
        if value is not None:
            yield name, value


def _with_remedy(why: str, remedy: str) -> str:
    """What the journal says of a refusal: more than its client is told."""
    return f"{why}. {remedy}" if remedy else why


class Exchange:
    """A request and what becomes of it. `extra` is a violation, once one was found."""

    extra: Mapping[str, Any] | None = None
    why = ""
    started = 0.0
    is_entered = False

    def __init__(
        self, api: SandboxApi, entrance: Entrance, operation: Operation, path: Sequence[str], scope: Any,
        headers: Headers, incoming: Incoming, send: Send, given: str | None,
    ) -> None:  # fmt: skip
        self.api = api
        self.entrance = entrance
        self.scope = scope
        self.headers = headers
        self.incoming = incoming
        self.send = send
        self.given = given
        sandbox = api.sandbox
        self.generation = sandbox.generation
        self.answered: Answered | None = None
        sandbox.clock.tick()
        self.call = Call(api, operation, sandbox.clock.now(), path, sandbox.journal.next())

    async def run(self) -> None:
        """Answer the request and enter it in the journal."""
        self.started, call, sandbox = perf_counter(), self.call, self.api.sandbox
        status, example = 0, ""
        sandbox.in_flight += 1
        try:
            answer = await self._answer_or_refusal()
            if not self.incoming.done:
                await self.incoming.drain()
            status, example = await self._send(answer)
        except StorageError as error:  # within the bytes of a result
            self.why = str(error)
        except ClientLeft as left:
            let_go(left)
            self.why = "the client left before its request was complete"
        finally:
            sandbox.in_flight -= 1
            if not self.generation.is_over:
                if not self.is_entered:
                    self._enter(status, example)
                if call.posting is not None:
                    sandbox.outbox.post(call.posting)
                if call.moved is not None:
                    sandbox.outbox.moved(call.moved)

    async def _answer_or_refusal(self) -> Answer | None:
        call = self.call
        try:
            return await self._answer()
        except Refused as refused:
            answer, self.why = refusal(call, refused.problem, refused.why, refused.field)
            self.why = _with_remedy(self.why, refused.remedy)
            call.headers = refused.headers
            if isinstance(refused, Breach):
                self._breach("/" + refused.field if refused.field else "", self.why)
            let_go(refused)
        except StorageError as error:
            answer, self.why = unable(call, str(error))
        except RequestError as error:
            answer, self.why = refusal(call, "bad_request", error.why, error.pointer.lstrip("/"))
            self.why = _with_remedy(self.why, error.remedy)
            self._breach(error.pointer, self.why)
            if isinstance(error, EmptyFile):
                self._say(empty_file=error.name)
            let_go(error)
        return answer

    def _enter(self, status: int, example: str) -> None:
        """Enter the request in the journal."""
        self.is_entered = True
        outcome = (status, example, self.why)
        captured = capture(self.call, self.scope, self.incoming, self.started, outcome, self.answered, self.told())
        self.api.sandbox.journal.add(*captured)

    async def _answer(self) -> Answer | None:
        """The one straight way; every stage refuses by raising Refused or RequestError."""
        call, api = self.call, self.api
        operation = call.operation
        client = self.scope.get("client") or ("",)
        if operation.security.kind == "signed":
            count(call, "ip", client[0])
            check_signature(api, self.scope["path"], self.scope["query_string"], call.now)
        else:
            admit(call, client[0], self.given)
        try:
            if operation.bodies:
                kind = self.headers.get(b"content-type", b"").decode("latin-1")
                call.values, call.files = await self.entrance.values(
                    operation, kind, self.incoming, api.off, strict=api.sandbox.strict
                )
                if call.files:
                    self._note_mismatches()
            read = self.entrance.parameters
            if read.of(operation):
                call.query, call.sent = read.given(operation, self.scope["query_string"], self.headers)
            if operation.verb == "token":
                call.basic = basic(self.headers)
            return await self._perform()
        finally:
            for uploads in call.files.values():
                api.sandbox.shelf.tidy(uploads)

    def told(self) -> Mapping[str, Any] | None:
        """What the journal says besides."""
        return self.extra

    def _breach(self, pointer: str, why: str) -> None:
        self._say(**violation(pointer, why))

    def _say(self, **more: Any) -> None:
        self.extra = {**(self.extra or {}), **more}

    def _note_mismatches(self) -> None:
        found = [(name, each) for name, uploads in self.call.files.items() for each in uploads if each.mismatch]
        if found:
            sentences = [f"{name} is said to be {each.content_type}, but {each.mismatch}" for name, each in found]
            self._say(mismatches=[*map(self.api.sandbox.redaction.text, sentences)])

    def _perform(self) -> Awaitable[Answer | None]:
        work = perform(self.call)
        return while_present(self.scope, self.incoming, work) if self.call.operation.verb == "content" else work

    async def _send(self, answer: Answer | None) -> tuple[int, str]:
        call = self.call
        if answer is None:
            assert call.blob is not None, "a verb gives an answer or bytes"
            made = call.status.updated if call.status else call.now
            self.answered = (b"content-type: %s\r\n" % call.blob.content_type.encode(), b"", b"", call.blob.length)
            reply = bytes_reply(self.scope["method"], self.headers, call.blob, made, call.now)
            await send_reply(self.scope, self.incoming, self.send, reply)
            return reply.status, reply.name
        body, limits = call.body(answer), own_headers(call, answer)
        self.answered = (answer.head, b"".join([b"%s: %s\r\n" % line for line in limits]), body, len(body))
        self._enter(answer.status, answer.name)  # first: who has the answer may look for its entry at once
        await send_answer(self.scope, self.send, answer, body, call.now, limits)
        return answer.status, answer.name
