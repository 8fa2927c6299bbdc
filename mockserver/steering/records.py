"""What a sandbox tells of itself, as plain records. Knows the control API's JSON, and nothing of how it came here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


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
        return f"{self.api}{named} ({self.method} {self.path}){where}: {self.sentence}"


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


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands: `progress` in percent, times in seconds since 1970.

    `changes_at` is when it changes state by itself next; None when it will not.
    """

    id: str
    api: str
    resource: str
    state: str
    progress: int | None
    created: float
    changes_at: float | None
    raw: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook of one job: `outcome` is `waiting`, `delivered`, `refused`, `timeout`, … of the last attempt."""

    api: str
    job: str
    url: str
    outcome: str
    attempts: int
    raw: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule of good conduct the client broke, and how that showed."""

    rule: str
    sentence: str
    api: str
    raw: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Account:
    """A customer of an API with credentials of its own; `credits` None means endless."""

    api: str
    api_key: str
    client_id: str
    client_secret: str
    webhook_secret: str
    state: str = "active"
    credits: float | None = None

    @classmethod
    def of(cls, api: str, told: Json) -> Account:
        """From the JSON of a sandbox's API or of a new account; what the API has no use for is empty."""
        names = ("api_key", "client_id", "client_secret", "webhook_secret")
        texts = {name: str(told.get(name) or "") for name in names}
        return cls(api, **texts, state=str(told.get("state") or "active"), credits=told.get("credits"))
