"""Sample subjects: every state with progress, text and money at their extremes, and optional facts absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.check.requested_facts import SampleRequest, asked, constants, variations
from mockserver.check.requests import SampleBody, is_declared, is_of_body, requests
from mockserver.contract import Contract, Limit, Operation, Webhook
from mockserver.draws import IDS, derived, digest
from mockserver.intake import INCOMPLETE
from mockserver.items import KEPT
from mockserver.jobs import PlannedJob
from mockserver.kept import kept_pointers
from mockserver.lifecycle import PARENT, LifecycleState, Resource
from mockserver.message import Message
from mockserver.operations.updates import anew
from mockserver.prices import price
from mockserver.ratelimit import Hit
from mockserver.signatures import PUBLIC_PREFIX
from mockserver.store import AccountRecord, Handle, JobRecord, Offspring
from mockserver.subject import Subject
from mockserver.timeline import ErrorField, ItemPlan, JobStatus, TimelinePlan, but_told
from mockserver.validation import Schemas

CREATED = 1_767_225_600.123456
NOW = CREATED + 12.75
WHY = "a sentence about a request, with \"quotes\" and an 'é', as long as such sentences are. " * 3
MOST_REQUESTS = 200
"""So many different requests that create a resource are tried with each answer about it."""
HANDLE = Handle("", "image/png", "a file.png", 5, "x" * 32, sha256="a" * 64)
FREE_ERROR = "an error that a test thought of. " * 10


class SampleLinks:
    """URLs as a sandbox would make them."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._name = contract.name

    def result(self, job: PlannedJob, name: str, full: bool, now: float) -> str | None:
        maker = self._contract.operations.get(job.operation)
        known = {**self._contract.resources[job.resource].results, **(maker.results if maker else {})}
        file = known[name].file if name in known else None
        return file and self._url(f"/_media/@default/{self._name}/{job.id}/{name}/{file}", full)

    def upload(self, job: PlannedJob, part: str, full: bool, now: float) -> str | None:
        if part not in (job.uploads or {}):
            return None
        return self._url(f"/_media/@default/{self._name}/{job.id}/upload.{part}/a%20file.png", full)

    def operation(self, job: PlannedJob, operation: str, now: float) -> str | None:
        return self._url(f"/@default/{self._name}/{operation}/{job.id}", True)

    def produced(self, job: PlannedJob, name: str, now: float) -> str | None:
        made = self._contract.resources[job.resource].makes[name]
        return derived(self._contract.resources[made.resource].id, job.id, name)

    def page(self, operation: str, query: Sequence[tuple[str, str]], path: Sequence[str] = ()) -> str:
        return self._url(f"/@default/{self._name}/{operation}", True)

    def size(self, handle: Handle) -> int | None:
        return 1024

    def secret(self, job: PlannedJob) -> str | None:
        form = self._contract.resources[job.resource].secret
        return None if form is None else IDS[form](digest("sample", "secret", 0))

    def keys(self, account: AccountRecord | None, now: float) -> list[dict[str, Any]]:
        return [dict.fromkeys(("kty", "crv", "x", "use", "alg", "kid"), "x" * 43)]

    def public_key(self, account: AccountRecord) -> str:
        return f"{PUBLIC_PREFIX}{'x' * 43}="

    def _url(self, path: str, full: bool) -> str:
        return f"http://127.0.0.1:65535{path}?expires={int(NOW)}&signature={'x' * 43}" if full else path


@dataclass(frozen=True, slots=True)
class ExampleUse:
    """In which states of which resource an example is given, and how far a job may be then."""

    resource: Resource
    state: LifecycleState
    low: float = 0
    high: float = 100


class KnownValues(NamedTuple):
    """What a job knows of the request that created it."""

    operation: str
    kept: Mapping[str, object]
    parts: frozenset[str]


class Samples:
    """Makes the subjects of one contract's answers."""

    def __init__(self, contract: Contract, schemas: Schemas) -> None:
        self.contract = contract
        self._schemas = schemas
        self._links = SampleLinks(contract)
        identity = IDS[contract.account_id](digest("sample", "account", 0))
        self._account = AccountRecord(
            contract.name, identity, "key", "client", "secret", "", facts=contract.account_facts
        )
        self._requests: dict[tuple[str, str], list[SampleBody]] = {}
        self._known: dict[tuple[str, str], list[KnownValues]] = {}
        self._asked: dict[str, list[SampleRequest]] = {}
        self._tested, self._tested_now = constants(contract, "request"), constants(contract, "call")

    def refusals(self, operation: Operation | None) -> Iterator[Subject]:
        """What the facts of a refusal may be read from."""
        limited = [x for x in self.contract.limits if operation is not None and operation.id in x.operations]
        hits = [Hit(x, 0, x.window, True) for x in limited] or [Hit(Limit("none", "ip", frozenset(), 1, 1), 0, 1, True)]
        for why, field in (("a", ""), (WHY, "a/field")):
            for hit in hits:
                yield Subject(NOW, account=self._account, links=self._links, hit=hit, why=why, field=field)

    def page_url(self, operation: Operation) -> str:
        """Where another page of a list is."""
        return self._links.page(operation.id, ())

    def plain(self, operation: Operation) -> Iterator[Subject]:
        """What the facts of an answer without a job are read from."""
        more = {"token": f"{'x' * 40}.{'y' * 400}.{'z' * 43}", "expires_in": operation.expires}
        for each in self.asked(operation):
            yield self._subject(operation, asked=each, **(more if operation.verb == "token" else {}))

    def jobs(self, operation: Operation, name: str, status: int) -> Iterator[Subject]:
        """What the facts of a state's answer are read from: jobs that stand as the example says."""
        for found in self._found(operation, name):
            state = found.state
            if operation.verb in ("move", "update", "upload") and status < 400 and name != INCOMPLETE:
                state = found.resource.states[operation.leads(state.name) or state.name]
            for job in self._made(operation, found.resource, state):
                for standing in _standings(job, state, found):
                    kind, cost = found.resource.id, price(found.resource, job)
                    for each in self.asked(operation):
                        yield self._subject(operation, job=job, status=standing, kind=kind, cost=cost, asked=each)

    def asked(self, operation: Operation) -> list[SampleRequest]:
        """Requests to an operation that vary in what its answers look at."""
        if operation.id not in self._asked:
            self._asked[operation.id] = asked(self.contract, operation, self._tested_now)
        return self._asked[operation.id]

    def messages(self, webhook: Webhook, name: str, state: str) -> Iterator[Subject]:
        """What the facts of a webhook's body are read from."""
        identity = derived(webhook.id, "sample", name)
        for subject in self.jobs(self.contract.operation(webhook.told), name, 200):
            message = Message(identity, webhook.event_of(state), NOW - 1, NOW, 1)
            message.signature = lambda: "x" * 64
            subject.account, subject.webhook = self._account, message
            yield subject

    def _subject(self, operation: Operation, **facts: object) -> Subject:
        anybody = operation.security.kind in ("open", "signed") and operation.verb != "token"
        account = None if anybody else self._account
        return Subject(NOW, account=account, links=self._links, credits=self.contract.account_credits, **facts)

    def _found(self, operation: Operation, name: str) -> Iterator[ExampleUse]:
        for each in operation.resources:
            resource = self.contract.resources[each]
            own = name.removeprefix(f"{each}.") if len(operation.resources) > 1 else name
            if len(operation.resources) > 1 and own == name:
                continue
            if own == INCOMPLETE and operation.pieces is not None:
                yield ExampleUse(resource, resource.states[resource.initial])
            if own in resource.states:
                yield ExampleUse(resource, resource.states[own])
            for view in (v for v in resource.views if v.example == own):
                yield ExampleUse(resource, resource.states[view.state], view.low, view.high)

    def _made(self, operation: Operation, resource: Resource, state: LifecycleState) -> Iterator[PlannedJob]:
        identity = IDS[resource.id](digest("sample", resource.name, 0))
        offspring = Offspring("cuid", "sample") if resource.produces else None
        item_plan = ItemPlan(resource.items, 0.5) if resource.items else None
        own = _own_bytes(operation, resource, state)
        for maker, kept, parts in self._known_of(operation, resource):
            for error in _errors(resource, state):
                uploads = dict.fromkeys([*parts, *own], HANDLE)
                job = JobRecord(
                    identity, resource.name, self._account.id, CREATED, operation=maker, kept=kept, uploads=uploads,
                    offspring=offspring, credits_before=self.contract.account_credits,
                )  # fmt: skip
                plan = TimelinePlan((), state.name, state.end, error=error, items=item_plan)
                yield PlannedJob(job, plan=plan)

    def _known_of(self, operation: Operation, resource: Resource) -> Sequence[KnownValues]:
        """What is known of the requests that create a resource, each once; of a creating operation its own."""
        key = (operation.id if operation.verb == "create" else "", resource.name)
        if key not in self._known:
            found: dict[str, KnownValues] = {}
            for request in self._of_resource(operation, resource):
                for kept in self._kept(resource, request):
                    known = KnownValues(request.operation, kept, request.parts)
                    found.setdefault(repr((kept, sorted(request.parts))), known)
                if len(found) >= MOST_REQUESTS:
                    break
            for known in self._updated(resource, [*found.values()][:1] if operation.verb != "create" else ()):
                found.setdefault(repr((known.kept, sorted(known.parts))), known)
            self._known[key] = list(found.values())
        return self._known[key]

    def _updated(self, resource: Resource, before: Sequence[KnownValues]) -> Iterator[KnownValues]:
        """What is known of a resource once an update has said some of it anew."""
        for operation in self.contract.operations.values():
            for request in (
                self._requests_of(operation, resource)
                if operation.sets and resource.name in operation.resources
                else ()
            ):
                for known in before:
                    yield known._replace(kept=anew(operation, known.kept, partial(pointers.get, request.values)))

    def _kept(self, resource: Resource, request: SampleBody) -> Iterator[Mapping[str, object]]:
        wanted = kept_pointers(self.contract, resource.name)
        maker = self.contract.operations.get(request.operation)
        found = {p: request.values if p == "body" else pointers.get(request.values, p) for p in wanted if is_of_body(p)}
        in_body = {p: v for p, v in found.items() if v is not pointers.MISSING}
        if resource.items is not None:
            found_at = (pointers.get(request.values, place) for place in resource.items.places)
            in_body[KEPT] = next((each for each in found_at if isinstance(each, list | dict) and each), [{}, {}])
        if maker is None:
            yield {**in_body, PARENT: self._parent(resource)} if PARENT in wanted else in_body
            return
        elsewhere = sorted(p for p in wanted if p not in found and is_declared(self.contract, maker, p))
        for values in variations(self.contract, maker, elsewhere, self._tested):
            yield {**in_body, **values}

    def _parent(self, resource: Resource) -> str | None:
        """The id of a job that brings such a one forth."""
        every = self.contract.resources.values()
        parent = next((r for r in every if any(m.resource == resource.name for m in r.makes.values())), None)
        return None if parent is None else IDS[parent.id](digest("sample", parent.name, 0))

    def _of_resource(self, operation: Operation, resource: Resource) -> Iterator[SampleBody]:
        every = self.contract.operations.values()
        makers = [o for o in every if o.verb == "create" and resource.name in o.resources]
        chosen = [operation] if operation.verb == "create" else makers
        for each in chosen:
            yield from self._requests_of(each, resource)
        if not chosen:
            yield SampleBody("", {})

    def _requests_of(self, operation: Operation, resource: Resource) -> list[SampleBody]:
        key = (operation.id, resource.name)
        if key not in self._requests:
            wanted = kept_pointers(self.contract, resource.name)
            self._requests[key] = requests(self.contract, self._schemas, operation, wanted, self._tested)
        return self._requests[key]


def _own_bytes(operation: Operation, resource: Resource, state: LifecycleState) -> list[str]:
    """A resource whose bytes are put by an operation of their own has them from then on."""
    return ["body"] if state.name != resource.initial or operation.verb == "upload" else []


def _errors(resource: Resource, state: LifecycleState) -> list[ErrorField]:
    messages: list[ErrorField] = [*resource.run.errors.get(state.name, ())] if resource.run else []
    if state.end != "failure":
        return messages or [None]
    return [*messages, but_told(messages[0], FREE_ERROR)] if messages else [None, FREE_ERROR]


def _standings(job: PlannedJob, state: LifecycleState, found: ExampleUse) -> Iterator[JobStatus]:
    low, high = int(found.low), min(99, int(found.high))
    if state.end is not None:
        for progress in {"success": (100,), "failure": (0, 99), "cancelled": (0, 99)}[state.end]:
            yield JobStatus(state.name, progress, NOW - 0.5, NOW - 0.5)
    elif state.phase is None:
        for progress in (0, 99) if found.resource.run else (0,):
            yield JobStatus(state.name, progress, CREATED, None)
    else:
        for progress in (low, high) if state.phase == "running" else (0,):
            yield JobStatus(state.name, progress, CREATED, None)
