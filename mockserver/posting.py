"""A webhook that a job owes: to whom, why, and what became of it so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from mockserver.answers import Answer
from mockserver.contract import Contract, Webhook
from mockserver.draws import derived
from mockserver.faults import FaultBook, Parcel, WebhookFault
from mockserver.jobs import PlannedJob
from mockserver.mounting import answering_at, base_of_request
from mockserver.signing import SCHEMES, SignedMessage
from mockserver.state.port import Post, State
from mockserver.store import Account, Job
from mockserver.subject import Links, Subject
from mockserver.timeline import entries
from mockserver.values import reader
from mockserver.webhooks import Attempt


class Origin(Protocol):
    """What a posting needs of the API of a sandbox that owes it."""

    @property
    def contract(self) -> Contract: ...
    @property
    def faults(self) -> FaultBook: ...
    @property
    def links(self) -> Links: ...
    @property
    def table(self) -> Mapping[str, Mapping[str, Answer]]: ...
    @property
    def state(self) -> State: ...
    def planned(self, job: Job) -> PlannedJob: ...
    def account_of(self, identity: str) -> Account | None: ...


@dataclass(slots=True, eq=False)
class Posting:
    """One webhook of one job; `entry` is the journal's number of the request that caused it."""

    api: Origin
    webhook: Webhook
    job: PlannedJob
    account: Account | None
    target: str
    entry: int
    attempts: list[Attempt] = field(default_factory=list)
    outcome: str = "waiting"
    tries: int = 0
    fault: WebhookFault | None = None
    is_met: bool = False
    """Whether the faults were asked for one that this posting meets."""
    is_repeated: bool = False
    state: str | None = None
    """The state whose coming it tells of; None: the job's end, whichever that is."""
    due: float | None = None
    """When the job comes to be in that state."""
    base: str = field(default_factory=base_of_request)
    """What URLs in it begin with: as in the answer to the request that caused it."""
    weight: int = 0
    """How many bytes it takes while it is listed; 0 before and after that."""

    @property
    def id(self) -> str:
        """The same on every attempt."""
        name = self.webhook.name if self.state is None else f"{self.webhook.name}.{self.state}"
        return "msg_" + derived("hex", self.job.id, name)

    def parted(self, is_told: bool = False) -> Iterator[Posting]:
        """One posting for each timed state that it tells of, in their order, and itself for the job's end.

        `is_told`: of that was told before the answer already.
        """
        states = self.states
        resource = self.api.contract.resources[self.job.resource]
        for at, state in entries(self.job.plan, self.job.created, ()):
            if state in states and resource.states[state].end is None:
                yield replace(self, state=state, due=at, attempts=[])
        if self.tells_of_end and not is_told:
            self.due = self.job.created + self.job.plan.seconds
            yield self

    @property
    def tells_of_end(self) -> bool:
        """Whether it tells of a state that ends the job."""
        known = self.api.contract.resources[self.job.resource].states
        return any(known[state].end is not None for state in self.states if state in known)

    @property
    def states(self) -> frozenset[str]:
        """The states it tells of: all of the webhook's, or those whose events the request asked for."""
        webhook = self.webhook
        wanted = None if webhook.wanted is None else reader(webhook.wanted)(Subject(self.job.created, job=self.job))
        if not isinstance(wanted, list):
            return webhook.states
        return frozenset(state for state in webhook.states if webhook.events.get(state, state) in wanted)

    def is_due(self, moment: float) -> bool:
        """Whether the job stands, or stood when it was due, as this posting tells."""
        if self.state is not None:
            return self.due is not None and self.job.status(self.due).state == self.state
        return self.job.status(moment).state in self.states

    def parcel(self, moment: float) -> Parcel:
        """What is sent when the job stands as at that moment."""
        body = self._body(moment if self.state is None or self.due is None else self.due)
        secret = self.account.webhook_secret if self.account else ""
        message = SignedMessage(body, secret, self.id, int(moment), self.webhook.header)
        return Parcel(tuple(SCHEMES[self.webhook.scheme](message)), body)

    def _body(self, now: float) -> bytes:
        api, job = self.api, self.job
        status = job.status(now)
        operation = api.contract.operation(self.webhook.told)
        name = operation.example_of(job.resource, status.state)
        resource = api.contract.resources[job.resource]
        subject = Subject(
            now, job=job, status=status, account=self.account, links=api.links, kind=resource.id, cost=resource.cost
        )
        with answering_at(self.base):
            return api.table[operation.id][name].fitting(subject).body(subject)

    async def look_again(self) -> None:
        """See the job as it is by now; one that made room is told of as it was."""
        job = (await self.api.state.look_up(self.api.contract.name, (self.job.id,)))[self.job.id].job
        if job is not None and job.rev != self.job.record.rev:
            self.job = self.api.planned(job)


def posting(api: Origin, post: Post) -> Posting:
    """The posting of a webhook that a request has caused."""
    webhook, account = api.contract.webhooks[post.webhook], api.account_of(post.account)
    made = Posting(api, webhook, api.planned(post.job), account, post.target, post.entry)
    if post.fault is not None:
        from mockserver.faults import attached

        fault = attached(post.fault)
        assert isinstance(fault, WebhookFault), "the request asked for one of webhooks"
        made.fault, made.is_met = fault, True
    return made
