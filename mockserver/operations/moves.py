"""Verbs that change a resource because somebody asked: `move` (cancel, finalize) and `upload`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.contract import Operation
from mockserver.jobs import PlannedJob
from mockserver.media import canonical
from mockserver.operations.call import Breach, Call, Refused, handle_of, own_job, rewritten
from mockserver.operations.decision import NOTHING, Decision, LookedUp, More
from mockserver.operations.offspring import ids, shifted
from mockserver.state.port import Effect, Forget, KeepUpload, Moved
from mockserver.store import Handle
from mockserver.timeline import Move, with_move
from mockserver.upload_store import Upload
from mockserver.uploaded import PIECE, pieces_of


def move(call: Call, records: LookedUp) -> Decision | More:
    """Move a resource, if it is found in a state that is answered with success; else refuse, likewise by state."""
    job = own_job(call, records)
    if (missing := unseen(call, records, job)) is not None:
        return missing
    state = job.status(call.now).state
    to = call.operation.leads(state)
    pieces = pieces_of(job.uploads)
    if not pieces or to in ("", state) or is_refused(call, job, state):
        return moved_to(call, records, job, to)
    return moved_to(call, records, job, to, freed(pieces), {"uploads": without_pieces(job)})


def unseen(call: Call, records: LookedUp, job: PlannedJob) -> More | None:
    """What the job brings forth, which moves with it, where that was not looked up yet."""
    names = set(ids(call.api, job)) - records.jobs.keys()
    return More(ids=tuple(sorted(names))) if names else None


def is_refused(call: Call, job: PlannedJob, state: str) -> bool:
    """Whether a job in this state is answered with an error."""
    return call.example(call.operation.example_of(job.resource, state), job).status >= 400


def freed(pieces: Mapping[int, Handle]) -> tuple[Effect, ...]:
    """Let the bytes go of an upload that is not complete."""
    return tuple(Forget(piece.id) for piece in pieces.values())


def without_pieces(job: PlannedJob) -> Mapping[str, Handle] | None:
    """What was uploaded to a job, apart from what is not complete."""
    return {name: handle for name, handle in (job.uploads or {}).items() if not name.startswith(PIECE)} or None


def upload(call: Call, records: LookedUp) -> Decision | More:
    """Keep the bytes put to a signed URL, if they are what was announced.

    An empty body is taken, as a bucket takes it, and leaves the resource as if nothing had been put.
    """
    job, file = own_job(call, records), file_of(call)
    if (missing := unseen(call, records, job)) is not None:
        return missing
    state = job.status(call.now).state
    to = call.operation.leads(state) if file.blob.length else call.api.contract.resources[job.resource].initial
    if is_refused(call, job, state):
        return moved_to(call, records, job, to)
    if file.blob.length:
        check_announced(call, job, file.handle)
    before = (job.uploads or {}).get("body")
    keeping = (KeepUpload(handle_of(call, job.resource, "body", file)),) if file.blob.length else ()
    effects = (*keeping, *(() if before is None else (Forget(before.id),)))
    return moved_to(call, records, job, to, effects, {"uploads": {"body": keeping[0].handle} if keeping else None})


def file_of(call: Call) -> Upload:
    """What was put: the body itself, or the first file of a form."""
    for uploads in call.files.values():
        for file in uploads:
            return file
    raise Breach("bad_request", "the form holds no file")


def moved_to(
    call: Call,
    records: LookedUp,
    job: PlannedJob,
    to: str,
    effects: tuple[Effect, ...] = (),
    changes: Mapping[str, Any] = NOTHING,
) -> Decision:
    """The answer is that of the state found; what it is read from is the job after the move."""
    status = job.status(call.now)
    answer = call.example(call.operation.example_of(job.resource, status.state), job)
    if answer.status < 400 and to not in ("", status.state):
        changes = {"moves": with_move(job.moves, Move(call.now, to)), **changes}
    elif not effects and not changes:
        return Decision(answer, job, status)
    after = call.api.planned(job.record.but(**changes))
    decision = Decision(answer, after, None if "moves" in changes else status)
    children = tuple(shifted(call.api, after, records.jobs)) if "moves" in changes else ()
    changed = (after.record, *(child.job for child in children)) if "moves" in changes else ()
    moved = map(Moved, changed) if call.api.tells_moves else ()
    return decision.but(effects=(*rewritten(call, after), *children, *effects, *moved))


def announced_of(operation: Operation, job: PlannedJob, fact: str) -> Any:
    """What the request that created the job has said of its bytes (`bytes`, `type`); None where it said nothing."""
    return (job.kept or {}).get(operation.announced.get(fact, ""))


def check_announced(call: Call, job: PlannedJob, upload: Handle) -> None:
    """Raises Refused for bytes that are not what was announced."""
    size, kind = (announced_of(call.operation, job, fact) for fact in ("bytes", "type"))
    if size is not None and str(upload.size) != str(size):
        raise Refused("size_mismatch", f"{upload.size} bytes arrived, {size} were announced")
    if kind is not None and canonical(upload.content_type) != canonical(str(kind)):
        raise Refused("type_mismatch", f"{upload.content_type} arrived, {kind} was announced")
    if kind is not None and upload.mismatch and call.api.sandbox.strict:
        raise Refused("type_mismatch", f"{kind} was announced, but {upload.mismatch}")
