"""Answers that a test gives itself, in place of an operation's own: a fault in all but its name. Knows no contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, final

from mockserver.clock import date_header
from mockserver.faults.base import Fault, Replacing, RequestFacts
from mockserver.faults.reply import Reply
from mockserver.header_types import RawHeaders
from mockserver.problems import MEDIA_TYPE, problem
from mockserver.state.records import ArmedFault

Kept = bytes | str
"""Where the record was written as JSON, bytes are text of one character each."""
GivenHandler = Callable[[Any], Awaitable["GivenAnswer"]]
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
    headers: RawHeaders = ()
    body: bytes | None = None
    example: str = ""
    handler: GivenHandler | None = field(default=None, compare=False)

    def answer(self, facts: RequestFacts) -> Reply | Awaitable[Reply]:
        return self._reply(facts) if self.handler is None else self._handled(self.handler, facts)

    async def _handled(self, handler: GivenHandler, facts: RequestFacts) -> Reply:
        assert facts.whole is not None, "whoever chooses a fault gives it the request"
        answer = await handler(await facts.whole())
        return answer._reply(facts)

    def _reply(self, facts: RequestFacts) -> Reply:
        own = facts.by_status(self.status) if self.body is None else None
        if own is not None:
            return own.with_headers(*self.headers)
        dated = () if any(name == b"date" for name, _ in self.headers) else (date_header(int(facts.now)),)
        return Reply.of(self.status, b"", self.body or b"", self.example, (*self.headers, *dated))


def elsewhere(record: ArmedFault) -> Fault | None:
    """What stands here for an answer whose callable lives in another process: a sentence that says so."""
    return GivenAnswer(handler=_elsewhere) if record.name == GivenAnswer.name else None


async def _elsewhere(record: Any) -> GivenAnswer:
    why = "a callable of a test answers this, in another process of this server than the one that the request has met"
    return GivenAnswer(500, ((b"content-type", MEDIA_TYPE.encode()),), problem(500, why))


def revived(record: ArmedFault) -> Fault:
    """The fault that was armed so."""
    if record.name == GivenAnswer.name:
        return _given(**record.parameters)
    from mockserver.faults.catalogue import CATALOGUE

    return CATALOGUE[record.name](**record.parameters)


def _given(headers: Iterable[tuple[Kept, Kept]], body: Kept | None, **more: Any) -> GivenAnswer:
    lines = tuple([(_bytes(name), _bytes(value)) for name, value in headers])
    return GivenAnswer(headers=lines, body=None if body is None else _bytes(body), **more)


def _bytes(text: Kept) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
