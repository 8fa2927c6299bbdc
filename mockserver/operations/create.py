"""The verb `create`: check what the request names, draw a plan, take the price, keep the job. Decided as one step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from mockserver import pointers
from mockserver.api_state import SandboxApi
from mockserver.contract import Match
from mockserver.draws import IDS, derived
from mockserver.intake import Reference
from mockserver.lifecycle import Exclusive, Resource
from mockserver.media import judge
from mockserver.operations.call import Call, Refused
from mockserver.operations.decision import CreateJob, Decision, Found, More
from mockserver.operations.places import value_at, values_at
from mockserver.results import Sources, named_media, sources_of
from mockserver.shelf import Upload
from mockserver.store import Account, Job

NO_WISHES: Mapping[str, Any] = {}


def purposes(call: Call) -> tuple[str, ...]:
    """What a new job gets numbers for: its id and its plan."""
    return call.api.purposes[call.operation.resources[0]]


def create(call: Call, found: Found) -> Decision | More:
    """Make a job, or refuse: 404 for what it names, then 402 and 409 for what the account may."""
    operation = call.operation
    resource = call.api.contract.resources[operation.resources[0]]
    sources: Sources | More = _sources(call, found) if operation.references or operation.results else {}
    if isinstance(sources, More):
        return sources
    if call.account is not None and call.account.credits is not None:
        _check_credits(call.account.credits, resource)
    if resource.exclusive is not None and found.active is not None:
        _check_busy(call, resource.exclusive, found.active)
    job = _make(call, resource, found)
    uploads = _give_uploads(call, job, sources) if sources or call.files else ()
    is_exclusive = resource.exclusive is not None
    effect = CreateJob(job, is_exclusive, found.active, call.account, resource.cost, found.order, uploads)
    decision = Decision(call.example(operation.example_of(resource.name, resource.initial)), job)
    decision.effects = (effect,)
    if call.api.contract.webhooks:
        decision.posting = call.api.webhook(job, call.account, partial(value_at, call), call.entry)
    return decision


def _give_uploads(call: Call, job: Job, sources: Sources) -> tuple[Upload, ...]:
    """Let a job have those of the request's files that answers show, which it gives, and what it is made from."""
    kept = {name: parts[0] for name, parts in call.files.items() if name in call.api.kept_parts[job.resource]}
    job.uploads = {**kept, **{f"source.{name}": upload for name, upload in sources.items()}} or None
    return tuple(kept.values())


def _sources(call: Call, found: Found) -> Sources | More:
    """What the job is made from, once all that the request names is known to be there."""
    more = _unseen(call, found)
    if more is not None:
        return more
    for reference in call.operation.references:
        _check_reference(call, reference, found)
    sources = sources_of(call.operation, call.values, call.files, found.media)
    if "original" in sources and "mask" in sources and found.same_size is None:
        return More(compare=sources)
    if found.same_size is False:
        raise Refused("size_differs", "original and mask must be pictures of the same size")
    return sources


def _account_id(account: Account | None) -> str:
    return account.id if account else ""


def _unseen(call: Call, found: Found) -> More | None:
    """What the request names and was not looked up: jobs first, then the bytes behind the ids that are known."""
    references = [reference for reference in call.operation.references if not reference.listed]
    named = {str(name) for r in references for _, name in values_at(call, r.at)}
    if unknown := named - found.jobs.keys():
        return More(ids=tuple(sorted(unknown)))
    media = {str(name) for r in references if r.accept for _, name in values_at(call, r.at)}
    media |= set(named_media(call.operation, call.values, call.files))
    if unknown := media - found.media.keys():
        return More(media=tuple(sorted(unknown)))
    return None


def _check_credits(credits: float, resource: Resource) -> None:
    if credits < resource.cost:
        raise Refused("no_credits", f"the account has {credits:g} credits, the job costs {resource.cost:g}")


def _check_busy(call: Call, exclusive: Exclusive, active: Job) -> None:
    is_locked = active.fault is not None and active.fault.locks(active, call.now)
    if is_locked or active.status(call.now).state in exclusive.states:
        raise Refused(exclusive.problem, "the account has an active job")


def _check_reference(call: Call, reference: Reference, found: Found) -> None:
    for field, named in values_at(call, reference.at):
        if reference.listed:
            if str(named) not in reference.listed:
                raise Refused(reference.missing, f"{named!r} is not known", field)
            continue
        state = _state(call, reference.resource, str(named), found)
        if state is None:
            raise Refused(reference.missing, f"{named!r} is not known", field)
        if state not in reference.states:
            raise Refused(reference.otherwise, f"{named!r} is {state}", field)
        _check_kind(reference, str(named), field, found)


def _check_kind(reference: Reference, named: str, field: str, found: Found) -> None:
    """Whether the bytes behind an id are of a kind that serves here."""
    medium = found.media[named] if reference.accept else None
    if medium is not None and judge(medium.content_type, None, b"", reference.accept) is None:
        why = f"{named!r} is {medium.content_type}, not {' or '.join(reference.accept)}"
        raise Refused(reference.unsupported, why, field)


def _state(call: Call, resource: str, named: str, found: Found) -> str | None:
    """The state of a resource of this account: one that was created, or that a job produces. None: unknown."""
    job = found.jobs[named]
    if job is not None and job.resource == resource and job.account == _account_id(call.account):
        return job.status(call.now).state
    maker = found.makers[named]
    if maker is None or maker.account != _account_id(call.account):
        return None
    produces = call.api.contract.resources[maker.resource].produces
    if produces is None or produces.resource != resource:
        return None
    return produces.state if maker.status(call.now).state == produces.when else ""


def _make(call: Call, resource: Resource, found: Found) -> Job:
    api, account, (for_id, for_plan) = call.api, call.account, found.numbers
    identity = IDS[resource.id](api.sandbox.draws.reserved(api.purposes[resource.name][0], for_id))
    plan = api.plan_of(resource.name, _wishes(call, found), for_plan)
    job = Job(
        identity, resource.name, _account_id(account), call.now, plan, for_plan, call.operation.id,
        kept=_kept(call, api.kept[resource.name]),
        credits_before=None if account is None else account.balance,
    )  # fmt: skip
    if found.order is None and job.kept is not None and not call.path:
        job.weight = call.weight
    if resource.produces:
        kind = api.contract.resources[resource.produces.resource].id
        job.produced = derived(kind, identity, resource.produces.resource)
    return job


def _kept(call: Call, wanted: Sequence[tuple[str, str | None]]) -> Mapping[str, Any] | None:
    """The request values that answers will show; None when there are none."""
    found, values = {}, call.values
    is_object = type(values) is dict
    for place, key in wanted:  # most lead one step down
        value = values.get(key, pointers.MISSING) if key and is_object else value_at(call, place)
        if value is not pointers.MISSING:
            found[place] = value
    return found or None


def _wishes(call: Call, found: Found) -> Mapping[str, Any]:
    """What a test ordered of the next job, else what the request's own words ask for."""
    if found.order is not None:
        return found.order.wishes
    for row in matched(call) if call.rows is None else call.rows:
        if row.plan is not None:
            return row.plan
    return NO_WISHES


def matched(call: Call) -> Sequence[Match]:
    """The rows whose exact value the request holds; the value of a file part is its file name."""
    if call.rows is None:
        named = matching(call.api, call.operation.id, call.values)
        call.rows = [*named, *_matching_names(call)] if call.files else named
    return call.rows


def matching(api: SandboxApi, operation: str, values: Any) -> Sequence[Match]:
    """The rows whose exact value stands in a request's values."""
    found = []
    is_object = type(values) is dict
    for pointer, key, rows in api.matches[operation]:
        value = values.get(key) if key and is_object else pointers.get(values, pointer)
        if isinstance(value, str | int | float) and value in rows:
            found.append(rows[value])
    return found


def _matching_names(call: Call) -> Iterator[Match]:
    for pointer, _, rows in call.api.matches[call.operation.id]:
        for upload in call.files.get(pointer[1:], ()):
            if upload.filename in rows:
                yield rows[upload.filename]
