"""The verb `create`: check what the request names, draw a plan, take the price, keep the job. One atomic step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver import pointers
from mockserver.answers import Answer
from mockserver.contract import Match, Reference, Resource
from mockserver.draws import derived
from mockserver.media import judge
from mockserver.operations.call import Call, Refused
from mockserver.results import Sources, medium, same_size, sources_of
from mockserver.sandbox import PlanOrder, SandboxApi
from mockserver.store import Account, Job

NOT_EXCLUSIVE: frozenset[str] = frozenset()
NO_WISHES: Mapping[str, Any] = {}


async def create(call: Call) -> Answer:
    """Make a job, or refuse: 404 for what it names, then 402 and 409 for what the account may."""
    resource = call.api.contract.resources[call.operation.resources[0]]
    for reference in call.operation.references:
        await _check_reference(call, reference)
    sources = await sources_of(call.api, call.operation, call.values, call.files) if call.operation.results else {}
    if sources and not await same_size(sources):
        raise Refused("size_differs", "original and mask must be pictures of the same size")
    _check_credits(call, resource)
    exclusive = resource.exclusive
    job = await call.api.store.create(
        (_account_id(call.account), resource.name),
        lambda: _make(call, resource, sources),
        exclusive.states if exclusive else NOT_EXCLUSIVE,
        call.now,
    )
    if job is None:
        assert exclusive is not None, "only an exclusive resource can be refused"
        raise Refused(exclusive.problem, "the account has an active job")
    name = resource.initial if len(call.operation.resources) == 1 else f"{resource.name}.{resource.initial}"
    call.about(job)
    call.then = _then(call, job)
    return call.example(name)


def _account_id(account: Account | None) -> str:
    return account.id if account else ""


def _check_credits(call: Call, resource: Resource) -> None:
    account = call.account
    if account is not None and account.credits is not None and account.credits < resource.cost:
        raise Refused("no_credits", f"the account has {account.credits:g} credits, the job costs {resource.cost:g}")


async def _check_reference(call: Call, reference: Reference) -> None:
    for pointer, named in pointers.find(call.values, reference.at):
        if reference.listed:
            if named not in reference.listed:
                raise Refused(reference.missing, f"{named!r} is not known", pointer.lstrip("/"))
            continue
        state = await _state(call, reference.resource, str(named))
        if state is None:
            raise Refused(reference.missing, f"{named!r} is not known", pointer.lstrip("/"))
        if state not in reference.states:
            raise Refused(reference.otherwise, f"{named!r} is {state}", pointer.lstrip("/"))
        await _check_kind(call, reference, str(named), pointer)


async def _check_kind(call: Call, reference: Reference, named: str, pointer: str) -> None:
    """Whether the bytes behind an id are of a kind that serves here."""
    found = await medium(call.api, named) if reference.accept else None
    if found is not None and judge(found.content_type, None, b"", reference.accept) is None:
        why = f"{named!r} is {found.content_type}, not {' or '.join(reference.accept)}"
        raise Refused(reference.unsupported, why, pointer.lstrip("/"))


async def _state(call: Call, resource: str, named: str) -> str | None:
    """The state of a resource of this account: one that was created, or that a job produces. None: unknown."""
    job = await call.api.store.get(named)
    if job is not None and job.resource == resource and job.account == _account_id(call.account):
        return job.status(call.now).state
    maker = await call.api.store.produced(named)
    if maker is None or maker.account != _account_id(call.account):
        return None
    produces = call.api.contract.resources[maker.resource].produces
    if produces is None or produces.resource != resource:
        return None
    return produces.state if maker.status(call.now).state == produces.when else ""


def _make(call: Call, resource: Resource, sources: Sources) -> Job:
    """Runs inside the store's atomic step, once it is sure that the job will be kept."""
    api, account = call.api, call.account
    identity = api.new_id(resource)
    wishes, order = _wishes(call, resource)
    job = Job(
        identity, resource.name, _account_id(account), call.now, *api.plan_of(resource.name, wishes), call.operation.id,
        kept=_kept(api.kept[resource.name], call.values),
    )  # fmt: skip
    if order is not None:
        api.take(order)
    if resource.produces:
        kind = api.contract.resources[resource.produces.resource].id
        job.produced = derived(kind, identity, resource.produces.resource)
    if account is not None:
        job.credits_before = account.pay(resource.cost)
    if sources or call.files:
        _keep_uploads(call, job, sources)
    return job


def _kept(wanted: frozenset[str], values: Any) -> Mapping[str, Any] | None:
    """The request values that answers will show; None when there are none."""
    found = {}
    for pointer in wanted:
        value = pointers.get(values, pointer)
        if value is not pointers.MISSING:
            found[pointer] = value
    return found or None


def _keep_uploads(call: Call, job: Job, sources: Sources) -> None:
    wanted = call.api.kept_parts[job.resource]
    kept = {name: call.api.keep(parts[0]) for name, parts in call.files.items() if name in wanted}
    kept |= {f"source.{name}": upload for name, upload in sources.items()}
    job.uploads = kept or None  # parts that no answer shows were never kept


def _wishes(call: Call, resource: Resource) -> tuple[Mapping[str, Any], PlanOrder | None]:
    """What a test ordered of the next job, else what the request's own words ask for."""
    order = call.api.order(resource.name)
    if order is not None:
        return order.wishes, order
    for row in matched(call):
        if row.plan is not None:
            return row.plan, None
    return NO_WISHES, None


def matched(call: Call) -> Sequence[Match]:
    """The rows whose exact value the request holds; the value of a file part is its file name."""
    if call.rows is None:
        named = matching(call.api, call.operation.id, call.values)
        call.rows = [*named, *_matching_names(call)] if call.files else named
    return call.rows


def matching(api: SandboxApi, operation: str, values: Any) -> Sequence[Match]:
    """The rows whose exact value stands in a request's values."""
    found = []
    for pointer, rows in api.matches[operation]:
        value = pointers.get(values, pointer)
        if isinstance(value, str | int | float) and value in rows:
            found.append(rows[value])
    return found


def _matching_names(call: Call) -> Iterator[Match]:
    for pointer, rows in call.api.matches[call.operation.id]:
        for upload in call.files.get(pointer[1:], ()):
            if upload.filename in rows:
                yield rows[upload.filename]


def _then(call: Call, job: Job) -> Callable[[], None] | None:
    posting = call.posting = call.api.webhook(job, call.account, call.values, call.entry)
    return None if posting is None else lambda: call.api.sandbox.outbox.post(posting)
