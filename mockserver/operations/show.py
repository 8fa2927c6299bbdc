"""Verbs that only read: a constant, or a resource as it stands."""

from __future__ import annotations

from mockserver.answers import Answer
from mockserver.operations.call import Call, own_job, state_example


async def answer(call: Call) -> Answer:
    """A constant."""
    return call.example("ok")


async def show(call: Call) -> Answer:
    """A resource, by the example of its state."""
    job = await own_job(call)
    status = job.status(call.now)
    call.about(job, status)
    return call.example(state_example(call, job, status))
