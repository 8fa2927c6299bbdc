"""What the facts of one answer are read from. Reads and writes nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mockserver.draws import IdKind
from mockserver.jobs import PlannedJob
from mockserver.message import Message
from mockserver.ratelimit import Hit
from mockserver.store import AccountRecord, Handle
from mockserver.timeline import JobStatus


class LinkMaker(Protocol):
    """Who makes URLs: of results, of uploaded parts, of signed operations. `full` False gives the path alone.

    It knows what webhooks are signed with as well: the secret of a resource, and the public keys of an account. What
    expires is reckoned from `now`.
    """

    def result(self, job: PlannedJob, name: str, full: bool, now: float) -> str | None: ...
    def upload(self, job: PlannedJob, part: str, full: bool, now: float) -> str | None: ...
    def operation(self, job: PlannedJob, operation: str, now: float) -> str | None: ...
    def produced(self, job: PlannedJob, name: str, now: float) -> str | None: ...
    def page(self, operation: str, query: Sequence[tuple[str, str]], path: Sequence[str] = ()) -> str: ...
    def size(self, handle: Handle) -> int | None: ...
    def secret(self, job: PlannedJob) -> str | None: ...
    def public_key(self, account: AccountRecord) -> str | None: ...
    def keys(self, account: AccountRecord | None, now: float) -> list[dict[str, Any]]: ...


class AnsweredRequest(Protocol):
    """The request that is being answered."""

    @property
    def ticket(self) -> bytes:
        """64 bytes that no other request of this sandbox has."""

    @property
    def accepts(self) -> str | None:
        """The media type of an answer that it wants, where somebody looks at that."""

    def at(self, place: str) -> Any:
        """What stands at a place in it; None when nothing does."""


@dataclass(slots=True)
class Page:
    """A page of a list: rendered items, and what its facts say; what is absent is None.

    `first` and `last` are ids on it, `next` and `previous` lead to its neighbours.
    """

    items: bytes
    limit: int
    count: int = 0
    more: bool = False
    first: str | None = None
    last: str | None = None
    next: str | int | None = None
    previous: str | int | None = None
    next_url: str | None = None
    previous_url: str | None = None
    link: str | None = None
    url: str | None = None
    total: int | None = None
    pages: int | None = None
    number: int | None = None
    offset: int | None = None
    first_url: str | None = None
    last_url: str | None = None

    @property
    def start(self) -> int | None:
        """The place of the first on it among all, from 1."""
        return None if self.offset is None or not self.count else self.offset + 1

    @property
    def end(self) -> int | None:
        """The place of the last on it."""
        return None if self.offset is None or not self.count else self.offset + self.count


class Subject:
    """All that the facts of one answer are read from. What is not set is absent, and costs nothing.

    `row` is the one of an array that is being written, `piece` what was sent of an upload by this request.
    """

    job: PlannedJob | None = None
    status: JobStatus | None = None
    account: AccountRecord | None = None
    links: LinkMaker | None = None
    page: Page | None = None
    hit: Hit | None = None
    why: str | None = None
    field: str | None = None
    token: str | None = None
    expires_in: int | None = None
    kind: IdKind = "cuid"
    cost: float = 0
    credits: float | None = None
    asked: AnsweredRequest | None = None
    row: Any = None
    webhook: Message | None = None
    piece: Handle | None = None
    tells_secret: bool = False
    """Whether a secret was read off it, which stands in the answer then."""

    def __init__(self, now: float, **facts: Any) -> None:
        self.now = now
        for name, value in facts.items():
            setattr(self, name, value)

    @property
    def told_at(self) -> float:
        """When it is told: a webhook may tell of an earlier moment."""
        return self.now if self.webhook is None else self.webhook.sent


def telling(read: Callable[[Subject], Any]) -> Callable[[Subject], Any]:
    """What reads a secret: the subject notes that it was told."""

    def reader(subject: Subject) -> Any:
        subject.tells_secret = True
        return read(subject)

    return reader
