"""A webhook that a job owes: to whom, why, and what became of it so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Protocol

from mockserver.answers import Answer
from mockserver.contract import Contract, Webhook
from mockserver.draws import derived
from mockserver.faults import FaultBook, Parcel, WebhookFault
from mockserver.jobs import PlannedJob
from mockserver.mounting import answering_at, base_of_request
from mockserver.prices import price
from mockserver.signing import SCHEMES, SignedMessage
from mockserver.state.port import Post, State
from mockserver.store import Account, Job
from mockserver.subject import Links, Subject
from mockserver.timeline import entries, following, status
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
    is_settled: bool = False
    """Whether it was due once, and goes on telling of that."""
    weight: int = 0
    """How many bytes it takes while it is listed; 0 before and after that."""

    @property
    def id(self) -> str:
        """The same on every attempt."""
        name = self.webhook.name if self.state is None else f"{self.webhook.name}.{self.state}"
        return "msg_" + derived("hex", self.job.id, name)

    def parted(self, is_told: bool = False) -> Iterator[Posting]:
        """One posting for each state that it tells of, in their order, and itself for the job's first end.

        What the job does not come to without a move waits for one, for ever. `is_told`: of the end was told before the
        answer already.
        """
        job, states, ends = self.job, self.states, self._ends
        coming = [*entries(job.plan, job.created, ())]
        end = next(((at, state) for at, state in coming if state in ends), None)
        for at, state in coming:
            if state in states and (at, state) != end:
                yield self.telling(state, at)
        if not is_told and (states & ends or not states <= {state for _, state in coming}):
            self.due = end[0] if end is not None and states & ends else inf
            yield self

    def moved(self, job: PlannedJob, waiting: Sequence[Posting]) -> Iterator[tuple[Posting, float]]:
        """What tells when of the states that its job comes to by its last move: one that waits, or a new one."""
        ends, last = self._ends, job.moves[-1] if job.moves else None
        has_ended = last is not None and status(job.plan, job.created, job.moves[:-1], last.at).ended is not None
        coming = entries(job.plan, job.created, ()) if last is None else following(job.plan, last)
        for at, state in coming:
            told = None if state in ends and not has_ended else state
            has_ended = has_ended or state in ends
            if state in self.states and at < inf and job.status(at).state == state:
                known = (each for each in waiting if each.state == told and each.is_like(self))
                yield next(known, None) or self.telling(told, at), at

    def telling(self, state: str | None, due: float) -> Posting:
        """Another one that tells the same receiver of another state."""
        fault, is_met = (self.fault, self.is_met) if not self.is_settled else (None, False)
        return replace(
            self, state=state, due=due, fault=fault, is_met=is_met,
            attempts=[], outcome="waiting", tries=0, is_repeated=False, is_settled=False, weight=0,
        )  # fmt: skip

    def is_like(self, other: Posting) -> bool:
        """Whether both are of one webhook and go to one receiver."""
        return (self.webhook.name, self.target) == (other.webhook.name, other.target)

    @property
    def _ends(self) -> frozenset[str]:
        states = self.api.contract.resources[self.job.resource].states.values()
        return frozenset(state.name for state in states if state.end is not None)

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

    def settle(self, moment: float) -> bool:
        """Whether it is due, or was when it was tried first: of that it goes on telling."""
        if not self.is_settled and self.is_due(moment):
            self.is_settled, self.due = True, moment if self.state is None else self.due
        return self.is_settled

    def parcel(self, moment: float) -> Parcel:
        """What is sent when the job stands as at that moment."""
        body = self._body(moment if self.due is None or (self.state is None and not self.tries) else self.due)
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
            now,
            job=job,
            status=status,
            account=self.account,
            links=api.links,
            kind=resource.id,
            cost=price(resource, job),
        )
        with answering_at(self.base):
            return api.table[operation.id][name].fitting(subject).body(subject)

    async def look_again(self) -> None:
        """See the job as it is by now; one that made room is told of as it was."""
        job = (await self.api.state.look_up(self.api.contract.name, (self.job.id,)))[self.job.id].job
        if job is not None and job.rev != self.job.record.rev:
            self.job = self.api.planned(job)


class Owed:
    """By job: the postings that nobody tried to send yet, and the first of each webhook and receiver that is listed.

    The first ones know whom to tell of what a job comes to later.
    """

    def __init__(self) -> None:
        self._unsent: dict[str, list[Posting]] = {}
        self._firsts: dict[str, list[Posting]] = {}

    def of(self, job: PlannedJob) -> tuple[Sequence[Posting], Sequence[Posting]]:
        """Those of a job that were not sent, and the first ones; they know the job as it is now."""
        unsent, firsts = ([*table.get(job.id, ())] for table in (self._unsent, self._firsts))
        for posting in (*unsent, *firsts):
            posting.job = job
        return unsent, firsts

    def expect(self, posting: Posting) -> None:
        """One more that waits for its job."""
        self._unsent.setdefault(posting.job.id, []).append(posting)

    def sent(self, posting: Posting) -> None:
        """It waits for its job no more."""
        _without(self._unsent, posting)

    def listed(self, posting: Posting) -> None:
        known = self._firsts.setdefault(posting.job.id, [])
        if not any(each.is_like(posting) for each in known):
            known.append(posting)

    def dropped(self, posting: Posting) -> None:
        """It is listed no more."""
        _without(self._firsts, posting)


def _without(table: dict[str, list[Posting]], posting: Posting) -> None:
    left = [each for each in table.pop(posting.job.id, ()) if each is not posting]
    if left:
        table[posting.job.id] = left


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
