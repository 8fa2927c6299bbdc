"""The verb `create`: check what the request names, draw a plan, take the price, keep the job. Decided as one step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any

from mockserver import pointers
from mockserver.api_state import SandboxApi
from mockserver.bounds import ITEMS
from mockserver.contract import Operation
from mockserver.draws import IDS
from mockserver.intake import Reference
from mockserver.items import KEPT
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Resource
from mockserver.media import accepted_type
from mockserver.operations.call import Call, Refused, handle_of, refuse_asked, result_name
from mockserver.operations.decision import Decision, LookedUp, More
from mockserver.operations.matching import matched
from mockserver.operations.offspring import offspring
from mockserver.operations.places import value_at, values_at
from mockserver.prices import price
from mockserver.records import maker
from mockserver.refunds import refund_of
from mockserver.results import Handles, named_media, sources_of
from mockserver.state.port import Charge, Effect, KeepUpload, Occupy, PutJob, UseOrder, WantedRecords
from mockserver.store import AccountRecord, Handle, JobRecord

ACTIVE, MANY = "the account has an active job", "the account has as many active jobs as it may"
NO_WISHES: Mapping[str, Any] = {}
_job, _put = maker(JobRecord), maker(PutJob)


def purposes(api: SandboxApi, operation: Operation) -> tuple[str, ...]:
    """What a new job gets numbers for: its id and its plan."""
    return api.purposes[operation.resources[0]]


def needed_state(api: SandboxApi, operation: Operation, account: str) -> WantedRecords:
    """What must be seen first: whether the owner is busy, what the account has, which plan a test has ordered."""
    resource = operation.resources[0]
    exclusive = api.contract.resources[resource].exclusive
    if exclusive is None:
        return WantedRecords(None, account, resource)
    return WantedRecords((account, resource), account, resource, exclusive.most)


def create(call: Call, records: LookedUp) -> Decision | More:
    """Make a job, or refuse: 404 for what it names, then 402 and 409 for what the account may."""
    operation = call.operation
    resource = call.api.contract.resources[operation.resources[0]]
    sources: Handles | More = _sources(call, records) if operation.references or operation.results else {}
    if isinstance(sources, More):
        return sources
    if operation.id in call.api.refusals:
        refuse_asked(call)
    is_counted = call.account is not None and call.account.credits is not None
    if is_counted and resource.cost_of is None:
        _check_credits(records.credits or 0, resource.cost)
    if resource.exclusive is not None and records.busy > call.now:
        raise Refused(resource.exclusive.problem, ACTIVE if resource.exclusive.most == 1 else MANY)
    items = _items(call, resource, records) if resource.items is not None else None
    if isinstance(items, More):
        return items
    files = _kept_files(call, resource) if call.files else {}
    uploads = {**files, **{f"source.{name}": handle for name, handle in sources.items()}} if sources or files else None
    job = call.api.planned(_make(call, resource, records, uploads, items))
    if is_counted and resource.cost_of is not None:
        _check_credits(records.credits or 0, price(resource, job))
    decision = _answered(call, resource, job)
    decision.effects = (_put((job.record, 0)),)
    if resource.secret is not None:
        decision.effects += call.api.endpoints.issuing(job.record)
    if resource.makes:
        decision.effects += tuple(_offspring(call, resource, job))
    is_paid = records.credits is not None and call.account is not None
    if resource.exclusive is not None or is_paid or records.order is not None or files or call.api.told[resource.name]:
        decision.effects += tuple(_besides(call, resource, records, job, files))
    return decision


def _items(call: Call, resource: Resource, records: LookedUp) -> Sequence[Any] | dict[str, Any] | More:
    """What the job is to do one by one: the request's array, the members of an object, or the lines of its files."""
    assert resource.items is not None, "it was asked for"
    entries = next(filter(None, ([*_said(call, place)] for place in resource.items.places)), [])
    if len(entries) == 1 and isinstance(entries[0], dict):
        return dict(islice(entries[0].items(), ITEMS))
    files = dict.fromkeys(entry for entry in entries if isinstance(entry, str))
    if unknown := tuple(file for file in files if file not in records.media):
        return More(media=unknown)
    handles = {file: handle for file in files if (handle := records.media[file]) is not None}
    if unread := tuple(dict.fromkeys(entry for entry in handles.values() if entry not in records.lines)):
        return More(read=unread)
    lines = {name: records.lines[handle] for name, handle in handles.items()}
    rows = (lines.get(entry, ()) if isinstance(entry, str) else entry for entry in entries)
    return [*islice(chain.from_iterable(rows), ITEMS)]


def _said(call: Call, place: str) -> Iterator[str | Sequence[Any] | dict[str, Any]]:
    """What stands at a place: ids of files, arrays, an object, or, where each of an array is meant, items."""
    for _, value in values_at(call, place):
        if isinstance(value, str | list) or (isinstance(value, dict) and "*" not in place):
            yield value
        elif value is not None and "*" in place:
            yield [value]


def _offspring(call: Call, resource: Resource, job: PlannedJob) -> Iterator[Effect]:
    """What the job brings forth, and the webhooks that will tell of it."""
    api = call.api
    values = {product.resource: _kept(call, api.kept[product.resource]) for product in resource.makes.values()}
    for child in offspring(api, job, values):
        yield PutJob(child)
        yield from api.endpoints.issuing(child)
        yield from api.posts(api.planned(child), partial(value_at, call), call.entry)


def _answered(call: Call, resource: Resource, job: PlannedJob) -> Decision:
    """The answer is the example of its state, the bytes of its result, or what happens to it from now on."""
    operation = call.operation
    if operation.stream is not None:
        return Decision(None, job)
    if operation.gives_bytes:
        call.about(job)
        return Decision(None, job).but(result=result_name(call, job))
    return Decision(call.example(operation.example_of(resource.name, resource.initial), job), job)


def _besides(
    call: Call, resource: Resource, records: LookedUp, job: PlannedJob, files: Mapping[str, Handle]
) -> Iterator[Effect]:
    """What goes with a new job: its owner is busy, its price is paid, its order used up, its bytes are kept."""
    if resource.exclusive is not None:
        until = job.busy_until(resource.exclusive.states, call.now)
        yield Occupy((job.account, job.resource), job.id, call.now, until, resource.exclusive.most)
    if call.account is not None and records.credits is not None:
        left = call.account.after(records.credits, price(resource, job))
        yield Charge(job.account, records.credits, left)
        if resource.refunds:
            yield refund_of(resource, job, call.account, call.now)
    if records.order is not None:
        yield UseOrder(records.order.id)
    for handle in files.values():
        yield KeepUpload(handle)
    for post in call.api.posts(job, partial(value_at, call), call.entry):
        yield post._replace(fault=call.ordered)


def _kept_files(call: Call, resource: Resource) -> Mapping[str, Handle]:
    """Those of the request's files that answers show."""
    names = call.api.kept_parts[resource.name]
    return {name: handle_of(call, resource.name, name, p[0]) for name, p in call.files.items() if name in names}


def _sources(call: Call, records: LookedUp) -> Handles | More:
    """What the job is made from, once all that the request names is known to be there."""
    missing = _unseen(call, records)
    if missing is not None:
        return missing
    for reference in call.operation.references:
        _check_reference(call, reference, records)
    sources = sources_of(call.operation, call.values, call.files, records.media)
    if "original" in sources and "mask" in sources and records.same_size is None:
        return More(compare=sources)
    if records.same_size is False:
        raise Refused("size_differs", "original and mask must be pictures of the same size")
    return sources


def _account_id(account: AccountRecord | None) -> str:
    return account.id if account else ""


def _unseen(call: Call, records: LookedUp) -> More | None:
    """What the request names and was not looked up: jobs first, then the bytes behind the ids that are known."""
    references = [reference for reference in call.operation.references if not reference.listed]
    ids = {r.named(name) for r in references for _, name in _named(call, r)}
    if unknown := ids - records.jobs.keys():
        return More(ids=tuple(sorted(unknown)))
    media = {r.named(name) for r in references if r.accept for _, name in _named(call, r)}
    media |= set(named_media(call.operation, call.values, call.files))
    if unknown := media - records.media.keys():
        return More(media=tuple(sorted(unknown)))
    return None


def _named(call: Call, reference: Reference) -> Iterator[tuple[str, Any]]:
    """Every (field, value) of the request that names something there."""
    return ((field, value) for field, value in values_at(call, reference.at) if reference.names(value))


def _check_credits(credits: float, cost: float) -> None:
    if credits < cost:
        raise Refused("no_credits", f"the account has {credits:g} credits, the job costs {cost:g}")


def _check_reference(call: Call, reference: Reference, records: LookedUp) -> None:
    for field, word in _named(call, reference):
        if reference.listed:
            if reference.named(word) not in reference.listed:
                raise Refused(reference.missing, f"{word!r} is not known", field)
            continue
        state = _state(call, reference.resource, reference.named(word), records)
        if state is None:
            raise Refused(reference.missing, f"{word!r} is not known", field)
        if state not in reference.states:
            raise Refused(reference.otherwise, f"{word!r} is {state}", field)
        _check_kind(reference, reference.named(word), field, records)


def _check_kind(reference: Reference, identity: str, field: str, records: LookedUp) -> None:
    """Whether the bytes behind an id are of a kind that serves here."""
    medium = records.media[identity] if reference.accept else None
    if medium is not None and accepted_type(medium.content_type, None, b"", reference.accept) is None:
        why = f"{identity!r} is {medium.content_type}, not {' or '.join(reference.accept)}"
        raise Refused(reference.unsupported, why, field)


def _state(call: Call, resource: str, identity: str, records: LookedUp) -> str | None:
    """The state of a resource of this account: one that was created, or that a job produces. None: unknown."""
    job = records.jobs[identity]
    if job is not None and job.resource == resource and job.account == _account_id(call.account):
        if call.api.is_gone(job, call.now):
            return None
        return job.status(call.now).state
    maker = records.makers[identity]
    if maker is None or maker.account != _account_id(call.account):
        return None
    produces = call.api.contract.resources[maker.resource].produces
    if produces is None or produces.resource != resource:
        return None
    return produces.state if maker.status(call.now).state == produces.when else ""


def _make(
    call: Call,
    resource: Resource,
    records: LookedUp,
    uploads: Mapping[str, Handle] | None,
    items: Sequence[Any] | dict[str, Any] | None,
) -> JobRecord:
    api, (for_id, for_plan) = call.api, records.numbers
    identity = IDS[resource.id](api.sandbox.draws.reserved(api.purposes[resource.name][0], for_id))
    values = _kept(call, api.kept[resource.name])
    if items is not None:
        values = {**(values or {}), KEPT: items}
    return _job((
        identity, resource.name, _account_id(call.account), call.now, (api.scenario, for_plan), call.operation.id, 1,
        _wishes(call, records) or None, values, uploads, api.offspring[resource.name], records.credits, (), None, None,
    ))  # fmt: skip


def _kept(call: Call, places: Mapping[str, str | None]) -> Mapping[str, Any] | None:
    """The request values that answers will show; None when there are none."""
    values = call.values
    if type(values) is dict and None not in places.values():  # most lead one step down
        return {place: values[key] for place, key in places.items() if key in values} or None
    at_places = {place: value_at(call, place) for place in places}
    return {place: value for place, value in at_places.items() if value is not pointers.MISSING} or None


def _wishes(call: Call, records: LookedUp) -> Mapping[str, Any]:
    """What a test ordered of the next job, else what the request's own words ask for."""
    if records.order is not None:
        return records.order.wishes
    for row in matched(call) if call.rows is None else call.rows:
        if row.plan is not None:
            return row.plan
    return NO_WISHES
