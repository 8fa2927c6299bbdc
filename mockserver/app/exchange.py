"""One request to an API, from its operation to its answer: one straight way, in the fixed order of refusals.

The application has already found the API, the route and the sandbox.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.answers import Answer, Subject
from mockserver.app.credentials import basic, check_signature, identify
from mockserver.app.reading import ClientLeft, Entrance, Incoming
from mockserver.app.sending import Send, send_answer, send_blob
from mockserver.clock import perf_counter
from mockserver.contract import Operation
from mockserver.errors import RequestError
from mockserver.journal import Entry
from mockserver.operations import VERBS, Call, Refused, Reply
from mockserver.ratelimit import Hit
from mockserver.ratelimit import headers as limit_headers
from mockserver.sandbox import SandboxApi

Headers = dict[bytes, bytes]


class Exchange:
    """A request and what becomes of it."""

    __slots__ = (
        "api", "call", "entrance", "entry", "given", "headers", "hit", "incoming", "now",
        "operation", "path", "scope", "send", "started",
    )  # fmt: skip

    def __init__(
        self,
        api: SandboxApi,
        entrance: Entrance,
        operation: Operation,
        path: dict[str, str],
        scope: Any,
        headers: Headers,
        incoming: Incoming,
        send: Send,
        given: str | None,
    ) -> None:
        self.started = perf_counter()
        self.api = api
        self.entrance = entrance
        self.operation = operation
        self.path = path
        self.scope = scope
        self.headers = headers
        self.incoming = incoming
        self.send = send
        self.given = given
        self.hit: Hit | None = None
        sandbox = api.sandbox
        sandbox.clock.tick()
        self.now = sandbox.clock.now()
        self.entry = Entry(
            sandbox.journal.next(), self.now, "request", api.contract.name, operation.id, scope["method"], scope["path"]
        )
        self.call = Call(api, operation, self.now, path=path, entry=self.entry.n)

    async def run(self) -> Entry:
        """Answer the request; gives the journal's entry."""
        sandbox = self.api.sandbox
        sandbox.in_flight += 1
        then: Callable[[], None] | None = None
        try:
            try:
                reply = await self._reply()
                then = reply.then
            except Refused as refused:
                reply = self._refusal(refused.problem, refused.why, refused.field)
            except RequestError as error:
                reply = self._refusal("bad_request", error.why, error.pointer.lstrip("/"))
            await self._answer(reply)
        except ClientLeft:
            self.entry.why = "the client left before its request was complete"
        finally:
            sandbox.in_flight -= 1
            self.entry.seconds = perf_counter() - self.started
            sandbox.journal.add(self.entry)
            if then is not None:
                then()
        return self.entry

    async def _reply(self) -> Reply:
        call, operation, api = self.call, self.operation, self.api
        self._count("ip", (self.scope.get("client") or ("",))[0])
        if operation.security.kind == "signed":
            check_signature(api, self.scope["path"], self.scope["query_string"], self.now)
        else:
            call.account = identify(api, operation, self.given, self.now)
        if call.account is not None:
            self._count("account", call.account.id)
        if operation.bodies:
            content_type = self.headers.get(b"content-type")
            kind = None if content_type is None else content_type.decode("latin-1")
            call.values, call.files = await self.entrance.values(operation, kind, self.incoming, api.off)
        if self.entrance.queries[operation.id]:
            call.query = self.entrance.query(operation, self.scope["query_string"])
        if operation.verb == "token":
            call.basic = basic(self.headers)
        return await VERBS[operation.verb](call)

    def _count(self, per: str, caller: str) -> None:
        """Count against the limits of a kind; the tightest of all shows. Raises Refused."""
        limits = self.api.limits(self.operation.id, per)
        if not limits:
            return
        hit = self.api.limiter.hit(limits, f"{per} {caller}", self.now)
        if hit is not None and (self.hit is None or hit.remaining < self.hit.remaining or hit.refused):
            self.hit = hit
        if hit is not None and hit.refused:
            raise Refused("rate_limited", f"the limit {hit.limit.name} was passed")

    def _refusal(self, problem: str, why: str, field: str) -> Reply:
        answer = self.api.table[self.operation.id].get(problem) or self.api.table[""]["malformed_request"]
        subject = Subject(self.now, account=self.call.account, links=self.api.links, hit=self.hit, why=why, field=field)
        self.entry.why = why or problem
        return Reply(answer, subject)

    async def _answer(self, reply: Reply) -> None:
        if not self.incoming.done:
            await self.incoming.drain()
        extra = limit_headers(self.api.contract.limit_headers, self.hit, self.now) if self.hit is not None else []
        if reply.answer is None:
            self.entry.status, self.entry.example = await send_blob(
                self.send, self.scope, self.headers, reply, self.now
            )
            return
        answer: Answer = reply.answer
        self.entry.status, self.entry.example = answer.status, answer.name
        body = answer.body(reply.subject)
        await send_answer(self.send, answer, body, self.now, extra, head=self.scope["method"] == "HEAD")
