"""One webhook of one job: whom it is for, what it says at a moment, how it is signed. Sends nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockserver.contract import Webhook
from mockserver.draws import derived
from mockserver.faults import Parcel, WebhookFault
from mockserver.signing import SCHEMES, SignedMessage
from mockserver.store import Account, Job
from mockserver.subject import Subject
from mockserver.webhooks import Attempt

if TYPE_CHECKING:
    from mockserver.api_state import SandboxApi


@dataclass(slots=True, eq=False)
class Posting:
    """One webhook of one job; `entry` is the journal's number of the request that caused it."""

    api: SandboxApi
    webhook: Webhook
    job: Job
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

    def parcel(self, moment: float) -> Parcel:
        """What is sent when the job stands as at that moment."""
        body = self._body(moment)
        secret = self.account.webhook_secret if self.account else ""
        message = SignedMessage(body, secret, self.id, int(moment), self.webhook.header)
        return Parcel(tuple(SCHEMES[self.webhook.scheme](message)), body)

    def _body(self, now: float) -> bytes:
        api, job = self.api, self.job
        status = job.status(now)
        operation = api.contract.operations[self.webhook.like]
        name = operation.example_of(job.resource, status.state)
        resource = api.contract.resources[job.resource]
        subject = Subject(
            now, job=job, status=status, account=self.account, links=api.links, kind=resource.id, cost=resource.cost
        )
        return api.table[operation.id][name].body(subject)
