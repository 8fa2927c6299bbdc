"""What a sandbox tells of itself, as plain records. Knows the control API's JSON, and nothing of how it came here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mockserver.errors import is_on_purpose
from mockserver.json_types import Json
from mockserver.printable import one_line
from mockserver.reprs import brief, origin

__tracebackhide__ = is_on_purpose


def moment(text: str | None) -> float | None:
    """`2001-09-09T01:46:40.000Z` → seconds since 1970."""
    return None if text is None else datetime.fromisoformat(text).timestamp()


def vendor_path(path: str, api: str) -> str:
    """The vendor's own path: what stands behind sandbox and API."""
    _, prefix, own_path = path.partition(f"/{api}/")
    return f"/{own_path}" if prefix and (path.startswith((f"/{api}/", "/@"))) else path


def line(entry: Entry) -> str:
    """One entry as a line: number, the sandbox's time, what was asked, what came of it."""
    request = f"{entry.method} {vendor_path(entry.path, entry.api)}" if entry.method else entry.kind
    answered = f"{entry.status} {entry.example}".strip() if entry.status else ""
    fault = f"fault {entry.fault}" if entry.fault else ""
    operation = f"{entry.api}.{entry.operation}" if entry.operation else entry.api
    parts = (f"{entry.n:>4} {entry.at:.3f} {operation}", request, answered, fault, entry.why)
    return one_line("  ".join(part for part in parts if part))


@dataclass(frozen=True, slots=True, repr=False)
class Violation:
    """A request that broke the contract: its number in the journal, where it was broken, and how."""

    n: int
    api: str
    operation: str
    method: str
    path: str
    pointer: str
    sentence: str

    def __repr__(self) -> str:
        return brief("Violation", f"{self.n}:", self)

    def __str__(self) -> str:
        where = f" {self.pointer}" if self.pointer else ""
        operation = f" {self.operation}" if self.operation else ""
        request = f"{self.method} {vendor_path(self.path, self.api)}"
        return one_line(f"{self.api}{operation} ({request}){where}: {self.sentence}")


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One line of the journal. `at` is the sandbox's time, `seconds` real time; `why` is the reason of a refusal."""

    n: int
    at: float
    kind: str
    api: str
    operation: str
    method: str
    path: str
    status: int
    example: str
    why: str
    seconds: float
    fault: str
    violation: Violation | None
    raw: Json = field(compare=False)

    def __repr__(self) -> str:
        return brief("Entry", line(self).strip())

    @property
    def mismatches(self) -> tuple[str, ...]:
        """What uploaded files were said to be, and what their bytes were."""
        return tuple(self.raw.get("mismatches", ()))


@dataclass(frozen=True, slots=True, repr=False)
class Job:
    """A job as it stands: `progress` in percent, times in seconds since 1970.

    `changes_in` are the seconds until it changes state by itself; None when it will not. `outcome` is where it will
    end unless it is moved.
    """

    id: str
    api: str
    resource: str
    state: str
    progress: int
    created: float
    ended: float | None
    outcome: str
    error: str | None
    changes_in: float | None
    raw: Json = field(compare=False)

    def __repr__(self) -> str:
        error = f"({self.error})" if self.error else ""
        return brief("Job", f"{self.id}:", self.api, self.resource, self.state, error, f"{self.progress} %")


@dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """One attempt at a delivery: what was sent, and the status that came back, None without an answer."""

    at: float | None
    outcome: str
    status: int | None
    sentence: str
    headers: Mapping[str, str]
    body: str

    def __repr__(self) -> str:
        answered = "without an answer" if self.status is None else f"answered {self.status}"
        return brief("Attempt", f"{self.outcome},", f"{answered},", f"{len(self.body)} characters")


@dataclass(frozen=True, slots=True, repr=False)
class Delivery:
    """One webhook of one job: `outcome` is `waiting`, `delivered`, `refused`, `timeout`, … of the last attempt."""

    api: str
    job: str
    url: str
    outcome: str
    attempts: tuple[Attempt, ...]
    raw: Json = field(compare=False)

    def __repr__(self) -> str:
        many = "1 attempt" if len(self.attempts) == 1 else f"{len(self.attempts)} attempts"
        return brief("Delivery", f"of {self.api} job {self.job} to {origin(self.url)}:", f"{self.outcome},", many)


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """A rule of good conduct the client broke, and how that showed."""

    rule: str
    sentence: str
    api: str
    raw: Json = field(compare=False)

    def __repr__(self) -> str:
        return brief("Finding", self.api, f"{self.rule}:", self.sentence)


def job_of(document: Json) -> Job:
    """A job from the control API's JSON."""
    plain = {name: document[name] for name in ("id", "api", "resource", "state", "progress", "outcome", "error")}
    times = {name: moment(document[name]) for name in ("created", "ended")}
    return Job(**plain, **times, changes_in=document.get("changes_in"), raw=document)  # type: ignore[arg-type]


def delivery_of(document: Json) -> Delivery:
    """A webhook from the control API's JSON."""
    attempts = tuple(_attempt_of(attempt) for attempt in document["attempts"])
    return Delivery(document["api"], document["job"], document["url"], document["outcome"], attempts, document)


def _attempt_of(document: Json) -> Attempt:
    plain = {name: document[name] for name in ("outcome", "status", "sentence", "headers", "body")}
    return Attempt(moment(document["at"]), **plain)


def findings_of(documents: Sequence[Json] | None) -> list[Finding]:
    """All judgements on conduct; none where there is no list of them."""
    return [finding_of(document) for document in documents or ()]


def finding_of(document: Json) -> Finding:
    """A judgement on conduct from the control API's JSON."""
    sentence = document.get("sentence") or document.get("why") or ""
    return Finding(str(document["rule"]), str(sentence), str(document.get("api") or ""), document)


def entry_of(document: Json) -> Entry:
    """An entry of the journal from the control API's JSON."""
    texts = {name: str(document.get(name) or "") for name in ("api", "operation", "method", "path")}
    broken = document.get("violation")
    details = {name: str(document.get(name) or "") for name in ("example", "why", "fault")}
    return Entry(
        n=document["n"],
        at=moment(document["at"]) or 0.0,
        kind=document["kind"],
        status=document.get("status") or 0,
        seconds=document.get("seconds") or 0.0,
        violation=Violation(document["n"], **texts, **broken) if broken else None,
        raw=document,
        **texts,
        **details,
    )
