"""What a verb is given, how it refuses, and what it leaves behind: a Call is the subject its answer is read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from mockserver.answers import Answer
from mockserver.api_state import SandboxApi
from mockserver.contract import Match, Operation
from mockserver.media import Blob
from mockserver.operations.decision import Decision, Found
from mockserver.operations.places import value_at
from mockserver.posting import Posting
from mockserver.shelf import Upload
from mockserver.store import Job
from mockserver.subject import Links, Subject
from mockserver.timeline import Status

Headers = tuple[tuple[bytes, bytes], ...]
SHOWN, SHOWN_BYTES = 1024, 4096
"""Of how many jobs the bodies are remembered that clients were shown last, and how long such a body may be."""


class Refused(Exception):
    """A refusal: the problem's name, the field it is about and a sentence.

    `headers` are of this refusal alone; `remedy` is for the journal alone.
    """

    def __init__(
        self, problem: str, why: str = "", field: str = "", headers: Headers = (), *, remedy: str = ""
    ) -> None:
        self.problem, self.why, self.field, self.headers, self.remedy = problem, why, field, headers, remedy
        super().__init__(problem)


class Breach(Refused):
    """A refusal because parameters or body break the contract, not for who asks, what exists or how it stands."""


class Call(Subject):
    """One request, read and found valid; a verb notes on it which job was meant and how it stood.

    `query` are the parameters of the query, `sent` those in headers and cookies. `values` is the body, or the fields of
    a form; `files` by part. `blob` is what to send in place of an answer;
    `posting` is the webhook that a new job will cause; it is posted once the answer was sent. `moved` is the job that
    the request moved.
    """

    query: Mapping[str, Any] = {}
    sent: Mapping[str, Mapping[str, Any]] = {}
    values: Any = None
    files: Mapping[str, Sequence[Upload]] = {}
    basic: tuple[str, str] | None = None
    blob: Blob | None = None
    posting: Posting | None = None
    moved: Job | None = None
    links: Links
    rows: Sequence[Match] | None = None
    headers: Headers = ()
    weight: int = 0
    """How many bytes its values take at most, where that is known from the body."""

    def __init__(self, api: SandboxApi, operation: Operation, now: float, path: Sequence[str], entry: int) -> None:
        self.api = api
        self.operation = operation
        self.now = now
        self.path = path
        self.entry = entry
        self.links = api.links

    def about(self, job: Job, status: Status | None = None) -> None:
        """The answer is about this job, standing so; without a status, as it stands by the time somebody asks."""
        if status is not None:
            self.status = status
        elif self.job is not None:  # else there was no status
            self.__dict__.pop("status", None)
        self.job = job
        resource = self.api.contract.resources[job.resource]
        self.kind, self.cost = resource.id, resource.cost

    def follow(self, decision: Decision) -> None:
        """The answer will be read from what was decided."""
        if decision.job is not None:
            self.about(decision.job, decision.status)
        if decision.posting is not None:
            self.posting = decision.posting
        if decision.facts:
            self.__dict__.update(decision.facts)

    @cached_property
    def status(self) -> Status | None:  # type: ignore[override]
        """How its job stands; None without one."""
        return None if self.job is None else self.job.status(self.now)

    def body(self, answer: Answer) -> bytes:
        """The bytes of an answer. A client that polls is told the same again and again: that is rendered once."""
        job = self.job
        if job is None or not answer.is_steady:
            return answer.body(self)
        shown, status = self.api.shown.get(job.id), self.status
        if shown is None or shown[0] is not answer or shown[1] != status or shown[2] is not job.fault:
            return self._remembered(job, answer, answer.body(self))
        body: bytes = shown[3]
        return body

    def _remembered(self, job: Job, answer: Answer, body: bytes) -> bytes:
        if len(self.api.shown) >= SHOWN:
            self.api.shown.clear()
        if len(body) <= SHOWN_BYTES:
            self.api.shown[job.id] = (answer, self.status, job.fault, body)
        return body

    def example(self, name: str) -> Answer:
        """The prepared answer of a name."""
        return self.api.table[self.operation.id][name]


def state_example(call: Call, job: Job, status: Status) -> str:
    """The name of the example for a job in a state: a view of a quirk that is on goes before the state's own."""
    name = status.state
    for view in call.api.contract.resources[job.resource].views:
        if view.state == name and view.quirk not in call.api.off and view.low <= status.progress < view.high:
            name = view.example
            break
    return call.operation.example_of(job.resource, name)


def own_job(call: Call, found: Found) -> Job:
    """The job a request names, if it is one of this operation's and this account's. Raises Refused not_found."""
    job = found.job
    if job is not None and job.fault is not None and job.fault.hides(job, call.now):
        job = None
    if job is None or job.resource not in call.operation.resources:
        raise Refused("not_found", f"{_shown(call)!r} is not known")
    if call.account is not None and job.account != call.account.id:
        raise Refused("not_found", f"{_shown(call)!r} belongs to another account")
    for index, place in call.operation.shared:  # most have none
        if job.kept is not None and job.kept.get(place, call.path[index]) != call.path[index]:
            raise Refused("not_found", f"{_shown(call)!r} was created under another {place.partition('.')[2]}")
    return job


def _shown(call: Call) -> str:
    """The id as a sentence may repeat it: what is cut off must not hide the half of a secret from redaction."""
    return call.api.sandbox.redaction.text(identity(call))[:100]


def identity(call: Call) -> str:
    """The id a request names: in the path, or at the place `id_at`."""
    operation = call.operation
    if operation.id_index is not None:
        named = call.path[operation.id_index]
    else:
        named = str(value_at(call, operation.id_at or ""))
    return named.rpartition(operation.id_after)[2] if operation.id_after else named
