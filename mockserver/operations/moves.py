"""Verbs that change a resource because somebody asked: `move` (cancel, finalize) and `upload`."""

from __future__ import annotations

from mockserver.media import canonical
from mockserver.operations.call import Breach, Call, Refused, own_job
from mockserver.operations.decision import Decision, Effect, Found, KeepUpload, MoveJob
from mockserver.shelf import Upload
from mockserver.store import Job


def move(call: Call, found: Found) -> Decision:
    """Move a resource, if it is found in a state that is answered with success; else refuse, likewise by state."""
    return _moved(call, own_job(call, found), call.operation.to)


def upload(call: Call, found: Found) -> Decision:
    """Keep the bytes put to a signed URL, if they are what was announced.

    An empty body is taken, as a bucket takes it, and leaves the resource as if nothing had been put.
    """
    job, sent = own_job(call, found), _file(call)
    to = call.operation.to if sent.blob.length else call.api.contract.resources[job.resource].initial
    if call.example(job.status(call.now).state).status >= 400:
        return _moved(call, job, to)
    if sent.blob.length:
        _check_announced(call, job, sent)
    return _moved(call, job, to, KeepUpload(job, sent if sent.blob.length else None))


def _file(call: Call) -> Upload:
    """What was put: the body itself, or the first file of a form."""
    for uploads in call.files.values():
        for each in uploads:
            return each
    raise Breach("bad_request", "the form holds no file")


def _moved(call: Call, job: Job, to: str, *effects: Effect) -> Decision:
    """The answer is that of the state found; what it is read from is the job after the move."""
    status = job.status(call.now)
    answer = call.example(call.operation.example_of(job.resource, status.state))
    if answer.status < 400 and status.state != to:
        return Decision(answer, job).but(effects=(MoveJob(job, job.moves, to), *effects))
    return Decision(answer, job, status).but(effects=effects)


def _check_announced(call: Call, job: Job, upload: Upload) -> None:
    kept = job.kept or {}
    size = kept.get(call.operation.announced.get("bytes", ""))
    if size is not None and upload.blob.length != size:
        raise Refused("size_mismatch", f"{upload.blob.length} bytes arrived, {size} were announced")
    announced = kept.get(call.operation.announced.get("type", ""))
    if announced is not None and canonical(upload.content_type) != canonical(str(announced)):
        raise Refused("type_mismatch", f"{upload.content_type} arrived, {announced} was announced")
    if announced is not None and upload.mismatch and call.api.sandbox.strict:
        raise Refused("type_mismatch", f"{announced} was announced, but {upload.mismatch}")
