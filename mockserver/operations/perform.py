"""Look up, decide, commit: what goes on around the decision of a verb, and where verbs meet the store."""

from __future__ import annotations

from collections.abc import Awaitable

from mockserver.answers import Answer
from mockserver.api_state import SandboxApi
from mockserver.operations.call import Call, Refused, identity
from mockserver.operations.decision import CreateJob, Decision, Effect, Found, KeepUpload, More, MoveJob
from mockserver.operations.table import VERBS, Verb
from mockserver.results import medium, result_blob, same_size

ROUNDS = 4
"""How often a verb may ask for more, and how often what was seen may have changed before it was committed."""


async def perform(call: Call) -> Answer | None:
    """Do what a request asks for; gives its answer, None where the call's blob is to be sent. Raises Refused."""
    verb = VERBS[call.operation.verb]
    found = _numbered(call, verb)
    for _ in range(ROUNDS):
        if verb.names_job:
            found.job = await call.api.store.get(identity(call))
        elif verb.creates:
            resource = call.operation.resources[0]
            found.order = call.api.order(resource)
            if call.api.contract.resources[resource].exclusive is not None:
                found.active = await call.api.store.active((call.account.id if call.account else "", resource))
        decision = verb.decide(call, found)
        if isinstance(decision, More):
            decision = await _decide(call, verb, found, decision)
        for effect in decision.effects:
            if await _written(call, effect) is False:
                break
            _settle(call, effect)
        else:
            call.follow(decision)
            if decision.answer is None:
                await _draw(call, decision)
            return decision.answer
    raise RuntimeError(f"{call.operation.id} met a conflict {ROUNDS} times")


def _numbered(call: Call, verb: Verb) -> Found:
    found = Found()
    if verb.purposes is not None:
        found.numbers = call.api.sandbox.draws.numbers(verb.purposes(call))
    return found


async def _decide(call: Call, verb: Verb, found: Found, decision: Decision | More) -> Decision:
    """Look up what the verb asks for until it can decide."""
    for _ in range(ROUNDS):
        if not isinstance(decision, More):
            return decision
        await _look_up(call.api, decision, found)
        decision = verb.decide(call, found)
    raise RuntimeError(f"{call.operation.id} asked for more {ROUNDS} times")


async def _look_up(api: SandboxApi, more: More, found: Found) -> None:
    if more.ids:
        found.jobs = {**found.jobs, **{named: await api.store.get(named) for named in more.ids}}
        found.makers = {**found.makers, **{named: await api.store.produced(named) for named in more.ids}}
    if more.media:
        found.media = {**found.media, **{named: await medium(api, named) for named in more.media}}
    if more.compare:
        found.same_size = await same_size(more.compare)
    if more.page is not None:
        found.pages = {**found.pages, more.page: await api.store.page(*more.page)}


def _written(call: Call, effect: Effect) -> Awaitable[bool | None]:
    """Make an effect true in the store. False, and nothing was done, when what was seen is no longer so."""
    store = call.api.store
    if isinstance(effect, CreateJob):
        if effect.order is not None and not effect.order.left:
            return _overtaken()
        return store.create(effect.job, effect.is_exclusive, effect.active)
    if isinstance(effect, KeepUpload):
        _keep(call.api, effect)
        return store.weigh(effect.job)
    return store.move(effect.job, effect.seen, effect.to, call.now)


async def _overtaken() -> bool:
    """Another request used up the plan while this one looked up what it names."""
    return False


def _settle(call: Call, effect: Effect) -> None:
    """What goes with an effect that is true now."""
    if isinstance(effect, CreateJob):
        _kept(call.api, effect)
    elif isinstance(effect, MoveJob):
        call.moved = effect.job


def _kept(api: SandboxApi, effect: CreateJob) -> None:
    """What goes with a job that was kept."""
    if effect.order is not None:
        api.take(effect.order)
    if effect.account is not None:
        effect.account.pay(effect.price)
    for upload in effect.uploads:
        api.keep(upload)


def _keep(api: SandboxApi, effect: KeepUpload) -> None:
    replaced = (effect.job.uploads or {}).get("body")
    effect.job.uploads = None if effect.upload is None else {"body": api.keep(effect.upload)}
    if replaced is not None:
        api.sandbox.shelf.forget(replaced)


async def _draw(call: Call, decision: Decision) -> None:
    assert decision.job is not None, "bytes are those of a job"
    call.blob = await result_blob(call.api, decision.job, decision.result)
    if call.blob is None:
        raise Refused("not_found", "what it was made from made room for newer uploads")
