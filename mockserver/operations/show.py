"""Verbs that only read: a constant, or a resource as it stands."""

from __future__ import annotations

from mockserver.operations.call import Call, Reply, example, identity, own_job, state_example


async def answer(call: Call) -> Reply:
    """A constant."""
    return Reply(example(call, "ok"), call.subject())


async def show(call: Call) -> Reply:
    """A resource, by the example of its state."""
    job = await own_job(call, identity(call))
    status = job.status(call.now)
    return Reply(example(call, state_example(call, job, status)), call.subject(job, status), job=job)
