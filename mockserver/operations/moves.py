"""Verbs that change a resource because somebody asked: `move` (cancel, finalize) and `upload`."""

from __future__ import annotations

from mockserver.answers import Answer
from mockserver.media import canonical
from mockserver.operations.call import Call, Refused, own_job
from mockserver.shelf import Upload
from mockserver.store import Job


async def move(call: Call) -> Answer:
    """Move a resource, if it is found in a state that is answered with success; else refuse, likewise by state."""
    return await _move(call, await own_job(call), call.operation.to)


async def _move(call: Call, job: Job, to: str) -> Answer:
    prefix = f"{job.resource}." if len(call.operation.resources) > 1 else ""

    def allowed(state: str) -> bool:
        return call.example(prefix + state).status < 400

    found, _ = await call.api.store.move(job, allowed, to, call.now)
    call.about(job, job.status(call.now))
    return call.example(prefix + found.state)


async def upload(call: Call) -> Answer:
    """Keep the bytes put to a signed URL, if they are what was announced.

    An empty body is taken, as a bucket takes it, and leaves the resource as if nothing had been put.
    """
    job = await own_job(call)
    state, sent = job.status(call.now).state, call.files["body"][0]
    to = call.operation.to if sent.blob.length else call.api.contract.resources[job.resource].initial
    if call.example(state).status < 400:
        if sent.blob.length:
            _check_announced(call, job, sent)
        replaced = (job.uploads or {}).get("body")
        job.uploads = {"body": call.api.keep(sent)} if sent.blob.length else None
        if replaced is not None:
            call.api.sandbox.shelf.forget(replaced)
    return await _move(call, job, to)


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
