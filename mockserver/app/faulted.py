"""An Exchange on which faults act. Requests come here only while a fault could meet them.

before: the clock, an answer in the verb's stead, silence → the verb, and what takes hold of its job →
after: the answer's bytes, their delay, their delivery. Each fault is counted where it takes effect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, cast

from mockserver.answers import Answer
from mockserver.app.capture import replied
from mockserver.app.credentials import identify
from mockserver.app.exchange import Exchange
from mockserver.app.replies import asked, reply_to
from mockserver.app.sending import send_reply
from mockserver.app.spoiled import broken_off
from mockserver.clock import date_header
from mockserver.faults import (
    COMMITTING,
    AnswerLost,
    Armed,
    Attached,
    Category,
    ClockJump,
    Grip,
    Reply,
    SkewedDate,
    TokenDiesEarly,
    by_category,
    fault_of,
    linger,
)
from mockserver.operations import Refused, identity, matched
from mockserver.store import Job
from mockserver.timeline import seconds

TOUCHING = frozenset({"show", "move", "upload", "content"})


class Faulted(Exchange):
    """A request that may meet faults; `chosen` are those it meets, `applied` those that took effect."""

    chosen: dict[Category, Armed]
    reply: Reply | None = None
    silent = False
    is_unheard = False
    job: Job | None = None

    async def run(self) -> None:
        """Answer the request, or not, and enter it in the journal."""
        operation = self.call.operation
        self.begin(self.api.faults.choose(operation.id, self._named_job(), self._named_account()))
        try:
            await super().run()
        finally:
            for armed in self.applied:
                self.book.release(armed)

    def begin(self, chosen: dict[Category, Armed]) -> None:
        """Meet these faults from now on."""
        self.applied: list[Armed] = []
        self.names: list[str] = []
        self.chosen = chosen
        self.book = self.api.faults
        self.grip: Grip | None = self.scope.get("state", {}).get("wire")
        if self.grip is not None:
            self.grip.requests += 1

    def _named_job(self) -> str | None:
        operation = self.call.operation
        return self.call.path[0] if operation.verb in TOUCHING and operation.id_at is None else None

    def _named_account(self) -> str | None:
        try:
            account = identify(self.api, self.call.operation, self.given, self.call.now)
        except Refused:
            return None
        return None if account is None else account.id

    def _take(self, armed: Armed) -> bool:
        """The fault takes effect; False when it is used up."""
        if not self.book.take(armed):
            return False
        self.applied.append(armed)
        self._say(armed.name)
        return True

    def _say(self, name: str) -> None:
        if name not in self.names:
            self.names.append(name)
        self.extra = {**(self.extra or {}), "fault": ", ".join(self.names)}

    # --- before the verb

    async def _answer(self) -> Answer | None:
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
            sandbox.clock.advance(armed.fault.seconds)
            sandbox.outbox.wake()
            self.call.now = sandbox.clock.now()
        elif isinstance(armed.fault, TokenDiesEarly):
            self._expire(armed, armed.fault.seconds)

    def _expire(self, armed: Armed, early: float) -> None:
        """Raises Refused for a token that is still good, and would not be so many seconds later."""
        operation = self.call.operation
        if operation.security.kind != "token" or not self.given:
            return
        identify(self.api, operation, self.given, self.call.now)
        try:
            identify(self.api, operation, self.given, self.call.now + early)
        except Refused:
            if self._take(armed):
                raise

    async def _instead(self) -> bool:
        """Whether a fault acted in the verb's stead."""
        for category in ("pace", "wire"):
            armed = by_category(self.chosen, category, "silence")
            if armed is not None and self.grip is not None and await self._silence(armed, self.grip):
                return True
        armed = by_category(self.chosen, "answer", "answer")
        if armed is None or not self._take(armed):
            return False
        self.reply = armed.fault.answer(asked(self.call, self.scope))
        return True

    async def _silence(self, armed: Armed, grip: Any) -> bool:
        if not armed.fault.asks(grip.requests) or not self._take(armed):
            return False
        if not self.incoming.done:
            await self.incoming.drain()  # closing with unread bytes would turn a FIN into an RST
        self.silent = True
        await armed.fault.silence(grip)
        return True

    # --- the verb

    async def _perform(self) -> Answer | None:
        call = self.call
        ordered = self._ordered() if call.operation.verb == "create" else None
        if ordered is not None and await self._instead():
            return None
        if call.operation.verb in TOUCHING:
            self._hold(await self.api.store.get(identity(call)))
        answer = await super()._perform()
        if call.operation.verb == "create" and call.job is not None:
            self._hold(call.job)
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

    def _hold(self, job: Job | None) -> None:
        """Let the chosen fault take hold of a job; one that is under a fault keeps it."""
        account = self.call.account.id if self.call.account else ""
        if job is None or job.account != account or job.resource not in self.call.operation.resources:
            return
        self.job, armed = job, self.chosen.get("job")
        resource = self.api.contract.resources[job.resource]
        now = self.call.now
        is_free = job.fault is None and job.status(now).ended is None
        if armed is not None and is_free and armed.fault.bends(job, resource, now) and self._take(armed):
            job.fault = Attached(armed.fault, armed.name, now)
            job.planned = armed.fault.plan(job.plan, resource)
            self.book.hold()
        if job.fault is not None:
            self._say(job.fault.name)

    async def _post_early(self, job: Job, ordered: Armed | None) -> None:
        """Let a webhook go out before the answer; one that the request itself asks for meets its webhook later."""
        call = self.call
        if call.posting is None:
            return
        account = call.account.id if call.account else None
        armed = self.book.webhook(call.operation.id, job.id, account, early=True)
        if ordered is not None and ordered.fault.category == "webhook":
            armed = ordered if ordered.fault.early else None
            call.posting.fault, call.posting.is_met = ordered.fault, True
        if armed is not None and self._take(armed):
            call.then = None
            await self.api.sandbox.outbox.early(call.posting, armed.fault)

    # --- after the verb

    async def _send(self, answer: Answer | None) -> tuple[int, str]:
        if self.silent:
            return 0, ""
        reply = self._bent(self.reply or reply_to(self.call, self.job, self.scope, self.headers, answer))
        if await self._lose(reply):
            return 0, reply.name
        await self._wait()
        armed = self._deliverer(reply)
        if self.names:
            reply = reply.with_headers((b"x-mock-fault", ", ".join(self.names).encode()))
        if not self.is_unheard:
            self.answered = replied(reply)
        await self._deliver(armed, reply)
        return 0 if self.is_unheard else reply.status, reply.name

    def _bent(self, reply: Reply) -> Reply:
        """The answer, its bytes and its date changed by the faults that do."""
        armed = by_category(self.chosen, "answer", "change")
        changed = None if armed is None else armed.fault.change(reply, asked(self.call, self.scope))
        if armed is not None and changed is not None and self._take(armed):
            reply = changed
        armed = self.chosen.get("clock")
        if armed is not None and isinstance(armed.fault, SkewedDate) and self._take(armed):
            reply = reply.with_headers(date_header(int(self.call.now + armed.fault.seconds)))
        return reply

    async def _lose(self, reply: Reply) -> bool:
        """Whether the answer was lost: only of what was committed."""
        armed = self.chosen.get("answer")
        if armed is None or not isinstance(armed.fault, AnswerLost) or self.grip is None or reply.status >= 400:
            return False
        if self.call.operation.verb not in COMMITTING or not self._take(armed):
            return False
        await armed.fault.lose(self.grip)
        return True

    async def _wait(self) -> None:
        """Be as late as the contract and the fault of pace say, in real seconds."""
        wait, api = 0.0, self.api
        latency = api.latency(self.call.operation.id)
        if latency is not None:
            wait += seconds(latency, api.sandbox.draws.next(f"latency.{api.contract.name}"))
        armed = by_category(self.chosen, "pace", "pause")
        if armed is not None and self._take(armed) and not self._foreseen(armed):
            wait += armed.fault.pause(self.book.draw(armed, ".seconds"), armed.applied - 1)
        if wait and self.grip is not None:
            await linger(self.grip, wait)
        elif wait:
            await asyncio.sleep(wait)

    def _foreseen(self, armed: Armed) -> bool:
        """Whether the client passes this silence by itself, maybe losing its patience: then it hears no answer."""
        if not armed.foreseen:
            return False
        self.is_unheard = armed.foreseen.pop(0)
        return True

    def _deliverer(self, reply: Reply) -> Any:
        """The fault that sends the answer in its own way: one of pace before one of the wire."""
        if self.grip is None:
            return None
        for category in ("pace", "wire"):
            armed = by_category(self.chosen, category, "deliver")
            if armed is not None and armed.fault.fits(reply) and self._take(armed):
                return None if self._foreseen(armed) else armed.fault
        if self.job is None or self.job.fault is None or self.call.blob is None:
            return None
        return broken_off(self.job.fault, reply)

    async def _deliver(self, fault: Any, reply: Reply) -> None:
        if fault is None:
            await send_reply(self.send, reply)
        else:
            await fault.deliver(self.grip, reply, lambda reply: send_reply(self.send, reply))


class Worded(Exchange):
    """An Exchange whose request may ask for a fault by its own words; if it does, it goes on as a Faulted one."""

    def _perform(self) -> Awaitable[Answer | None]:
        if all(row.fault is None for row in matched(self.call)):
            return super()._perform()
        self.__class__ = Faulted  # type: ignore[assignment]
        faulted = cast(Faulted, self)
        faulted.begin({})
        return faulted._perform()
