"""Faults that answer instead of the verb, and the one that keeps the answer back after it. Nothing of sockets here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, final

from mockserver.clock import http_date
from mockserver.faults.base import FaultConnection, Losing, Replacing, RequestFacts
from mockserver.faults.pages import PageStyle, page
from mockserver.faults.parameters import Between
from mockserver.faults.reply import Reply

RetryAfter = Literal[
    "as_is", "seconds", "date", "missing", "zero", "huge", "garbage", "negative", "fraction", "past"
]  # fmt: skip
HUGE = b"31536000"  # a year: a client that obeys it never comes back
_WAITS: Mapping[str, Callable[[float, int], bytes]] = {
    "seconds": lambda now, wait: b"%d" % wait,
    "date": lambda now, wait: http_date(int(now) + wait).encode(),
    "zero": lambda now, wait: b"0",
    "huge": lambda now, wait: HUGE,
    "garbage": lambda now, wait: b"soon",
    "negative": lambda now, wait: b"-%d" % max(wait, 1),
    "fraction": lambda now, wait: b"%d.5" % wait,
    "past": lambda now, wait: http_date(max(int(now) - wait, 0)).encode(),
}


@final
@dataclass(frozen=True, slots=True)
class Status(Replacing):
    """Answers with a status: the operation's own example (`json`) or the HTML page of a gateway."""

    name: ClassVar[str] = "status"
    on_downloads: ClassVar[bool] = True
    revealing: ClassVar[bool] = True
    variants: ClassVar[Sequence[Mapping[str, Any]]] = (
        {}, {"status": 500}, {"status": 502, "page": "nginx"}, {"status": 429, "retry_after": "seconds", "wait": 30},
        {"retry_after": "seconds", "wait": 120}, {"retry_after": "date", "wait": 60}, {"retry_after": "garbage"},
        {"status": 429, "retry_after": "missing"}, {"status": 504, "page": "cloudfront"},
    )  # fmt: skip
    status: Annotated[int, Between(200, 599)] = 503
    page: PageStyle = "json"
    retry_after: RetryAfter = "as_is"
    wait: Annotated[int, Between(0, 86_400)] = 1

    def answer(self, facts: RequestFacts) -> Reply:
        own = facts.by_status(self.status) if self.page == "json" else None
        reply = own or page(self.page, self.status)
        if self.retry_after == "as_is":
            return reply
        if self.retry_after == "missing":
            return reply.without(b"retry-after")
        return reply.with_headers((b"retry-after", _WAITS[self.retry_after](facts.now, self.wait)))


@final
@dataclass(frozen=True, slots=True)
class RedirectLoop(Replacing):
    """Redirects every request to its own address."""

    name: ClassVar[str] = "redirect_loop"
    on_downloads: ClassVar[bool] = True
    status: Annotated[int, Between(301, 308)] = 307

    def answer(self, facts: RequestFacts) -> Reply:
        return Reply.of(self.status, b"text/plain", b"", headers=((b"location", facts.target),))


@final
@dataclass(frozen=True, slots=True)
class Unauthorized(Replacing):
    """Refuses valid credentials in the middle of a session with 401."""

    name: ClassVar[str] = "unauthorized"
    problem: Literal["expired_key", "unknown_key", "missing_key", "deactivated_key"] = "expired_key"

    def answer(self, facts: RequestFacts) -> Reply:
        return facts.by_problem((self.problem, "expired_key", "unknown_key")) or page("json", 401)


@final
@dataclass(frozen=True, slots=True)
class KeyInUse(Replacing):
    """Refuses an idempotency key: the request that has it is in work (`busy`), or said something else (`mismatch`)."""

    name: ClassVar[str] = "key_in_use"
    variants: ClassVar[Sequence[Mapping[str, Any]]] = ({}, {"problem": "mismatch"})
    problem: Literal["busy", "mismatch"] = "busy"

    def answer(self, facts: RequestFacts) -> Reply:
        return facts.by_key(self.problem) or page("json", 409)


@final
@dataclass(frozen=True, slots=True)
class AnswerLost(Losing):
    """Does what was asked (create, move, upload), then loses the answer; webhooks still go out."""

    name: ClassVar[str] = "answer_lost"
    loses_answer: ClassVar[bool] = True
    hides_headers: ClassVar[bool] = True
    revealing: ClassVar[bool] = True
    variants: ClassVar[Sequence[Mapping[str, Any]]] = ({}, {"how": "reset"})
    how: Literal["close", "reset", "hang"] = "close"

    async def lose(self, connection: FaultConnection) -> None:
        connection.take()
        if self.how == "hang":
            await connection.gone()  # and what was taken ends with its task
        elif self.how == "reset":
            connection.reset()
        else:
            connection.close()
