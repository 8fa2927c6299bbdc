"""What faults do to a request on its way. It is asked only while a fault could meet the request.

before: the clock, an answer instead of the verb, silence → the verb, and what takes hold of its job →
after: the answer's bytes, their delay, their delivery. Each fault is counted where it takes effect.
"""

from __future__ import annotations

from typing import Any

from mockserver.answers import ResponseTemplate
from mockserver.app.broken_results import broken_off
from mockserver.app.capture import replied
from mockserver.app.credentials import proven
from mockserver.app.exchange import Exchange
from mockserver.app.exchange_ports import SentStatus
from mockserver.app.fault_matching import Meeting
from mockserver.app.incoming import ClientLeft
from mockserver.app.replies import reply_to, request_facts
from mockserver.app.sending import SendMessage
from mockserver.app.streaming import begun, send_noted
from mockserver.contract import NAMES_JOB
from mockserver.draws import Draw
from mockserver.errors import RequestError, let_go
from mockserver.faults import (
    COMMITTING,
    ActiveFault,
    Category,
    ClockJump,
    Delivering,
    JobFault,
    Losing,
    Reply,
    RequestFacts,
    TokenDiesEarly,
    WebhookFault,
    attachment,
    fault_of,
)
from mockserver.jobs import PlannedJob
from mockserver.operations import Call, Refused, identity, matched, perform, rewritten
from mockserver.operations.places import value_at
from mockserver.planning import seconds
from mockserver.posting_values import posting
from mockserver.state.port import Begin, Begun, Post


class Faulted:
    """The faults that one request may meet; `chosen` are those it does."""

    chosen: dict[Category, ActiveFault]
    reply: Reply | None = None
    silent = left = False
    job: PlannedJob | None = None

    def __init__(self, exchange: Exchange, scope: Any, send: SendMessage) -> None:
        self.exchange, self.api, self.scope, self.send = exchange, exchange.api, scope, send
        self.request, self.incoming = exchange.request, exchange.incoming
        self.book, self.chosen = self.api.faults, {}
        self.meeting = Meeting(self.book, self.chosen, scope)

    @property
    def call(self) -> Call:
        return self.exchange.call

    async def _choose(self) -> None:
        """See which faults the request meets."""
        operation = self.request.operation
        self.chosen.update(await self.book.choose(operation.id, await self._named_job(), self._named_account()))

    async def _named_job(self) -> str | None:
        """The job that the request names: in its path, or in its body, which is read only where a fault asks for it."""
        operation = self.request.operation
        if operation.verb not in NAMES_JOB:
            return None
        if operation.id_index is not None:
            return identity(self.call)
        if operation.id_at is None:
            return None
        return await self._named_within(operation.id_at) if self.book.asks_for_jobs(operation.id) else None

    async def _named_within(self, place: str) -> str | None:
        call, request, entrance = self.call, self.request, self.exchange.entrance
        kind = request.headers.get(b"content-type", b"").decode("latin-1")
        probe = Call(self.api, call.operation, call.now, call.path, call.entry)
        try:
            if place[:1] in ("/", ""):
                body = await self.incoming.peek()
                probe.values, _ = await entrance.values(request.operation, kind, body, self.api.off)
            else:
                parameters = entrance.parameters.given(request.operation, request.query, request.headers)
                probe.query, probe.sent = parameters
        except ClientLeft:
            self.left = True
        except (RequestError, Refused) as error:
            let_go(error)
        else:
            return identity(probe) if isinstance(value_at(probe, place), str) else None
        return None

    def _named_account(self) -> str | None:
        try:
            account = proven(self.exchange.identity, self.call.now)
        except Refused:
            return None
        return None if account is None else account.id

    async def _take(self, armed: ActiveFault) -> bool:
        """The fault takes effect; False when it is used up."""
        return await self.meeting.take(armed) is not None

    def told(self) -> str:
        return self.meeting.told

    def end(self) -> None:
        self.meeting.end()

    # --- before the verb

    async def act_first(self) -> bool:
        self.meeting.count()
        await self._choose()
        if self.left:
            raise ClientLeft
        await self._bend_clock()
        return await self._instead()

    async def _bend_clock(self) -> None:
        armed = self.chosen.get("clock")
        if armed is None:
            return
        if isinstance(armed.fault, ClockJump) and await self._take(armed):
            sandbox = self.api.sandbox
            self.call.now = (await sandbox.move_clock(by=armed.fault.seconds)).now
            sandbox.outbox.wake()
        elif isinstance(armed.fault, TokenDiesEarly):
            await self._expire(armed, armed.fault.seconds)

    async def _expire(self, armed: ActiveFault, early: float) -> None:
        """Raises Refused for a token that is still good, and would not be so many seconds later."""
        if "token" not in self.request.operation.security.kinds or not self.request.given:
            return
        proven(self.exchange.identity, self.call.now)
        try:
            proven(self.exchange.identity, self.call.now + early)
        except Refused:
            if await self._take(armed):
                raise

    async def _instead(self) -> bool:
        """Whether a fault acted instead of the verb."""
        if await self.meeting.silenced(self._drain):
            self.silent = True
            return True
        self.reply = await self.meeting.instead(self._facts)
        await self.meeting.cut(self.incoming, self.request.headers.get(b"content-length", b""))
        return self.reply is not None

    def _facts(self) -> RequestFacts:
        return request_facts(self.call, self.scope, self.incoming)

    async def _drain(self) -> None:
        if not self.incoming.done:
            await self.incoming.drain()

    # --- the verb

    async def perform(self, begin: Begin, begun: Begun) -> ResponseTemplate | None:
        call = self.call
        ordered = self._ordered() if call.operation.verb == "create" else None
        if ordered is not None and await self._instead():
            return None
        if call.operation.verb in NAMES_JOB:
            await self._hold(identity(call))
            if self.job is not None:
                begun = begun._replace(job=self.job.record)
        answer = await perform(call, begin, begun)
        if call.operation.verb == "create" and call.job is not None:
            await self._hold(call.job.id)
            if self.job is not None:
                call.about(self.job, self.job.status(call.now))
            await self._post_early(call.job, ordered)
        return answer

    def _ordered(self) -> ActiveFault | None:
        """The fault that the request's own words ask for; it goes before what is armed."""
        fault = next((row.fault for row in matched(self.call) if row.fault is not None), None)
        if fault is None:
            return None
        armed = self.book.once(fault_of(fault)[0], self.call.entry)
        self.chosen[armed.fault.category] = armed
        if isinstance(armed.fault, WebhookFault):
            self.call.ordered = attachment(armed.fault, self.call.now)
        return armed

    async def _hold(self, job_id: str) -> None:
        """Let the chosen fault take hold of a job; one that is under a fault keeps it."""
        is_taken = False
        while True:
            job = await self._own_job(job_id)
            if job is None:
                return
            self.job, armed = job, self.chosen.get("job")
            is_free = job.fault is None and job.status(self.call.now).ended is None
            if armed is None or not is_free or not isinstance(armed.fault, JobFault):
                break
            resource = self.api.contract.resources[job.resource]
            if not armed.fault.can_attach(job, resource, self.call.now) or not (is_taken or await self._take(armed)):
                break
            is_taken = True
            if await self._attached(job, armed.fault):
                break
        if self.job.fault is not None:
            self.meeting.say(self.job.fault.name)

    async def _own_job(self, job_id: str) -> PlannedJob | None:
        """The job of that id, if it is one of this operation's and this account's."""
        name, account = self.api.contract.name, self.call.account.id if self.call.account else ""
        job = (await self.api.state.look_up(name, (job_id,)))[job_id].job
        if job is None or job.account != account or job.resource not in self.call.operation.resources:
            return None
        return self.api.planned(job)

    async def _attached(self, job: PlannedJob, fault: JobFault) -> bool:
        """Keep the job with its fault. False when it was changed meanwhile."""
        faulty = self.api.planned(job.record.but(fault=attachment(fault, self.call.now)))
        if not await self.api.state.commit(self.api.contract.name, self.call.entry, rewritten(self.call, faulty)):
            return False
        self.job = faulty
        await self.book.hold()
        return True

    async def _post_early(self, job: PlannedJob, ordered: ActiveFault | None) -> None:
        """Let webhooks go out before the answer; a fault that the request itself asks for meets its webhooks later."""
        call, account = self.call, self.call.account.id if self.call.account else None
        posts = [each for each in call.caused if isinstance(each, Post) and each.job.id == job.id]
        armed = (await self.book.webhook(call.operation.id, job.id, account, early=True)) if posts else None
        if ordered is not None and isinstance(ordered.fault, WebhookFault):
            armed = ordered if ordered.fault.early else None
        if armed is None or not isinstance(armed.fault, WebhookFault):
            return
        at_end = [post for post in posts if posting(self.api, post).tells_of_end]
        if at_end and await self._take(armed):
            generation, name = self.api.sandbox.configuration.generation, self.api.contract.name
            for each in at_end:
                await self.api.state.send_early(generation, each, name, attachment(armed.fault, call.now))

    # --- after the verb

    async def respond(self, answer: ResponseTemplate | None) -> SentStatus:
        if self.silent:
            return 0, ""
        if answer is None and self.reply is None and self.call.blob is None:
            return await self._respond_live()
        reply = self.reply or reply_to(self.call, self.job, self.scope, self.request.headers, answer)
        reply = await self.meeting.bent(reply, self._facts, self.call.now)
        if await self._lose(reply):
            return 0, reply.name
        await self.meeting.wait(await self._latency())
        fault = await self._deliverer(reply)
        reply = self.meeting.stamped(reply)
        if not self.meeting.is_unheard:
            self.exchange.answered = replied(reply, self.api.sandbox.redaction)
        await self.meeting.deliver(fault, reply, self.incoming, self.send)
        return 0 if self.meeting.is_unheard else reply.status, reply.name

    async def _respond_live(self) -> SentStatus:
        """Send a stream; a fault that sends an answer in its own way cuts it where it comes to that."""
        feed, reply = begun(self.exchange)
        stream, is_head = await self.meeting.bent(reply, self._facts, self.call.now), self.scope["method"] == "HEAD"
        await self.meeting.wait(await self._latency())
        fault = None if is_head else await self._deliverer(stream)
        stream = self.meeting.stamped(stream.without_body() if is_head else stream)
        deliver, feeding = self.meeting.deliver, self.exchange.out.feed
        work = feeding(feed, stream) if fault is None else deliver(fault, stream, self.incoming, self.send)
        status = await send_noted(self.exchange, feed, stream, work)
        return (0, "") if self.meeting.is_unheard else status

    async def _lose(self, reply: Reply) -> bool:
        """Whether the answer was lost: only of what was committed."""
        armed = self.chosen.get("answer")
        if armed is None or not isinstance(armed.fault, Losing) or self.meeting.connection is None:
            return False
        if reply.status >= 400 or self.call.operation.verb not in COMMITTING or not await self._take(armed):
            return False
        await armed.fault.lose(self.meeting.connection)
        return True

    async def _latency(self) -> float:
        """How late the contract or the scenario wants the answer to be, in real seconds."""
        api = self.api
        latency = api.latency(self.call.operation.id)
        return 0.0 if latency is None else seconds(latency, Draw(await api.drawn(f"latency.{api.contract.name}")))

    async def _deliverer(self, reply: Reply) -> Delivering | None:
        """The fault that sends the answer in its own way; else the one of its job, where the answer is its bytes."""
        fault = await self.meeting.deliverer(reply)
        if fault is not None or self.job is None or self.job.fault is None or self.call.blob is None:
            return fault
        return broken_off(self.job.fault, reply)
