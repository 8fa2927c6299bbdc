"""Faults that answer in the verb's stead, and the one that keeps the answer back after it. Nothing of sockets here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from mockserver.clock import http_date
from mockserver.faults.kinds import Asked, Category, Grip
from mockserver.faults.pages import Page, page
from mockserver.faults.parameters import Between
from mockserver.faults.reply import Reply

RetryAfter = Literal["as_is", "seconds", "date", "missing", "zero", "huge", "garbage"]
HUGE = b"31536000"  # a year: a client that obeys it never comes back
_WAITS: Mapping[str, Callable[[float, int], bytes]] = {
    "seconds": lambda now, wait: b"%d" % wait,
    "date": lambda now, wait: http_date(int(now) + wait).encode(),
    "zero": lambda now, wait: b"0",
    "huge": lambda now, wait: HUGE,
    "garbage": lambda now, wait: b"soon",
}


@dataclass(frozen=True, slots=True)
class Status:
    """Answers with a status: the operation's own example (`json`) or the HTML page of a gateway."""

    name: ClassVar[str] = "status"
    category: ClassVar[Category] = "answer"
    times: ClassVar[int | None] = None
    status: Annotated[int, Between(200, 599)] = 503
    page: Page = "json"
    retry_after: RetryAfter = "as_is"
    wait: Annotated[int, Between(0, 86_400)] = 1

    def answer(self, asked: Asked) -> Reply:
        own = asked.by_status(self.status) if self.page == "json" else None
        reply = own or page(self.page, self.status)
        if self.retry_after == "as_is":
            return reply
        if self.retry_after == "missing":
            return reply.without(b"retry-after")
        return reply.with_headers((b"retry-after", _WAITS[self.retry_after](asked.now, self.wait)))


@dataclass(frozen=True, slots=True)
class RedirectLoop:
    """Redirects every request to its own address."""

    name: ClassVar[str] = "redirect_loop"
    category: ClassVar[Category] = "answer"
    times: ClassVar[int | None] = None
    status: Annotated[int, Between(301, 308)] = 307

    def answer(self, asked: Asked) -> Reply:
        return Reply.of(self.status, b"text/plain", b"", headers=((b"location", asked.target),))


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """Refuses valid credentials in the middle of a session with 401."""

    name: ClassVar[str] = "unauthorized"
    category: ClassVar[Category] = "answer"
    times: ClassVar[int | None] = None
    problem: Literal["expired_key", "unknown_key", "missing_key", "deactivated_key"] = "expired_key"

    def answer(self, asked: Asked) -> Reply:
        return asked.by_problem((self.problem, "expired_key", "unknown_key")) or page("json", 401)


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """Does what was asked (create, move, upload), then loses the answer; webhooks still go out."""

    name: ClassVar[str] = "answer_lost"
    category: ClassVar[Category] = "answer"
    times: ClassVar[int | None] = None
    how: Literal["close", "reset", "hang"] = "close"

    async def lose(self, grip: Grip) -> None:
        grip.take()
        if self.how == "hang":
            await grip.gone()
        elif self.how == "reset":
            grip.reset()
        else:
            grip.close()
