"""Answers and bytes of a call in the form that faults bend, and what a fault may know of the call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver import pointers
from mockserver.answers import ResponseTemplate
from mockserver.app.broken_results import corrupted, results_refusal
from mockserver.app.fault_matching import target_of
from mockserver.app.incoming import Incoming
from mockserver.app.outcomes import own_headers
from mockserver.app.recording import whole
from mockserver.app.sending import bytes_reply
from mockserver.clock import date_header
from mockserver.faults import Reply, RequestFacts
from mockserver.jobs import PlannedJob
from mockserver.operations import Call


def reply_to(
    call: Call, job: PlannedJob | None, scope: Any, headers: Mapping[bytes, bytes], answer: ResponseTemplate | None
) -> Reply:
    """What would be sent: the answer, or the bytes of a result as a fault of its job leaves them."""
    if answer is not None:
        made = rendered(call, answer)
        return made.without_body() if scope["method"] == "HEAD" else made
    assert call.blob is not None, "a verb gives an answer or bytes"
    job_fault = None if job is None else job.fault
    refusal = None if job_fault is None else results_refusal(job_fault, call.now)
    if refusal is not None:
        return refusal
    made_at = call.status.updated if call.status else call.now
    reply = bytes_reply(scope["method"], headers, call.blob, made_at, call.now)
    return reply if job_fault is None else corrupted(job_fault, reply)


def rendered(call: Call, answer: ResponseTemplate) -> Reply:
    """A prepared answer with the facts of the call."""
    headers = (date_header(int(call.now)), *answer.headers, *own_headers(call, answer))
    return Reply.of(answer.status, answer.media_type, call.body(answer), answer.name, tuple(headers))


def request_facts(call: Call, scope: Any, incoming: Incoming) -> RequestFacts:
    """What a fault of the answer may know."""

    def example(answer: ResponseTemplate) -> Reply:
        call.why = call.why or "the service is not available now"
        return rendered(call, answer)

    def by_status(status: int) -> Reply | None:
        answers = call.api.table[call.operation.id].values()
        fitting = [answer for answer in answers if answer.status == status >= 400]
        fitting.sort(key=lambda answer: answer.name.split(".")[0] != "server_error")
        return example(fitting[0]) if fitting else None

    def by_problem(names: Iterable[str]) -> Reply | None:
        table = call.api.table[call.operation.id]
        found = next((table[name] for name in names if name in table), None)
        return None if found is None else example(found)

    def by_key(which: str) -> Reply | None:
        rule = call.operation.idempotency
        return None if rule is None else by_problem([rule.busy if which == "busy" else rule.mismatch])

    def optional(name: str) -> frozenset[str]:
        variants = call.operation.examples.get(name, ())
        return _optional_fields(call.api.contract.document, variants[0].schema) if variants else frozenset()

    state = call.status.state if call.status else None
    request = call.now, target_of(scope), state
    return RequestFacts(*request, by_status, by_problem, optional, by_key, lambda: whole(scope, incoming))


def _optional_fields(document: Any, pointer: str | None) -> frozenset[str]:
    """The fields that a schema knows and does not require."""
    schema, _ = pointers.resolve(document, pointers.get(document, pointer or "/missing"))
    if not isinstance(schema, dict):
        return frozenset()
    return frozenset(schema.get("properties", {})) - frozenset(schema.get("required", ()))
