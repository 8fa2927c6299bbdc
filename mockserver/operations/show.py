"""Verbs that only read: a constant, or a resource as it stands."""

from __future__ import annotations

from mockserver.answers import Answer
from mockserver.operations.call import Call, identity, owned, state_example
from mockserver.store import Job


async def answer(call: Call) -> Answer:
    """A constant."""
    return call.example("ok")


async def show(call: Call) -> Answer:
    """A resource, by the example of its state."""
    named = identity(call)
    return shown(call, named, await call.api.store.get(named))


def shown(call: Call, named: str, job: Job | None) -> Answer:
    """A resource that was looked up. Raises Refused."""
    job = owned(call, named, job)
    status = job.status(call.now)
    call.about(job, status)
    return call.example(state_example(call, job, status))
