"""What a sandbox tells of itself, as plain records. Knows the control API's JSON, and nothing of how it came here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mockserver.errors import is_on_purpose
from mockserver.printable import one_line
from mockserver.steering.json_types import Json

__tracebackhide__ = is_on_purpose


def moment(text: str | None) -> float | None:
    """`2001-09-09T01:46:40.000Z` → seconds since 1970."""
    return None if text is None else datetime.fromisoformat(text).timestamp()


def vendor_path(path: str, api: str) -> str:
    """The vendor's own path: what stands behind sandbox and API."""
    _, found, rest = path.partition(f"/{api}/")
    return f"/{rest}" if found and (path.startswith((f"/{api}/", "/@"))) else path


@dataclass(frozen=True, slots=True)
class Violation:
    """A request that broke the contract: its number in the journal, where it was broken, and how."""

    n: int
    api: str
    operation: str
    method: str
    path: str
    pointer: str
    sentence: str

    def __str__(self) -> str:
        where = f" {self.pointer}" if self.pointer else ""
        named = f" {self.operation}" if self.operation else ""
        asked = f"{self.method} {vendor_path(self.path, self.api)}"
        return one_line(f"{self.api}{named} ({asked}){where}: {self.sentence}")


@dataclass(frozen=True, slots=True)
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
    raw: Json = field(repr=False, compare=False)

    @property
    def mismatches(self) -> tuple[str, ...]:
        """What uploaded files were said to be, and what their bytes were."""
        return tuple(self.raw.get("mismatches", ()))


@dataclass(frozen=True, slots=True)
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
    raw: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a delivery: what was sent, and the status that came back, None without an answer."""

    at: float | None
    outcome: str
    status: int | None
    sentence: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook of one job: `outcome` is `waiting`, `delivered`, `refused`, `timeout`, … of the last attempt."""

    api: str
    job: str
    url: str
    outcome: str
    attempts: tuple[Attempt, ...]
    raw: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule of good conduct the client broke, and how that showed."""

    rule: str
    sentence: str
    api: str
    raw: Json = field(repr=False, compare=False)


def job_of(told: Json) -> Job:
    """A job from the control API's JSON."""
    plain = {name: told[name] for name in ("id", "api", "resource", "state", "progress", "outcome", "error")}
    times = {name: moment(told[name]) for name in ("created", "ended")}
    return Job(**plain, **times, changes_in=told.get("changes_in"), raw=told)  # type: ignore[arg-type]


def delivery_of(told: Json) -> Delivery:
    """A webhook from the control API's JSON."""
    attempts = tuple(_attempt_of(each) for each in told["attempts"])
    return Delivery(told["api"], told["job"], told["url"], told["outcome"], attempts, told)


def _attempt_of(told: Json) -> Attempt:
    plain = {name: told[name] for name in ("outcome", "status", "sentence", "headers", "body")}
    return Attempt(moment(told["at"]), **plain)


def finding_of(told: Json) -> Finding:
    """A judgement on conduct from the control API's JSON."""
    sentence = told.get("sentence") or told.get("why") or ""
    return Finding(str(told["rule"]), str(sentence), str(told.get("api") or ""), told)


def entry_of(told: Json) -> Entry:
    """An entry of the journal from the control API's JSON."""
    texts = {name: str(told.get(name) or "") for name in ("api", "operation", "method", "path")}
    broken = told.get("violation")
    rest = {name: str(told.get(name) or "") for name in ("example", "why", "fault")}
    return Entry(
        n=told["n"],
        at=moment(told["at"]) or 0.0,
        kind=told["kind"],
        status=told.get("status") or 0,
        seconds=told.get("seconds") or 0.0,
        violation=Violation(told["n"], **texts, **broken) if broken else None,
        raw=told,
        **texts,
        **rest,
    )
