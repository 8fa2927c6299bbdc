"""The verb `stream`: what happens to a job, while it happens. Here is how it begins, and what each event says.

An event is answered by an example of its name, or as another operation would answer at that moment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from mockserver.answers import ResponseTemplate
from mockserver.intake import EVENT_STREAM, Stream
from mockserver.job_events import LOG, PROGRESS, JobEvent
from mockserver.jobs import PlannedJob
from mockserver.operations.call import Call, own_job, state_example
from mockserver.operations.decision import Decision, LookedUp


def stream(call: Call, records: LookedUp) -> Decision:
    """Begin with the job as it stands; the example of a state that stands under another status answers by itself."""
    job = own_job(call, records)
    status = job.status(call.now)
    answers: Mapping[str, ResponseTemplate] = call.api.table[call.operation.id]
    answer = answers.get(state_example(call, job, status))
    if answer is not None and answer.others:
        answer = answer.fitting(call.seen_with(job))
    return Decision(answer if answer is not None and answer.status >= 300 else None, job, status)


def event_data(call: Call, rule: Stream, job: PlannedJob, event: JobEvent, at: float) -> bytes | None:
    """What an event says at a moment, as JSON or text; None for one of which the contract does not tell."""
    operation = call.api.contract.operations[rule.like] if rule.like else call.operation
    view = Call(call.api, operation, at, call.path, call.entry)
    view.account, view.query, view.sent, view.values = call.account, call.query, call.sent, call.values
    status = job.status(at)
    if event.is_state and status.state != event.name:  # it was in that state for no time at all
        status = status._replace(state=event.name, ended=None)
    view.about(job, status)
    view.row = event.line
    assert view.status is not None, "it is about a job"
    name = state_example(view, job, view.status)
    if event.name in (LOG, PROGRESS) and not rule.like:
        name = operation.example_of(job.resource, event.name)
    answer = view.api.table[operation.id].get(name)
    if answer is not None and answer.others:
        answer = answer.fitting(view)
    if answer is None or answer.status >= 300:
        return None
    body = answer.body(view)
    call.tells_secret = call.tells_secret or view.tells_secret
    return body


def event_bytes(rule: Stream, media_type: str, event: JobEvent, body: bytes) -> bytes:
    """An event as it goes over the wire."""
    if media_type != EVENT_STREAM:
        return body.replace(b"\n", b" ") + b"\n"
    name = rule.events.get(event.name, "" if rule.like else event.name)
    text = json.loads(body) if body[:1] == b'"' else body.decode()
    lines = [f"id: {event.n}", *([f"event: {name}"] if name else []), *(f"data: {line}" for line in _lines(text))]
    return "\n".join([*lines, "", ""]).encode("utf-8", "replace")


def _lines(text: str) -> list[str]:
    """As readers of event streams part them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
