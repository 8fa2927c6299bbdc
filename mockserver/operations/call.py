"""What a verb is given, how it refuses, and what it leaves behind: a Call is the subject its answer is read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockserver import pointers
from mockserver.answers import ResponseTemplate, Table
from mockserver.api_state import SandboxApi
from mockserver.contract import Operation
from mockserver.draws import digest
from mockserver.header_types import RawHeaders
from mockserver.held_requests import JobPause
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import UPLOAD
from mockserver.media import Blob
from mockserver.milestones import same_until
from mockserver.operations.decision import Decision, LookedUp
from mockserver.operations.offspring import put_job
from mockserver.operations.places import value_at
from mockserver.prices import price
from mockserver.rules import Match
from mockserver.state.port import Effect, KeyName, Post
from mockserver.store import Attachment, Handle, JobRecord
from mockserver.subject import LinkMaker, Subject
from mockserver.timeline import JobStatus
from mockserver.upload_store import Upload
from mockserver.values import reader

NO_FILES: Mapping[str, Sequence[Upload]] = {}
SHOWN, SHOWN_BYTES = 1024, 4096
"""Of how many jobs the bodies are remembered that clients were shown last, and how long such a body may be."""


@dataclass(slots=True)
class ShownAnswer:
    """An answer that a client was shown, of one revision of a job: the same from `since` to `until`, by this table.

    `kept` is what the journal keeps of its body, as a redaction of that `version` leaves it.
    """

    rev: int
    operation: Operation
    table: Table
    since: float
    until: float
    answer: ResponseTemplate
    job: PlannedJob
    status: JobStatus
    body: bytes
    kept: bytes = b""
    version: int = -1


class Refused(Exception):
    """A refusal: the problem's name, the field it is about and a sentence.

    `headers` are of this refusal alone; `remedy` is for the journal alone.
    """

    def __init__(
        self, problem: str, why: str = "", field: str = "", headers: RawHeaders = (), *, remedy: str = ""
    ) -> None:
        self.problem, self.why, self.field, self.headers, self.remedy = problem, why, field, headers, remedy
        super().__init__(problem)


class Breach(Refused):
    """A refusal because parameters or body break the contract, not for who asks, what exists or how it stands."""


class Call(Subject):
    """One request, read and found valid; a verb notes on it which job was meant and how it stood.

    `query` are the parameters of the query, `sent` those in headers and cookies. `values` is the body, or the fields of
    a form; `files` by part. `blob` is what to send in place of an answer; `caused` has the webhooks of a new job,
    `ordered` is the fault that they meet by the request's own words. `key` is the idempotency key it claimed.
    `pause` is where it waits, `waited` the seconds of the sandbox's clock for which its answer was held back.
    `accepts` is the media type of an answer that it wants.
    """

    query: Mapping[str, Any] = {}
    sent: Mapping[str, Mapping[str, Any]] = {}
    values: Any
    files: Mapping[str, Sequence[Upload]]
    basic: tuple[str, str] | None = None
    blob: Blob | None = None
    ordered: Attachment | None = None
    shown: ShownAnswer | None
    caused: Sequence[Effect] = ()
    links: LinkMaker
    rows: Sequence[Match] | None
    headers: RawHeaders
    key: KeyName | None
    pause: JobPause | None
    waited: float = 0.0
    accepts: str | None = None

    def __init__(self, api: SandboxApi, operation: Operation, now: float, path: Sequence[str], entry: int) -> None:
        self.api = api
        self.operation = operation
        self.now = now
        self.path = path
        self.entry = entry
        self.links = api.links
        # What each request is asked for: a default of the class takes ten times as long to read.
        self.job = self.account = self.hit = self.shown = self.why = self.rows = self.values = None
        self.key = self.pause = None
        self.files, self.headers = NO_FILES, ()

    @property
    def asked(self) -> Call:  # type: ignore[override]
        """The request that is being answered is this one."""
        return self

    def seen_with(self, job: PlannedJob | None) -> Subject:
        """What facts are read from while it is not decided yet which answer is given: the request, and its job."""
        if job is None:
            return self
        resource, status = self.api.contract.resources[job.resource], job.status(self.now)
        return Subject(
            self.now, job=job, status=status, account=self.account, links=self.links, kind=resource.id,
            cost=price(resource, job), credits=self.credits, asked=self,
        )  # fmt: skip

    @property
    def ticket(self) -> bytes:
        """64 bytes that no other request of this sandbox has."""
        return digest(self.api.sandbox.seed, "call", self.entry)

    def at(self, place: str) -> Any:
        """What stands at a place in it; None when nothing does."""
        value = value_at(self, place)
        if value is pointers.MISSING and self.files:
            return next((upload.filename for upload in self.files.get(place[1:], ())), None)
        return None if value is pointers.MISSING else value

    def about(self, job: PlannedJob, status: JobStatus | None = None) -> None:
        """The answer is about this job, standing so; without a status, as it stands by the time somebody asks."""
        if status is not None:
            self.status = status
        elif self.job is not None:  # else there was no status
            self.__dict__.pop("status", None)
        self.job = job
        resource = self.api.contract.resources[job.resource]
        self.kind, self.cost = resource.id, resource.cost if resource.cost_of is None else price(resource, job)

    def follow(self, decision: Decision) -> None:
        """The answer will be read from what was decided."""
        if decision.job is not None:
            self.about(decision.job, decision.status)
        last = decision.effects[-1] if decision.effects else None
        if type(last) is Post:
            self.caused = decision.effects
        if decision.facts:
            self.__dict__.update(decision.facts)

    @cached_property
    def status(self) -> JobStatus | None:  # type: ignore[override]
        """How its job stands; None without one."""
        return None if self.job is None else self.job.status(self.now)

    def recall(self, record: JobRecord) -> ResponseTemplate | None:
        """What was decided on such a request before, where it would be decided the same again."""
        shown: ShownAnswer | None = self.api.shown.get(record.id)
        if shown is None or shown.rev != record.rev or not shown.since <= self.now <= shown.until:
            return None
        if shown.operation is not self.operation or shown.table is not self.api.table:
            return None
        if self.account is not None and record.account != self.account.id:
            return None
        if self.operation.shared and _stranger(self, record.kept):
            return None
        if self.operation.id in self.api.refusals:
            return None
        self.shown, self.job = shown, shown.job
        return shown.answer

    def body(self, answer: ResponseTemplate) -> bytes:
        """The bytes of an answer. A client that polls is told the same again and again: that is rendered once."""
        if self.shown is not None:
            return self.shown.body
        job = self.job
        if job is None or not answer.is_steady or self.operation.verb == "create":  # a job is made but once
            return answer.body(self)
        status = job.status(self.now) if self.status is None else self.status
        shown: ShownAnswer | None = self.api.shown.get(job.id)
        bytes_before = None
        if shown is not None and shown.answer is answer and (shown.rev, shown.status) == (job.record.rev, status):
            bytes_before = shown.body
        body = answer.body(self) if bytes_before is None else bytes_before
        if len(body) <= SHOWN_BYTES:
            self._remember(job, status, answer, body, body is not bytes_before)
        return body

    def _remember(self, job: PlannedJob, status: JobStatus, answer: ResponseTemplate, body: bytes, new: bool) -> None:
        """Remember what was shown; who is shown the same a second time polls faster than it changes."""
        if len(self.api.shown) >= SHOWN:
            self.api.shown.clear()
        until = self.now
        if not new and job.fault is None:
            until = same_until(job.plan, job.created, job.moves, self.now, status.progress)
        rev, table = job.record.rev, self.api.table
        shown = ShownAnswer(rev, self.operation, table, self.now, until, answer, job, status, body)
        self.shown = self.api.shown[job.id] = shown

    def own_headers(self, answer: ResponseTemplate) -> Iterator[tuple[bytes, bytes]]:
        """The headers of an answer that facts are written into; an absent one is not there."""
        for name, render in answer.header_slots:
            value = render(self)
            if value is not None:
                yield name, value

    def example(self, name: str, job: PlannedJob | None = None) -> ResponseTemplate:
        """The prepared answer of a name, for a request about a job."""
        answer = self.api.table[self.operation.id][name]
        return answer.fitting(self.seen_with(job)) if answer.others else answer


def state_example(call: Call, job: PlannedJob, status: JobStatus) -> str:
    """The name of the example for a job in a state: a view of a quirk that is on goes before the state's own."""
    name = status.state
    for view in call.api.contract.resources[job.resource].views:
        if view.state == name and view.quirk not in call.api.off and view.low <= status.progress < view.high:
            name = view.example
            break
    return call.operation.example_of(job.resource, name)


def result_name(call: Call, job: PlannedJob) -> str:
    """The name of the result whose bytes are the answer. Raises Refused not_found where there is none of that name."""
    operation = call.operation
    name = operation.result if operation.result_of is None else reader(operation.result_of)(call)
    results = call.api.contract.resources[job.resource].results
    if name in results or str(name).startswith(UPLOAD) or (not name and len(results) == 1):
        return str(name or next(iter(results)))
    raise Refused("not_found", f"there is no result {name!r}" if name else "the request names no result")


def own_job(call: Call, records: LookedUp) -> PlannedJob:
    """The job a request names, if it is one of this operation's and this account's. Raises Refused not_found."""
    job = records.job
    if job is not None and job.fault is not None and job.fault.hides(job, call.now):
        job = None
    if job is None or job.resource not in call.operation.resources or call.api.is_gone(job, call.now):
        raise Refused("not_found", f"{_shown(call)!r} is not known")
    if call.account is not None and job.account != call.account.id:
        raise Refused("not_found", f"{_shown(call)!r} belongs to another account")
    if call.operation.shared and (parameter := _stranger(call, job.kept)):
        raise Refused("not_found", f"{_shown(call)!r} was created under another {parameter}")
    if call.operation.id in call.api.refusals:
        refuse_asked(call, job)
    return job


def refuse_asked(call: Call, job: PlannedJob | None = None) -> None:
    """Raises Refused where a request asks for that by its own words; `job` is the one it is about."""
    for fits, row in call.api.refusals.get(call.operation.id, ()):
        if fits(call.seen_with(job)):
            raise Refused(row.problem, row.title or f"the request asks for {row.problem}")


def _stranger(call: Call, values: Mapping[str, Any] | None) -> str:
    """The parameter of the path that was another one when the job was created; empty when there is none."""
    for index, place in call.operation.shared:
        if values is not None and values.get(place, call.path[index]) != call.path[index]:
            return place.partition(".")[2]
    return ""


def handle_of(call: Call, resource: str, part: str, upload: Upload) -> Handle:
    """What is kept of an uploaded part: the digest of its bytes where some answer shows it."""
    return upload.hashed() if part in call.api.hashed_parts[resource] else upload.handle


def rewritten(call: Call, job: PlannedJob) -> tuple[Effect, ...]:
    """What keeps the next revision of a job, which may occupy its owner for another time."""
    return put_job(call.api, job, call.now)


def _shown(call: Call) -> str:
    """The id as a sentence may repeat it: what is cut off must not hide the half of a secret from redaction."""
    return call.api.sandbox.redaction.text(identity(call))[:100]


def identity(call: Call) -> str:
    """The id a request names: in the path, or at the place `id_at`."""
    operation = call.operation
    if operation.id_index is not None:
        return bare_id(operation, call.path[operation.id_index])
    return bare_id(operation, str(value_at(call, operation.id_at or "")))


def bare_id(operation: Operation, word: str) -> str:
    """The id without what stands before it in a request."""
    return word.rpartition(operation.id_after)[2] if operation.id_after else word
