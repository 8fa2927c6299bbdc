"""What a trial does with idempotency keys and with uploads that come in pieces: a key is used again, an upload cut.

Each walk begins in a sandbox without jobs, and notes what no client could do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import md5
from typing import Any

from mockserver import pointers
from mockserver.app.trial import Trial
from mockserver.app.trial_reply import UNREAD, TrialReply
from mockserver.app.trial_walks import new_job
from mockserver.contract import Operation
from mockserver.intake import INCOMPLETE, Idempotency, Joins, Pieces
from mockserver.jobs import PlannedJob
from mockserver.live.pieces import asking, bringing
from mockserver.live.requests import Sample, plain, requests_of_examples
from mockserver.loader.source import BEHAVIOR, OPENAPI
from mockserver.operations.moves import announced_of
from mockserver.uploaded import received

_KEYS = ("5f0c1a52-8c1d-4d0b-9b51-2f6c1d0e7a11", "k5f0c1a52", "52")
_PIECE = 6
_MOST = 1 << 20
"""So many bytes are uploaded at most: what is announced as more is not tried."""


async def keys(trial: Trial) -> None:
    """The same request under one key is answered as before and makes nothing; another one is refused."""
    for operation in trial.contract.operations.values():
        rule = operation.idempotency
        if rule is not None and operation.verb == "create":
            trial.renew()
            await _reused(trial, operation, rule)


async def _reused(trial: Trial, operation: Operation, rule: Idempotency) -> None:
    at = pointers.join("/operations", operation.id)
    requests = [*requests_of_examples(trial.contract, operation)] or [plain(operation)]
    replies = [
        (request, key, await trial.ask(request, None, (rule.header, key))) for request in requests for key in _KEYS
    ]
    accepted = next(((request, key, reply) for request, key, reply in replies if reply.status < 300), None)
    if accepted is None:
        if any([(await trial.ask(request)).status < 300 for request in requests]):
            why = next(reply.why for _, _, reply in replies)
            trial.say(BEHAVIOR, "/idempotency/header", f"{operation.id} takes no key that was tried: {why}.")
        return
    request, key, first = accepted
    before = await trial.newest(operation)
    again = await trial.ask(request, None, (rule.header, key))
    now = await trial.newest(operation)
    if (again.status, again.body) != (first.status, first.body) or (before and before.id) != (now and now.id):
        sentence = f"{operation.id} is answered otherwise when its key is used again: {again.status} {again.why}"
        trial.say(BEHAVIOR, at, f"{sentence}.")
    elif rule.replayed and again.headers.get(rule.replayed.lower()) is None:
        trial.say(BEHAVIOR, "/idempotency/replayed", f"{operation.id} does not send the header {rule.replayed!r}.")
    for variant in _others(request):
        reply = await trial.ask(variant, None, (rule.header, key))
        if reply.example not in UNREAD:
            if reply.example != rule.mismatch:
                sentence = f"{operation.id} takes a key for two different requests ({reply.status} {reply.example})."
                trial.say(BEHAVIOR, "/idempotency/mismatch", sentence)
            return


def _others(request: Sample) -> Iterator[Sample]:
    """The request with one of its texts changed."""
    for at, value in [*pointers.walk(request.values)] if isinstance(request.values, Mapping) else ():
        if isinstance(value, str) and at.count("/") == 1 and at[1:] not in request.parts:
            yield request.having(at, f"{value}.")


async def uploads(trial: Trial) -> None:
    """What is uploaded is there; in two pieces it is complete with the second, and what is cancelled is."""
    for operation in trial.of("upload"):
        trial.renew()
        if operation.pieces is None:
            await _whole(trial, operation)
            continue
        await _uploaded(trial, operation)
        if operation.pieces.cancels:
            trial.renew()
            await _cancelled(trial, operation, operation.pieces)


async def _whole(trial: Trial, operation: Operation) -> None:
    """Some example of a file is taken, whole or in a form, and leaves its resource where it says."""
    job, refused = await new_job(trial, operation.resources[0], _creating), list[TrialReply]()
    if job is None:
        return
    url, before = (
        trial.side.links.operation(job, operation.id, trial.sandbox.clock.now()) or "",
        job.status(job.created).state,
    )
    for file in _files(trial, operation, job):
        reply = await trial.put(url, file)
        after = await _looked_up(trial, job)
        if reply.status < 300 and after is not None:
            state, expected = after.status(trial.sandbox.clock.now()).state, operation.leads(before) or before
            if state != expected or not after.uploads:
                sentence = f"{operation.id} takes a file, and its {job.resource} is {state}, not {expected}."
                trial.say(BEHAVIOR, pointers.join("/operations", operation.id), sentence)
            return
        refused.append(reply)
    if refused and all(each.example in UNREAD for each in refused):
        sentence = f"no example of a request of {operation.id} is taken: {refused[0].why}."
        trial.say(OPENAPI, f"{operation.pointer}/requestBody", sentence, "Fix the example or the schema.")


def _files(trial: Trial, operation: Operation, job: PlannedJob) -> Iterator[Sample]:
    """The examples of a file as they are; where that was announced, as large, and of the type."""
    kind, size = (announced_of(operation, job, fact) for fact in ("type", "bytes"))
    for example in requests_of_examples(trial.contract, operation, job.id):
        if example.body is None or isinstance(example.values, Mapping):
            yield example
        elif data := example.values if size is None else _bytes_for(operation, job):
            body = example.body if kind is None else example.body._replace(media_type=str(kind))
            yield replace(example, body=body, values=data)


async def _cancelled(trial: Trial, operation: Operation, style: Pieces) -> None:
    """The command `cancel` leads an upload that has begun to the state that is said."""
    job = await new_job(trial, operation.resources[0], _creating)
    if job is None:
        return
    base, url = (
        _bare(trial, operation, job),
        trial.side.links.operation(job, operation.id, trial.sandbox.clock.now()) or "",
    )
    await trial.put(url, bringing(base, 0, _PIECE, 2 * _PIECE, 1), bytes(_PIECE))
    reply = await trial.put(url, base.having(style.places["command"], "cancel"), b"")
    after = await _looked_up(trial, job)
    state = after.status(trial.sandbox.clock.now()).state if after is not None else ""
    if reply.status >= 300 or state != style.cancels:
        sentence = f"{operation.id} is cancelled with {reply.status} {reply.why}, and its {job.resource} is {state}."
        trial.say(BEHAVIOR, pointers.join("/operations", operation.id, "cancels"), sentence)


async def _looked_up(trial: Trial, job: PlannedJob) -> PlannedJob | None:
    """The job as it is by now."""
    record = (await trial.side.state.look_up(trial.contract.name, (job.id,)))[job.id].job
    return None if record is None else trial.side.planned(record)


async def _uploaded(trial: Trial, operation: Operation) -> None:
    job = await new_job(trial, operation.resources[0], _creating)
    data = b"" if job is None else _bytes_for(operation, job)
    if job is None or not data:
        return
    half, total, at = len(data) // 2, len(data), pointers.join("/operations", operation.id)
    base, url = (
        _bare(trial, operation, job),
        trial.side.links.operation(job, operation.id, trial.sandbox.clock.now()) or "",
    )
    first = await trial.put(url, bringing(base, 0, half, total, 1), data[:half])
    query = asking(base, total)
    progress = first if query is None else await trial.put(url, query, b"")
    if {first.example, progress.example} != {INCOMPLETE}:
        reply = first if first.example != INCOMPLETE else progress
        trial.say(BEHAVIOR, at, f"{operation.id} is answered with {reply.example} in the middle of one: {reply.why}.")
        return
    last = await trial.put(url, bringing(base, half, total, total, 2), data[half:])
    if last.status < 400 and operation.pieces is not None and operation.pieces.style == "parts":
        last = await _joined(trial, operation, job, [data[:half], data[half:]])
    after = await _looked_up(trial, job)
    is_whole = after is not None and received(after) == total and "body" in (after.uploads or {})
    if last.status >= 400 or not is_whole:
        trial.say(BEHAVIOR, at, f"{operation.id} is not complete with its last piece: {last.status} {last.why}.")


def _bytes_for(operation: Operation, job: PlannedJob) -> bytes:
    """As many bytes as the request has announced that created the job."""
    size = announced_of(operation, job, "bytes")
    count = 2 * _PIECE if size is None else int(size) if str(size).isdecimal() else 0
    return bytes(count) if 2 <= count <= _MOST else b""


def _bare(trial: Trial, operation: Operation, job: PlannedJob) -> Sample:
    """A request that says nothing yet."""
    body = next((example.body for example in requests_of_examples(trial.contract, operation)), operation.bodies[0])
    return replace(plain(operation, job.id), body=body)


def _creating(trial: Trial, operation: Operation) -> Iterator[Sample]:
    """The examples of its requests, or one without a body, that announce what will be uploaded."""
    for request in requests_of_examples(trial.contract, operation) if operation.bodies else (plain(operation),):
        yield _announcing(trial, request)


def _announcing(trial: Trial, request: Sample) -> Sample:
    """The request that says in its headers how many bytes there will be."""
    for upload in trial.of("upload"):
        place = upload.announced.get("bytes", "")
        if set(upload.resources) & set(request.operation.resources) and place.startswith("header."):
            request = request.having(place, 2 * _PIECE)
    return request


async def _joined(trial: Trial, operation: Operation, job: PlannedJob, parts: Sequence[bytes]) -> TrialReply:
    for move in trial.of("move"):
        if move.joins is not None and set(move.resources) & set(operation.resources):
            base = plain(move, job.id)
            body = next((example.body for example in requests_of_examples(trial.contract, move)), None)
            return await trial.ask(Sample(move, base.path, base.query, body, _saying(move.joins, parts)))
    return TrialReply(500, {}, b"")


def _saying(joins: Joins, parts: Sequence[bytes]) -> Any:
    """The body that names the parts, as far as they stand in a list of its own."""
    above, _, number = joins.numbers.partition("/*/")
    tag = joins.tags.partition("/*/")[2]
    rows = [
        {number or "number": n, **({tag: md5(part, usedforsecurity=False).hexdigest()} if tag else {})}
        for n, part in enumerate(parts, 1)
    ]
    return {above.removeprefix("/"): rows} if above else {}
