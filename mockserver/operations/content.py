"""The verb `content`: the bytes of a result."""

from __future__ import annotations

from mockserver.operations.call import Call, Reply, example, identity, own_job
from mockserver.results import result_blob


async def content(call: Call) -> Reply:
    """The bytes once the job ended well; before that, and after a failure, the example of its state."""
    job = await own_job(call, identity(call))
    status = job.status(call.now)
    if status.state not in call.api.contract.resources[job.resource].success:
        return Reply(example(call, status.state), call.subject(job, status), job=job)
    blob = await result_blob(call.api, job, call.operation.result)
    return Reply(None, call.subject(job, status), blob, job=job)
