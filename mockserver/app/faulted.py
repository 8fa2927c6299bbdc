"""An Exchange on which faults act. Requests come here only while a fault could meet them.

before: the clock, an answer in the verb's stead, silence → the verb, and what takes hold of its job →
after: the answer's bytes, their delay, their delivery. Each fault is counted where it takes effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.answers import Answer
from mockserver.app.capture import replied
from mockserver.app.credentials import identify
from mockserver.app.exchange import Exchange
from mockserver.app.incoming import ClientLeft
from mockserver.app.meeting import Meeting
from mockserver.app.replies import reply_to, request_facts
from mockserver.app.spoiled import broken_off
from mockserver.errors import RequestError, let_go
from mockserver.faults import (
    COMMITTING,
    TOUCHING,
    Armed,
    Attached,
    Category,
    ClockJump,
    Delivering,
    JobFault,
    Losing,
    Reply,
    RequestFacts,
    TokenDiesEarly,
    WebhookFault,
    fault_of,
)
from mockserver.lifecycle import Resource
from mockserver.operations import Call, Refused, identity, matched
from mockserver.operations.places import value_at
from mockserver.store import Job
from mockserver.timeline import seconds


class Faulted(Exchange):
    """A request that may meet faults; `chosen` are those it meets."""

    chosen: dict[Category, Armed]
    reply: Reply | None = None
    silent = False
    left = False
    job: Job | None = None

    async def run(self) -> None:
        """Answer the request, or not, and enter it in the journal."""
        operation = self.call.operation
        self.begin(self.api.faults.choose(operation.id, await self._named_job(), self._named_account()))
        try:
            await super().run()
        finally:
            self.meeting.end()

    def begin(self, chosen: dict[Category, Armed]) -> None:
        """Meet these faults from now on."""
        self.book = self.api.faults
        self.meeting = Meeting(self.book, chosen, self.scope)
        self.meeting.count()
        self.chosen = chosen

    async def _named_job(self) -> str | None:
        """The job that the request names: in its path, or in its body, which is read only where a fault asks for it."""
        operation = self.call.operation
        if operation.verb not in TOUCHING:
            return None
        if operation.id_index is not None:
            return identity(self.call)
        if operation.id_at is None:
            return None
        return await self._named_within(operation.id_at) if self.api.faults.asks_for_jobs(operation.id) else None

    async def _named_within(self, place: str) -> str | None:
        kind = self.headers.get(b"content-type", b"").decode("latin-1")
        other = Call(self.api, self.call.operation, self.call.now, self.call.path, self.call.entry)
        try:
            if place[:1] in ("/", ""):
                body = await self.incoming.peek()
                other.values, _ = await self.entrance.values(self.call.operation, kind, body, self.api.off)
            else:
                other.query, other.sent = self.entrance.parameters.given(
                    self.call.operation, self.scope["query_string"], self.headers
                )
        except ClientLeft:
            self.left = True
        except (RequestError, Refused) as error:
            let_go(error)
        else:
            return identity(other) if isinstance(value_at(other, place), str) else None
        return None

    def _named_account(self) -> str | None:
        try:
            account = identify(self.api, self.call.operation, self.given, self.call.now)
        except Refused:
            return None
        return None if account is None else account.id

    def _take(self, armed: Armed) -> bool:
        """The fault takes effect; False when it is used up."""
        return self.meeting.take(armed)

    def told(self) -> Mapping[str, Any] | None:
        """What the journal says besides: the faults that took effect, too."""
        return {**(self.extra or {}), "fault": self.meeting.told} if self.meeting.names else self.extra

    # --- before the verb

    async def _answer(self) -> Answer | None:
        if self.left:
            raise ClientLeft
        self._bend_clock()
        if await self._instead():
            return None
        return await super()._answer()

    def _bend_clock(self) -> None:
        armed = self.chosen.get("clock")
        if armed is None:
            return
        if isinstance(armed.fault, ClockJump) and self._take(armed):
            sandbox = self.api.sandbox
            sandbox.clock.jump(armed.fault.seconds)
            sandbox.outbox.wake()
            self.call.now = sandbox.clock.now()
        elif isinstance(armed.fault, TokenDiesEarly):
            self._expire(armed, armed.fault.seconds)

    def _expire(self, armed: Armed, early: float) -> None:
        """Raises Refused for a token that is still good, and would not be so many seconds later."""
        operation = self.call.operation
        if "token" not in operation.security.kinds or not self.given:
            return
        identify(self.api, operation, self.given, self.call.now)
        try:
            identify(self.api, operation, self.given, self.call.now + early)
        except Refused:
            if self._take(armed):
                raise

    async def _instead(self) -> bool:
        """Whether a fault acted in the verb's stead."""
        if await self.meeting.silenced(self._drain):
            self.silent = True
            return True
        self.reply = await self.meeting.instead(self._facts)
        return self.reply is not None

    def _facts(self) -> RequestFacts:
        return request_facts(self.call, self.scope, self.incoming)

    async def _drain(self) -> None:
        if not self.incoming.done:
            await self.incoming.drain()

    # --- the verb

    async def _perform(self) -> Answer | None:
        call = self.call
        ordered = self._ordered() if call.operation.verb == "create" else None
        if ordered is not None and await self._instead():
            return None
        if call.operation.verb in TOUCHING:
            await self._hold(await self.api.store.get(identity(call)))
        answer = await super()._perform()
        if call.operation.verb == "create" and call.job is not None:
            await self._hold(call.job)
            call.status = call.job.status(call.now)
            await self._post_early(call.job, ordered)
        return answer

    def _ordered(self) -> Armed | None:
        """The fault that the request's own words ask for; it goes before what is armed."""
        fault = next((row.fault for row in matched(self.call) if row.fault is not None), None)
        if fault is None:
            return None
        armed = self.book.once(fault_of(fault)[0])
        self.chosen[armed.fault.category] = armed
        return armed

    async def _hold(self, job: Job | None) -> None:
        """Let the chosen fault take hold of a job; one that is under a fault keeps it."""
        account = self.call.account.id if self.call.account else ""
        if job is None or job.account != account or job.resource not in self.call.operation.resources:
            return
        self.job, armed = job, self.chosen.get("job")
        resource = self.api.contract.resources[job.resource]
        now = self.call.now
        is_free = job.fault is None and job.status(now).ended is None
        if armed is not None and is_free and isinstance(armed.fault, JobFault):
            self._attach(job, resource, armed, armed.fault)
            await self.api.store.weigh(job)
        if job.fault is not None:
            self.meeting.say(job.fault.name)

    def _attach(self, job: Job, resource: Resource, armed: Armed, fault: JobFault) -> None:
        if not fault.can_attach(job, resource, self.call.now) or not self._take(armed):
            return
        job.fault = Attached(fault, armed.name, self.call.now)
        job.planned = fault.plan(job.plan, resource)
        self.book.hold()

    async def _post_early(self, job: Job, ordered: Armed | None) -> None:
        """Let a webhook go out before the answer; one that the request itself asks for meets its webhook later."""
        call = self.call
        if call.posting is None:
            return
        account = call.account.id if call.account else None
        armed = self.book.webhook(call.operation.id, job.id, account, early=True)
        if ordered is not None and isinstance(ordered.fault, WebhookFault):
            armed = ordered if ordered.fault.early else None
            call.posting.fault, call.posting.is_met = ordered.fault, True
        if armed is not None and isinstance(armed.fault, WebhookFault) and self._take(armed):
            posting, call.posting = call.posting, None
            await self.api.sandbox.outbox.early(posting, armed.fault)

    # --- after the verb

    async def _send(self, answer: Answer | None) -> tuple[int, str]:
        if self.silent:
            return 0, ""
        reply = self.reply or reply_to(self.call, self.job, self.scope, self.headers, answer)
        reply = self.meeting.bent(reply, self._facts, self.call.now)
        if await self._lose(reply):
            return 0, reply.name
        await self.meeting.wait(self._latency())
        fault = self._deliverer(reply)
        reply = self.meeting.stamped(reply)
        if not self.meeting.is_unheard:
            self.answered = replied(reply, self.api.sandbox.redaction)
        await self.meeting.deliver(fault, reply, self.incoming, self.send)
        return 0 if self.meeting.is_unheard else reply.status, reply.name

    async def _lose(self, reply: Reply) -> bool:
        """Whether the answer was lost: only of what was committed."""
        armed = self.chosen.get("answer")
        if armed is None or not isinstance(armed.fault, Losing) or self.meeting.connection is None:
            return False
        if reply.status >= 400:
            return False
        if self.call.operation.verb not in COMMITTING or not self._take(armed):
            return False
        await armed.fault.lose(self.meeting.connection)
        return True

    def _latency(self) -> float:
        """How late the contract or the scenario wants the answer to be, in real seconds."""
        api = self.api
        latency = api.latency(self.call.operation.id)
        return 0.0 if latency is None else seconds(latency, api.sandbox.draws.next(f"latency.{api.contract.name}"))

    def _deliverer(self, reply: Reply) -> Delivering | None:
        """The fault that sends the answer in its own way; else the one of its job, where the answer is its bytes."""
        fault = self.meeting.deliverer(reply)
        if fault is not None or self.job is None or self.job.fault is None or self.call.blob is None:
            return fault
        return broken_off(self.job.fault, reply)
