"""What an exchange needs of who drives it: a way out for its answer, and the faults that may meet it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol, TypeVar

from mockserver.answers import ResponseTemplate
from mockserver.app.streams import Feed
from mockserver.faults import Reply
from mockserver.operations import Call
from mockserver.state.port import Begin, Begun

T = TypeVar("T")
SentStatus = tuple[int, str]
"""Status and example of what was sent; no status where nothing was."""


class Faults(Protocol):
    """The faults that may meet a request."""

    async def act_first(self) -> bool:
        """Whether one acted instead of the verb."""

    async def perform(self, begin: Begin, begun: Begun) -> ResponseTemplate | None:
        """Let the verb do its work, and faults take hold of its job."""

    async def respond(self, answer: ResponseTemplate | None) -> SentStatus:
        """Send the answer as they leave it."""

    def told(self) -> str:
        """The names of those that took effect."""

    def end(self) -> None:
        """The request is over."""


class Output(Protocol):
    """How an answer goes out."""

    def faults(self, exchange: Any) -> Faults:
        """Those that may meet this request."""

    def answer(self, call: Call, answer: ResponseTemplate, body: bytes, lines: bytes) -> Awaitable[None] | None:
        """A prepared answer and the header lines that are its own; None where it went out at once."""

    async def blob(self, call: Call) -> SentStatus:
        """The bytes of a result."""

    async def feed(self, feed: Feed, reply: Reply) -> None:
        """What happens to a job, as it happens."""

    def while_present(self, work: Awaitable[T], *, ends: bool = False) -> Awaitable[T]:
        """Work that is given up when the client leaves."""
