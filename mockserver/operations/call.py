"""What a verb is given, what it gives back, and how it refuses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver import pointers
from mockserver.answers import Answer, Subject
from mockserver.contract import Operation
from mockserver.media import Blob
from mockserver.sandbox import SandboxApi
from mockserver.shelf import Upload
from mockserver.store import Account, Job
from mockserver.timeline import Status


class Refused(Exception):
    """A refusal: the problem's name, the field it is about and a sentence."""

    def __init__(self, problem: str, why: str = "", field: str = "") -> None:
        self.problem, self.why, self.field = problem, why, field
        super().__init__(problem)


@dataclass(slots=True)
class Call:
    """One request, read and found valid. `values` is the body, or the fields of a form; `files` by part."""

    api: SandboxApi
    operation: Operation
    now: float
    account: Account | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    values: Any = None
    files: Mapping[str, Sequence[Upload]] = field(default_factory=dict)
    basic: tuple[str, str] | None = None
    entry: int = 0

    def subject(self, job: Job | None = None, status: Status | None = None) -> Subject:
        """What the facts of the answer are read from."""
        kind = self.api.contract.resources[job.resource].id if job else "cuid"
        return Subject(self.now, job, status, self.account, self.api.links, kind=kind)


@dataclass(slots=True)
class Reply:
    """Which example to answer with, and what its facts are read from; `then` runs once the answer was sent."""

    answer: Answer | None
    subject: Subject
    blob: Blob | None = None
    then: Callable[[], None] | None = None
    job: Job | None = None


Verb = Callable[[Call], Awaitable[Reply]]


def example(call: Call, name: str) -> Answer:
    """The prepared answer of a name."""
    return call.api.table[call.operation.id][name]


def state_example(call: Call, job: Job, status: Status) -> str:
    """The name of the example for a job in a state: a view of a quirk that is on goes before the state's own."""
    resource = call.api.contract.resources[job.resource]
    name = status.state
    for view in resource.views:
        if view.state == name and view.quirk not in call.api.off and view.low <= status.progress < view.high:
            name = view.example
            break
    return f"{job.resource}.{name}" if len(call.operation.resources) > 1 else name


async def own_job(call: Call, identity: str) -> Job:
    """The job of that id, if it is one of this operation's and this account's. Raises Refused not_found."""
    job = await call.api.store.get(identity)
    if job is None or job.resource not in call.operation.resources:
        raise Refused("not_found", f"{identity[:100]!r} is not known")
    if call.account is not None and job.account != call.account.id:
        raise Refused("not_found", f"{identity[:100]!r} belongs to another account")
    return job


def identity(call: Call) -> str:
    """The id a request names: in the path, or in the body at `id_at`."""
    if call.operation.id_at is None:
        return next(iter(call.path.values()))
    return str(pointers.get(call.values, call.operation.id_at))
