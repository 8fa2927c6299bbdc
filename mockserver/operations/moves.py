"""Verbs that change a resource because somebody asked: `move` (cancel, finalize) and `upload`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.jobs import PlannedJob
from mockserver.media import canonical
from mockserver.operations.call import Breach, Call, Refused, handle_of, own_job, rewritten
from mockserver.operations.decision import NOTHING, Decision, Found, More
from mockserver.operations.offspring import ids, shifted
from mockserver.shelf import Upload
from mockserver.state.port import Effect, Forget, Keep, Moved
from mockserver.timeline import Move, moved


def move(call: Call, found: Found) -> Decision | More:
    """Move a resource, if it is found in a state that is answered with success; else refuse, likewise by state."""
    job = own_job(call, found)
    if unseen := set(ids(call.api, job)) - found.jobs.keys():
        return More(ids=tuple(sorted(unseen)))
    return _moved(call, found, job, call.operation.leads(job.status(call.now).state))


def upload(call: Call, found: Found) -> Decision | More:
    """Keep the bytes put to a signed URL, if they are what was announced.

    An empty body is taken, as a bucket takes it, and leaves the resource as if nothing had been put.
    """
    job, sent = own_job(call, found), _file(call)
    if unseen := set(ids(call.api, job)) - found.jobs.keys():
        return More(ids=tuple(sorted(unseen)))
    state = job.status(call.now).state
    to = call.operation.leads(state) if sent.blob.length else call.api.contract.resources[job.resource].initial
    if call.example(call.operation.example_of(job.resource, state), job).status >= 400:
        return _moved(call, found, job, to)
    if sent.blob.length:
        _check_announced(call, job, sent)
    before = (job.uploads or {}).get("body")
    kept = (Keep(handle_of(call, job.resource, "body", sent)),) if sent.blob.length else ()
    effects = (*kept, *(() if before is None else (Forget(before.id),)))
    return _moved(call, found, job, to, effects, {"uploads": {"body": kept[0].handle} if kept else None})


def _file(call: Call) -> Upload:
    """What was put: the body itself, or the first file of a form."""
    for uploads in call.files.values():
        for each in uploads:
            return each
    raise Breach("bad_request", "the form holds no file")


def _moved(
    call: Call,
    found: Found,
    job: PlannedJob,
    to: str,
    effects: tuple[Effect, ...] = (),
    changes: Mapping[str, Any] = NOTHING,
) -> Decision:
    """The answer is that of the state found; what it is read from is the job after the move."""
    status = job.status(call.now)
    answer = call.example(call.operation.example_of(job.resource, status.state), job)
    if answer.status < 400 and to not in ("", status.state):
        changes = {"moves": moved(job.moves, Move(call.now, to)), **changes}
    elif not effects and not changes:
        return Decision(answer, job, status)
    after = call.api.planned(job.record.but(**changes))
    decision = Decision(answer, after, None if "moves" in changes else status)
    children = tuple(shifted(call.api, after, found.jobs)) if "moves" in changes else ()
    changed = (after.record, *(put.job for put in children)) if "moves" in changes else ()
    told = map(Moved, changed) if call.api.tells_moves else ()
    return decision.but(effects=(*rewritten(call, after), *children, *effects, *told))


def _check_announced(call: Call, job: PlannedJob, upload: Upload) -> None:
    kept = job.kept or {}
    size = kept.get(call.operation.announced.get("bytes", ""))
    if size is not None and upload.blob.length != size:
        raise Refused("size_mismatch", f"{upload.blob.length} bytes arrived, {size} were announced")
    announced = kept.get(call.operation.announced.get("type", ""))
    if announced is not None and canonical(upload.content_type) != canonical(str(announced)):
        raise Refused("type_mismatch", f"{upload.content_type} arrived, {announced} was announced")
    if announced is not None and upload.mismatch and call.api.sandbox.strict:
        raise Refused("type_mismatch", f"{announced} was announced, but {upload.mismatch}")
