"""A stream as the end of an exchange: it is begun, sent, and entered in the journal once it is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from mockserver.app.incoming import ClientLeft
from mockserver.app.request import IncomingRequest
from mockserver.app.streams import Feed, FollowedReply, feed_of
from mockserver.errors import let_go
from mockserver.faults import Reply
from mockserver.journal import AnsweredFields
from mockserver.operations import Call

LEFT = "the client left the stream before its end"


class StreamExchange(Protocol):
    """A request on its way, as an exchange has it."""

    call: Call
    extra: Mapping[str, Any]
    answered: AnsweredFields | None
    why: str

    @property
    def request(self) -> IncomingRequest: ...
    @property
    def out(self) -> StreamWriter: ...


class StreamWriter(Protocol):
    """How a stream goes out."""

    async def feed(self, feed: Feed, reply: Reply) -> None: ...


async def streaming(exchange: StreamExchange) -> tuple[int, str]:
    """Send the stream that a request asks for; gives its status and the last event that was told."""
    feed, reply = begun(exchange)
    sent = reply.without_body() if exchange.request.method == "HEAD" else reply
    return await send_noted(exchange, feed, sent, exchange.out.feed(feed, sent))


def begun(exchange: StreamExchange) -> tuple[Feed, FollowedReply]:
    """The stream that a request asks for, and its head."""
    headers = exchange.request.headers
    feed = feed_of(exchange.call, headers.get(b"accept", b""), headers.get(b"last-event-id"))
    return feed, feed.reply()


async def send_noted(exchange: StreamExchange, feed: Feed, reply: Reply, sending: Awaitable[None]) -> tuple[int, str]:
    """Let it be sent, and note what was told."""
    generation = exchange.call.api.sandbox.generation
    try:
        await sending
    except ClientLeft as left:
        let_go(left)
        exchange.why = LEFT
    finally:
        exchange.answered = feed.answered(reply)
        exchange.extra = {**exchange.extra, **feed.told()}
        api, others = exchange.call.api, feed.counts - Counter([feed.last])  # the last one is that of the entry
        if not generation.is_over:
            api.state.see(exchange.call.entry, api.contract.name, exchange.call.operation.id, dict(others))
    return reply.status, feed.last
