"""Verbs that only read: a constant, a resource as it stands, the bytes of a result."""

from __future__ import annotations

from mockserver.operations.call import Call, own_job, refuse_asked, result_name, state_example
from mockserver.operations.decision import Decision, LookedUp


def answer(call: Call, records: LookedUp) -> Decision:
    """A constant."""
    refuse_asked(call)
    return Decision(call.example("ok"))


def show(call: Call, records: LookedUp) -> Decision:
    """A resource, by the example of its state."""
    job = own_job(call, records)
    status = job.status(call.now)
    return Decision(call.example(state_example(call, job, status), job), job, status)


def content(call: Call, records: LookedUp) -> Decision:
    """The bytes once the job ended well; before that, and after a failure, the example of its state."""
    job = own_job(call, records)
    status = job.status(call.now)
    has_ended = status.state in call.api.contract.resources[job.resource].success
    name = call.operation.example_of(job.resource, status.state)
    if has_ended or (call.operation.gives_uploads and name not in call.operation.examples):
        call.about(job, status)  # what it names may depend on the job
        return Decision(None, job, status).but(result=result_name(call, job))
    return Decision(call.example(name, job), job, status)
