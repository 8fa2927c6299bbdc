"""A webhook that a job owes: to whom, why, and what became of it so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mockserver.answers import Answer
from mockserver.contract import Contract, Webhook
from mockserver.draws import derived
from mockserver.facts import Links
from mockserver.faults import FaultBook, WebhookFault
from mockserver.jobs import PlannedJob
from mockserver.state.port import Post, State
from mockserver.store import Account, Job
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
    weight: int = 0
    """How many bytes it takes while it is listed; 0 before and after that."""

    @property
    def id(self) -> str:
        """The same on every attempt."""
        return "msg_" + derived("hex", self.job.id, self.webhook.name)

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
