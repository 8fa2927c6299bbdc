"""Answers that a test gives itself, in place of an operation's own: a fault in all but its name. Knows no contract."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, final

from mockserver.bounds import FAULTS, FAULTS_COUNT
from mockserver.clock import date_header
from mockserver.faults.base import Replacing, RequestFacts
from mockserver.faults.book import Armed, FaultBook
from mockserver.faults.reply import Headers, Reply
from mockserver.faults.selector import Selector

Handler = Callable[[Any], Awaitable["GivenAnswer"]]
"""Given a recorded request, gives what to answer."""


@final
@dataclass(frozen=True, slots=True)
class GivenAnswer(Replacing):
    """What a test wants to be answered. Without a body, the contract's own of a refusal; `handler` says all of it."""

    name: ClassVar[str] = "answer"
    on_downloads: ClassVar[bool] = True
    in_schedules: ClassVar[bool] = False
    in_catalogue: ClassVar[bool] = False
    status: int = 200
    headers: Headers = ()
    body: bytes | None = None
    example: str = ""
    handler: Handler | None = field(default=None, compare=False)

    def answer(self, facts: RequestFacts) -> Reply | Awaitable[Reply]:
        return self._reply(facts) if self.handler is None else self._handled(self.handler, facts)

    async def _handled(self, handler: Handler, facts: RequestFacts) -> Reply:
        assert facts.whole is not None, "whoever chooses a fault gives it the request"
        found = await handler(await facts.whole())
        return found._reply(facts)

    def _reply(self, facts: RequestFacts) -> Reply:
        own = facts.by_status(self.status) if self.body is None else None
        if own is not None:
            return own.with_headers(*self.headers)
        dated = () if any(name == b"date" for name, _ in self.headers) else (date_header(int(facts.now)),)
        return Reply.of(self.status, b"", self.body or b"", self.example, (*self.headers, *dated))


class GivenAnswers:
    """The answers that a test gave for one API: those that wait, and within bounds those that are used up."""

    def __init__(self) -> None:
        self._all: deque[Armed] = deque()

    def __iter__(self) -> Any:
        return iter(tuple(self._all))

    def arm(self, book: FaultBook, answer: GivenAnswer, operation: str, times: int | None, after: int) -> Armed:
        """Answer so from now on, behind the entry `after` of the journal. Raises FullError."""
        armed = book.arm(answer, Selector(operation=operation, times=times), after=after)
        self._all.append(armed)
        over = [each for each in self._all if each.id not in book.armed]
        while over and (len(self._all) > FAULTS_COUNT or sum(each.weight for each in self._all) > FAULTS):
            self._all.remove(over.pop(0))
        return armed
