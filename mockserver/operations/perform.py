"""Look up, decide, commit: what goes on around the decision of a verb, and where verbs meet the state."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mockserver.answers import ResponseTemplate
from mockserver.api_state import SandboxApi
from mockserver.bounds import WINDOWS
from mockserver.contract import Operation
from mockserver.errors import StateError
from mockserver.lifecycle import UPLOAD, Value
from mockserver.operations.call import Call, Refused, bare_id, identity
from mockserver.operations.decision import Decision, LookedUp, More
from mockserver.operations.keys import credits_left, saving
from mockserver.operations.table import VERBS, Verb
from mockserver.ratelimit import windows
from mockserver.results import blob_of, joined_pieces, lines_of, medium, result_blob, same_size
from mockserver.state.port import Begin, Begun, Lookup, WantedRecords
from mockserver.store import Handle
from mockserver.values import reader

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+( *; *[ -~]*)?", re.ASCII)
ROUNDS = 64
"""How often what was seen may have changed before it was committed: each time another process was faster."""
LOOKS = 12
"""How often a verb may ask for more."""
JOINED = ""
"""The name among the files of a request of what was made of several; no part of a form has it."""


def begin_of(api: SandboxApi, operation: Operation, client: str, account: str) -> Begin:
    """What a request of a caller begins with."""
    key = (operation.id, client, account)
    begin = api.begins.get(key)
    if begin is None:
        if len(api.begins) >= WINDOWS:
            api.begins.clear()
        begin = api.begins[key] = _begin(api, operation, client, account)
    return begin


def _begin(api: SandboxApi, operation: Operation, client: str, account: str) -> Begin:
    verb = VERBS[operation.verb]
    wanted = WantedRecords(account=account) if operation.id in api.credited else None
    return Begin(
        api.contract.name,
        wanted if verb.wanted is None else verb.wanted(api, operation, account),
        () if verb.purposes is None else verb.purposes(api, operation),
        windows(api.limits(operation.id, "ip") or (), client),
        windows(api.limits(operation.id, "account") or (), account) if account else (),
        api.sandbox.configuration.rev,
    )


def named_in_head(operation: Operation, path: Sequence[str]) -> str:
    """The job that the head of a request names."""
    if operation.id_index is None or not VERBS[operation.verb].names_job:
        return ""
    return bare_id(operation, path[operation.id_index])


async def perform(call: Call, begin: Begin, begun: Begun) -> ResponseTemplate | None:
    """Do what a request asks for; gives its answer, None where the call's blob is to be sent. Raises Refused."""
    verb, api = VERBS[call.operation.verb], call.api
    records, job_id = LookedUp(), identity(call) if verb.names_job else ""
    records.numbers, lookup = begun.numbers, begun[4:]
    if verb.names_job and call.operation.id_index is None:  # the head did not name it
        lookup = await api.state.look(begin.api, job_id, begin.wanted)
    decision = await _committed(call, begin, records, lookup)
    if decision is None:
        decision = await _committed_in_turn(call, begin, records, job_id)
    if decision.answer is None and call.operation.stream is None:
        await _draw(call, decision)
    return decision.answer


async def _committed_in_turn(call: Call, begin: Begin, records: LookedUp, job_id: str) -> Decision:
    """Decide again what others were faster with; one by one, as all would see the same again. Raises StateError."""
    api = call.api
    async with api.turn:
        for _ in range(ROUNDS):
            records = _anew(records)
            lookup = await api.state.look(begin.api, job_id, begin.wanted)
            if (decision := await _committed(call, begin, records, lookup)) is not None:
                return decision
    raise StateError(f"{call.operation.id} met a conflict {ROUNDS} times: other servers are faster")


def _anew(records: LookedUp) -> LookedUp:
    """The request's numbers and what it joined; all else may have changed, as what it was to be committed with has."""
    again = LookedUp()
    again.numbers, again.joined = records.numbers, records.joined
    return again


async def _committed(call: Call, begin: Begin, records: LookedUp, lookup: Lookup | Sequence[Any]) -> Decision | None:
    """Decide by what was seen, and commit the effects; None where that has changed meanwhile."""
    api, verb = call.api, VERBS[call.operation.verb]
    tells_credits = call.operation.id in api.credited
    job, records.busy, records.credits, records.order = lookup
    records.job = None if job is None else api.planned(job)
    if tells_credits:
        call.credits = records.credits
    if records.job is not None and call.operation.id in api.sized:
        await api.links.look((records.job,))
    decision = verb.decide(call, records)
    if isinstance(decision, More):
        decision = await _decide(call, verb, records, decision)
    effects = decision.effects if call.key is None else (*decision.effects, *saving(call, decision, records.credits))
    if effects and (call.files or api.endpoints.is_crowded):
        await _prepare(call)
    if effects and not await api.state.commit(begin.api, call.entry, effects):
        return None
    call.follow(decision)
    if tells_credits:
        call.credits = credits_left(effects, records.credits)
    return decision


async def _prepare(call: Call) -> None:
    """What few requests need before they change anything."""
    await _offer(call)
    if call.api.endpoints.is_crowded:
        await call.api.endpoints.show_old()


async def _offer(call: Call) -> None:
    """Let the state have the request's files, of which it keeps what it is told to."""
    for uploads in call.files.values():
        for upload in uploads:
            if not upload.is_offered:
                upload.is_offered = True
                await call.api.state.offer(upload.handle, upload.blob)


async def _decide(call: Call, verb: Verb, records: LookedUp, decision: Decision | More) -> Decision:
    """Look up what the verb asks for until it can decide."""
    for _ in range(LOOKS):
        if not isinstance(decision, More):
            return decision
        await _offer(call)
        await _look_up(call.api, decision, records)
        if decision.join and decision.join not in records.joined:
            await _join(call, decision.join, records)
        decision = verb.decide(call, records)
    raise RuntimeError(f"{call.operation.id} asked for more {LOOKS} times")


async def _join(call: Call, pieces: tuple[Handle, ...], records: LookedUp) -> None:
    """Lay bytes end to end; None where some made room for others. What comes of it is one of the request's files."""
    whole = await joined_pieces(call.api, pieces)
    if whole is not None:
        call.files = {**call.files, JOINED: [*call.files.get(JOINED, ()), whole]}
        await _offer(call)
    records.joined = {**records.joined, pieces: None if whole is None else whole.handle}


async def _look_up(api: SandboxApi, more: More, records: LookedUp) -> None:
    name = api.contract.name
    if more.ids:
        by_id = await api.state.look_up(name, more.ids)
        records.jobs = {**records.jobs, **{key: job and api.planned(job) for key, (job, _) in by_id.items()}}
        records.makers = {**records.makers, **{key: maker and api.planned(maker) for key, (_, maker) in by_id.items()}}
    if more.media:
        by_id = await api.state.look_up(name, more.media)
        records.media = {**records.media, **{key: await medium(api, behind) for key, behind in by_id.items()}}
    if more.compare:
        records.same_size = await same_size(api, more.compare)
    if more.number_of is not None:
        records.counts = {**records.counts, more.number_of: await api.state.count(name, more.number_of)}
    if more.read:
        records.lines = {**records.lines, **{key: await lines_of(api, key) for key in more.read}}
    if more.page is not None:
        jobs, next_ = await api.state.page(name, more.page)
        planned = [*map(api.planned, jobs)]
        records.pages = {**records.pages, more.page: (planned, next_ and api.planned(next_))}
        if api.sized:
            await api.links.look(planned)


async def _draw(call: Call, decision: Decision) -> None:
    assert decision.job is not None, "bytes are those of a job"
    if decision.result.startswith(UPLOAD):
        handle = (decision.job.uploads or {}).get(decision.result.removeprefix(UPLOAD))
        call.blob = None if handle is None else await blob_of(call.api, handle)
    else:
        call.blob = await result_blob(call.api, decision.job, decision.result)
    if call.blob is None:
        raise Refused("not_found", "what it was made from made room for newer uploads")
    if call.operation.sends and (media_type := _sent_type(call)):
        call.blob = replace(call.blob, content_type=media_type)


def _sent_type(call: Call) -> str:
    """The media type as which the bytes are said to be sent; empty where nothing says so, or what is none."""
    rule = call.operation.sends
    media_type = reader(rule)(call) if isinstance(rule, Value) else rule
    return media_type if isinstance(media_type, str) and _MEDIA_TYPE.fullmatch(media_type) else ""
