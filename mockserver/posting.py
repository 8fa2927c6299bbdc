"""A webhook that a job owes: to whom, why, and what became of it so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Protocol

from mockserver.answers import ResponseTemplate
from mockserver.clock import Clock, ClockReading
from mockserver.contract import Contract, Webhook
from mockserver.draws import derived
from mockserver.endpoints import Endpoints
from mockserver.faults import FaultBook, Parcel, WebhookFault
from mockserver.generation import Generation
from mockserver.held_requests import Moments
from mockserver.job_updates import event_in, subscribed, updates
from mockserver.jobs import PlannedJob
from mockserver.message import Message, as_form
from mockserver.mounting import answering_at, base_of_request
from mockserver.observer import Keeper, Observer
from mockserver.prices import price
from mockserver.redaction import Redaction
from mockserver.state.configuration import Endpoint
from mockserver.state.port import State
from mockserver.store import AccountRecord, JobRecord
from mockserver.subject import LinkMaker, Subject
from mockserver.timeline import JobStatus, entries, following, status
from mockserver.validation.pairs import FORM
from mockserver.values import holds
from mockserver.webhook_message import Letter
from mockserver.webhooks import DeliveryAttempt

JUST = 1e-5  # so long ago is now: moments are rounded


class LookingLinks(LinkMaker, Protocol):
    """Those of a sandbox, which look up what they tell."""

    async def look(self, jobs: Iterable[PlannedJob]) -> None:
        """See how the jobs stand that have brought forth what these have."""


class Origin(Protocol):
    """What a posting needs of the API of a sandbox that owes it."""

    @property
    def contract(self) -> Contract: ...
    @property
    def faults(self) -> FaultBook: ...
    @property
    def links(self) -> LookingLinks: ...
    @property
    def table(self) -> Mapping[str, Mapping[str, ResponseTemplate]]: ...
    @property
    def state(self) -> State: ...
    @property
    def endpoints(self) -> Endpoints: ...
    def planned(self, job: JobRecord) -> PlannedJob: ...
    def signer(self, account: AccountRecord | None) -> AccountRecord: ...
    def account_of(self, identity: str) -> AccountRecord | None: ...


class PostingSandbox(Protocol):
    """What an outbox needs of its sandbox."""

    moments: Moments
    keeper: Keeper | None

    @property
    def clock(self) -> Clock: ...
    @property
    def closed(self) -> bool: ...
    @property
    def generation(self) -> Generation: ...
    @property
    def state(self) -> State: ...
    @property
    def observer(self) -> Observer | None: ...
    @property
    def redaction(self) -> Redaction: ...
    @property
    def webhook_ca(self) -> str | None: ...
    @property
    def webhook_timeout(self) -> float | None: ...
    async def read_clock(self) -> ClockReading: ...
    async def walk_end(self, walk: str, seconds: float) -> float: ...
    async def move_clock(self, to: float) -> ClockReading: ...
    async def stop_at(self, moment: float) -> ClockReading: ...


@dataclass(slots=True, eq=False)
class Posting:
    """One webhook of one job; `entry` is the journal's number of the request that caused it."""

    api: Origin
    webhook: Webhook
    job: PlannedJob
    account: AccountRecord | None
    target: str
    entry: int
    attempts: list[DeliveryAttempt] = field(default_factory=list)
    outcome: str = "waiting"
    tries: int = 0
    fault: WebhookFault | None = None
    is_met: bool = False
    """Whether the faults were asked for one that this posting meets."""
    is_repeated: bool = False
    state: str | None = None
    """The state whose coming it tells of; None: the job's end, whichever that is."""
    update: str = ""
    """What happens in that state, where it tells of that."""
    due: float | None = None
    """When the job comes to be in that state, or that happens."""
    base: str = field(default_factory=base_of_request)
    """What URLs in it begin with: as in the answer to the request that caused it."""
    is_settled: bool = False
    """Whether it was due once, and goes on telling of that."""
    endpoint: str = ""
    """The registered endpoint that it goes to, by its id."""
    signed_at: float | None = None
    """When it was signed, where what was sent is to be sent once more."""
    next_at: float | None = None
    """When it is tried next; None where it is not, or waits for a move of its job."""
    weight: int = 0
    """How many bytes it takes while it is listed; 0 before and after that."""

    @property
    def id(self) -> str:
        """The same on every attempt."""
        name = ".".join(filter(None, (self.webhook.name, self.state, self.update)))
        return derived(self.webhook.id, self.job.id, name)

    @property
    def key(self) -> str:
        """The same for all that tell of one job by one webhook."""
        return f"{self.job.id} {self.webhook.name}"

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
        for update in updates(job, self.webhook):
            yield replace(self.telling(update.state, update.at), update=update.name)
        if not is_told and (states & ends or not states <= {state for _, state in coming}):
            self.due = end[0] if end is not None and states & ends else inf
            yield self

    def moved(self, job: PlannedJob, waiting: Sequence[Posting], now: float) -> Iterator[tuple[Posting, float]]:
        """What tells when of the states that its job comes to by its last move: one that waits, or a new one.

        Where it comes to them by another plan, of what is over at `now` nobody is told once more.
        """
        ends, last = self._ends, job.moves[-1] if job.moves else None
        has_ended = last is not None and status(job.plan, job.created, job.moves[:-1], last.at).ended is not None
        coming = entries(job.plan, job.created, ()) if last is None else following(job.plan, job.created, job.moves)
        for at, state in coming:
            previous = None if state in ends and not has_ended else state
            has_ended = has_ended or state in ends
            if state in self.states and at < inf and job.status(at).state == state:
                queued = next((p for p in waiting if p.state == previous and not p.update and p.is_like(self)), None)
                if queued is not None or last is not None or at > now - JUST:
                    yield queued or self.telling(previous, at), at

    def telling(self, state: str | None, due: float) -> Posting:
        """Another one that tells the same receiver of another state."""
        fault, is_met = (self.fault, self.is_met) if not self.is_settled else (None, False)
        return replace(
            self, state=state, update="", due=due, fault=fault, is_met=is_met,
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
        states = self.api.contract.resources[self.job.resource].states
        return any(states[state].end is not None for state in self.states if state in states)

    @property
    def states(self) -> frozenset[str]:
        """The states it tells of: all of the webhook's, or those whose events the request asked for."""
        return subscribed(self.webhook, self.job, self.webhook.states)

    def moment(self, now: float) -> float:
        """As of when it tells of its job: what goes out before the job's end, and is tried again, as of that end."""
        is_early = self.state is None and self.fault is not None and self.fault.early
        return max(now, self.job.created + self.job.plan.seconds) if is_early else now

    def is_due(self, moment: float) -> bool:
        """Whether the job stands, or stood when it was due, as this posting tells."""
        at, status = self._standing(moment)
        if self.state is not None and (self.due is None or status.state != self.state):
            return False
        if self.state is None and status.state not in self.states:
            return False
        return not self.webhook.when or holds(self.webhook.when)(self._subject(at, status, moment, self.tries + 1))

    def settle(self, moment: float) -> bool:
        """Whether it is due, or was when it was tried first: of that it goes on telling."""
        if not self.is_settled and self.is_due(moment):
            self.is_settled, self.due = True, moment if self.state is None else self.due
        return self.is_settled

    @property
    def is_for_account(self) -> bool:
        """Whether it has yet to be addressed to each endpoint of its account."""
        return self.webhook.is_for_account and not self.endpoint

    async def addressed(self, now: float) -> list[Posting]:
        """One posting for each endpoint of the account that wants it."""
        event = self._event(self._standing(now)[1].state)
        account = self.api.signer(self.account).id
        endpoints = await self.api.endpoints.of_account(account, now)
        return [
            replace(self, endpoint=endpoint.id, target=endpoint.url, attempts=[], is_settled=False)
            for endpoint in endpoints
            if endpoint.wants(event)
        ]

    async def parcel(self, moment: float, now: float) -> Parcel | None:
        """What is sent when the job stands as at that moment; None when its endpoint is there no more."""
        endpoint = await self.api.endpoints.find(self.endpoint, now) if self.endpoint else None
        if self.endpoint and endpoint is None:
            return None
        if self.job.uploads:
            await self.api.links.look((self.job,))
        if self.signed_at is not None:  # the same once more, to the byte
            return self._written(self.signed_at, self.tries, endpoint)
        return self._written(moment, self.tries + 1, endpoint)

    def _written(self, moment: float, attempt: int, endpoint: Endpoint | None) -> Parcel:
        at, status = self._standing(moment)
        subject = self._subject(at, status, moment, attempt)
        keys = self._keys(self.api.signer(self.account), endpoint, moment)
        with answering_at(self.base):
            return Letter(self.webhook, subject, keys).written(self._body)

    def _subject(self, at: float, status: JobStatus, moment: float, attempt: int) -> Subject:
        resource = self.api.contract.resources[self.job.resource]
        due = at if self.state is not None else status.ended or self.due or at
        message = Message(self.id, self._event(status.state), due, moment, attempt)
        return Subject(
            at, job=self.job, status=status, account=self.api.signer(self.account), links=self.api.links,
            kind=resource.id, cost=price(resource, self.job), webhook=message,
        )  # fmt: skip

    def _keys(self, signer: AccountRecord, endpoint: Endpoint | None, now: float) -> list[str]:
        """The secrets that sign: those of the endpoint, else of the account; public keys are always the account's."""
        signing = self.webhook.sign
        if signing is None:
            return []
        is_own = endpoint is not None and endpoint.secret and signing.algorithm != "ed25519"
        owner, secret = (endpoint.id, endpoint.secret) if is_own and endpoint else (signer.id, signer.webhook_secret)
        return self.api.endpoints.valid(owner, secret, now, signing.overlap)

    def _standing(self, moment: float) -> tuple[float, JobStatus]:
        """When the job is looked at, and how it stands then."""
        at = moment if self.due is None or (self.state is None and not self.tries) else self.due
        return at, self.job.status(at)

    def _event(self, state: str) -> str:
        return self.webhook.event_of(event_in(self.update) or state)

    def _body(self, subject: Subject) -> tuple[str, bytes]:
        """The name of the example that is shown, and its bytes."""
        operation = self.api.contract.operation(self.webhook.told)
        assert subject.status is not None, "its job stands in some way"
        table, names = self.api.table[operation.id], (event_in(self.update), subject.status.state)
        name = next(key for key in (operation.example_of(self.job.resource, name) for name in names) if key in table)
        body = table[name].fitting(subject).body(subject)
        return name, as_form(body, self.webhook.deep) if self.webhook.media_type == FORM else body

    async def look_again(self) -> None:
        """See the job as it is by now; one that made room is told of as it was."""
        job = (await self.api.state.look_up(self.api.contract.name, (self.job.id,)))[self.job.id].job
        if job is not None and job.rev != self.job.record.rev:
            self.job = self.api.planned(job)
