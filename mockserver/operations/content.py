"""The verb `content`: the bytes of a result."""

from __future__ import annotations

from mockserver.answers import Answer
from mockserver.operations.call import Call, Refused, own_job
from mockserver.results import result_blob


async def content(call: Call) -> Answer | None:
    """The bytes once the job ended well; before that, and after a failure, the example of its state."""
    job = await own_job(call)
    status = job.status(call.now)
    call.about(job, status)
    if status.state not in call.api.contract.resources[job.resource].success:
        return call.example(status.state)
    call.blob = await result_blob(call.api, job, call.operation.result)
    if call.blob is None:
        raise Refused("not_found", "what it was made from made room for newer uploads")
    return None
